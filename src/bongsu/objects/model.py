"""What an object store is to everybody else, and what a key may look like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.kit.text import head

LIMIT_S = 2.0  # for each call, unless the caller gives another
KEY_LIMIT = 240  # characters: a key is also a file name in the outbox
LIST_LIMIT = 1000
BINARY = "application/octet-stream"

# No empty, hidden, `.` or `..` segment, so a key under a folder stays under it and our own dot files are free.
_SEGMENT = r"[A-Za-z0-9_=][A-Za-z0-9_=.@+-]*"
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")


@dataclass(frozen=True, slots=True)
class Stored:
    key: str
    size_bytes: int
    modified: datetime


class ObjectStore(Protocol):
    """Every call ends within its limit or raises ObjectsAway; a wrong key raises Invalid."""

    async def put(
        self, key: str, body: bytes, content_type: str = BINARY, timeout_s: float = LIMIT_S
    ) -> None:
        """Whole or not at all; replaces what was there."""

    async def get(self, key: str, timeout_s: float = LIMIT_S) -> bytes:
        """Raises NotFound."""

    async def list(self, prefix: str = "", limit: int = LIST_LIMIT) -> Sequence[Stored]:
        """In order of keys. `prefix` is whole segments: `failed/shop` or `failed/shop/`, not `failed/sh`."""

    async def delete(self, key: str) -> None:
        """Nothing happens when it is not there."""


def check_key(key: str) -> str:
    """Raises Invalid."""
    if len(key) > KEY_LIMIT or not _KEY.fullmatch(key):
        raise Invalid(
            say(
                "{key} cannot be the name of an object. Use letters, digits and - _ . = + @ between slashes,"
                " at most {limit} characters.",
                key=head(repr(key), 80),
                limit=KEY_LIMIT,
            )
        )
    return key


def check_prefix(prefix: str) -> str:
    """The prefix without its last slash. Raises Invalid."""
    bare = prefix.removesuffix("/")
    return check_key(bare) if bare else ""

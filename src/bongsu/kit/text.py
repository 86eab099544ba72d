"""Small, safe handling of text that came from outside."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

from bongsu.kit.i18n import say

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def is_slug(text: str) -> bool:
    """Names of things in files and addresses: a-z, 0-9 and inner hyphens, at most 63."""
    return _SLUG.fullmatch(text) is not None


def slug(text: str, example: str) -> str:
    """The text, or a ValueError whose argument is the sentence, as validators of drafts raise it."""
    if not is_slug(text):
        said = say("Use a-z, 0-9 and inner hyphens, at most 63, such as {name}.", name=example)
        raise ValueError(said)
    return text


def slugify(text: str, fallback: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].strip("-")
    return slug or fallback


def head(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def decode(body: bytes) -> str:
    """UTF-8 with replacement; NUL and other control characters but tab and newline become U+FFFD."""
    text = body.decode("utf-8", "replace")
    return "".join(c if c >= " " or c in "\t\n\r" else "\ufffd" for c in text)


def one_line(text: str) -> str:
    """For log lines and mail headers: no line breaks, no control characters, single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def cells(text: str) -> int:
    """How many columns of a terminal it takes: Korean letters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def columns(rows: Sequence[Sequence[str]], indent: str = "") -> list[str]:
    """Lines whose columns stand below each other; the last one is not padded."""
    widths = [max(map(cells, column)) for column in zip_longest(*rows, fillvalue="")]
    return [
        indent
        + "  ".join(
            cell if index == len(row) - 1 else cell + " " * (widths[index] - cells(cell))
            for index, cell in enumerate(row)
        ).rstrip()
        for row in rows
    ]

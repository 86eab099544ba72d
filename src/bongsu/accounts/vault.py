"""Seals the secrets of second factors. The key lives outside the database: whoever reads that alone has nothing.

`secret_key` (a reference such as env:NAME or file:/path) names it; without it, a file of mode 0600 in the data
folder is made at the first use. Several lines are several keys: the first seals, all of them open.
"""

import asyncio
import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bongsu.kit.errors import Unavailable
from bongsu.kit.i18n import Said, say
from bongsu.kit.secretref import Secrets
from bongsu.kit.settings import Settings

KEY_FILE = "second-factor.key"
KEY_LENGTH = 32  # characters, at least
_VERSION = "1"
_NONCE_BYTES = 12
_LABEL = b"bongsu/second-factor/1"


class KeyAway(Unavailable):
    """The key is not here, or not the one that sealed; whoever runs the place can mend that."""

    code = "key_away"


@dataclass(frozen=True, slots=True)
class Keyring:
    """Pure: seals with the first key, opens with whichever sealed. `repr` shows no key."""

    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def read(cls, text: str) -> "Keyring":
        """One key a line, of at least 32 characters. Raises KeyAway."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if not lines or min(len(line) for line in lines) < KEY_LENGTH:
            raise KeyAway(
                say(
                    "The key that seals second factors is too short. "
                    "Give at least 32 random characters a line, such as from: openssl rand -hex 32."
                )
            )
        return cls(tuple(hmac.new(line.encode(), _LABEL, "sha256").digest() for line in lines))

    def seal(self, user_id: int, plain: str) -> str:
        """Opens for this person only: a row that is copied to somebody else's name is worth nothing."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        body = nonce + AESGCM(self.keys[0]).encrypt(nonce, plain.encode(), _whose(user_id))
        return f"{_VERSION}.{_name(self.keys[0])}.{urlsafe_b64encode(body).decode()}"

    def open(self, user_id: int, sealed: str) -> str:
        """Raises KeyAway when no key of ours sealed it."""
        _, name, text = sealed.split(".")
        body = urlsafe_b64decode(text)
        for key in self.keys:
            if _name(key) == name:
                with suppress(InvalidTag):
                    nonce, rest = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
                    return AESGCM(key).decrypt(nonce, rest, _whose(user_id)).decode()
        raise KeyAway(_lost(name))

    def opens(self, user_id: int, sealed: str) -> bool:
        try:
            self.open(user_id, sealed)
        except KeyAway:
            return False
        return True


def _whose(user_id: int) -> bytes:
    return f"user/{user_id}".encode()


def _name(key: bytes) -> str:
    """Tells keys apart; says nothing of them."""
    return hashlib.sha256(b"name" + key).hexdigest()[:8]


def _lost(name: str) -> Said:
    return say(
        "The key {name} that sealed this second factor is not here. Put back data/second-factor.key or "
        "secret_key as they were; until then a recovery code opens, or an administrator resets it.",
        name=name,
    )


class Vault:
    """One for each process; reads the key once."""

    def __init__(self, settings: Settings, reveal: Secrets) -> None:
        self._reference, self._path = settings.secret_key, settings.data / KEY_FILE
        self._reveal = reveal
        self._keyring: Keyring | None = None

    async def keyring(self) -> Keyring:
        """Never inside a transaction: it may read a file or ask AWS. Raises SecretAway, KeyAway."""
        if self._keyring is None:
            self._keyring = Keyring.read(await self._text())
        return self._keyring

    async def _text(self) -> str:
        if self._reference:
            return await self._reveal.reveal(self._reference)
        return await asyncio.to_thread(own_key, self._path)


def own_key(path: Path) -> str:
    """What the file holds; made when it is not there. Raises KeyAway when it cannot be."""
    try:
        if not path.exists():
            _make(path)
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyAway(
            say(
                "The key file {path} cannot be read or made ({why}). Check the folder and its owner.",
                path=str(path),
                why=type(error).__name__,
            )
        ) from error


def _make(path: Path) -> None:
    """Whole or not at all, and never over another's: two processes may start at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()

"""Addresses in mails that act without a session: signed with the person’s key, good for one thing only. Pure."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

SCOPES = ("thing", "project", "kind", "all")
_MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class WayOut:
    """What the person wants no more of: `thing` task/42, `project` project/1, `kind` commented, or `all`."""

    user_id: int
    scope: str
    target: str = ""


def address(public_url: str, one: WayOut, secret: str) -> str:
    return f"{public_url}/unsubscribe/{token(one, secret)}"


def token(one: WayOut, secret: str) -> str:
    payload = f"{one.user_id}.{one.scope}.{one.target}".encode()
    return f"{_coded(payload)}.{_coded(_mac(payload, secret))}"


def claimed(text: str) -> WayOut | None:
    """What a token says, before anybody knows whether it is true."""
    payload = _plain(text.partition(".")[0])
    user_id, _, rest = payload.decode("utf-8", "replace").partition(".")
    scope, _, target = rest.partition(".")
    if not user_id.isascii() or not user_id.isdigit() or len(user_id) > 18 or scope not in SCOPES:
        return None
    return WayOut(int(user_id), scope, target)


def is_signed(text: str, secret: str) -> bool:
    payload, _, mac = text.partition(".")
    return hmac.compare_digest(_plain(mac), _mac(_plain(payload), secret))


def _mac(payload: bytes, secret: str) -> bytes:
    return hmac.new(secret.encode(), payload, hashlib.sha256).digest()[:_MAC_BYTES]


def _coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _plain(text: str) -> bytes:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""

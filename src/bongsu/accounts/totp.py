"""Codes of the second factor (RFC 6238: SHA-1, six digits, 30 s) and recovery codes: pure but for new secrets."""

import hmac
import secrets
from datetime import datetime

import pyotp

from bongsu.kit.ids import token_hash

STEP_S = 30
DRIFT_STEPS = (0, -1, 1)  # a phone's clock may be half a minute off
CODE_DIGITS = 6
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstvwxyz0123456789"  # 32; without i, l, o, u, which are misread
_GROUPS, _GROUP_LENGTH = 4, 4  # 80 bits: too many to be found from their hashes


def new_secret() -> str:
    """160 bits in base32, as authenticators take them."""
    return pyotp.random_base32()


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP_S


def code_at(secret: str, step: int) -> str:
    return pyotp.HOTP(secret).at(step)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Whose code it is, of this step and its neighbours. All are compared, whichever it is."""
    steps = [step_at(now) + drift for drift in DRIFT_STEPS]
    hits = [step for step in steps if hmac.compare_digest(code_at(secret, step), code)]
    return max(hits, default=None)


def address(secret: str, email: str, place: str) -> str:
    """What the QR code says. `place` is the host, as people have several of these in one list."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=f"Bongsu {place}")


def grouped(secret: str) -> str:
    """For typing: four letters at a time."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def plain(typed: str) -> str:
    """A code as it was meant: without the spaces and hyphens that people put in."""
    return "".join(typed.split()).replace("-", "").lower()


def is_code(typed: str) -> bool:
    """Whether it looks like one of the authenticator; anything else may be a recovery code."""
    text = plain(typed)
    return len(text) == CODE_DIGITS and text.isascii() and text.isdecimal()


def new_recovery_codes() -> tuple[str, ...]:
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def _recovery_code() -> str:
    letters = [secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP_LENGTH)]
    groups = range(0, len(letters), _GROUP_LENGTH)
    return "-".join("".join(letters[at : at + _GROUP_LENGTH]) for at in groups)


def recovery_hash(typed: str) -> str:
    return token_hash(plain(typed))

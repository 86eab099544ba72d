"""What lets people in, how long it does, and how often one may try: pure."""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bongsu.accounts.model import Actor
from bongsu.kit.clock import iso
from bongsu.kit.i18n import say

SESSION_IDLE = timedelta(hours=12)
SESSION_LENGTH = timedelta(days=14)  # absolute, however busy
HALF_LENGTH = timedelta(minutes=5)  # from the password to the code
FRESH = timedelta(minutes=10)  # so long after signing in, the password is not asked for again
SEEN_STEP = timedelta(minutes=1)  # `seen_at` is written at most this often
DOOR_LENGTH = timedelta(hours=24)
TOKEN_PREFIX = "bgs"  # noqa: S105  a prefix, not a secret
TOKEN_LENGTH_DAYS = 365  # the longest an API token may live

FIRST_WAIT_S = 60
LONGEST_WAIT_S = 15 * 60
FORGET_AFTER = timedelta(minutes=15)

# How a session was opened, first step first: "password totp", "oidc mfa", "link".
WAYS = {
    "password": say("by password"),
    "link": say("by one-time link"),
    "oidc": say("through the provider"),
    "mfa": say("with the provider’s second factor"),
    "totp": say("with a code"),
    "recovery": say("with a recovery code"),
}
SECOND_FACTORS = frozenset({"totp", "recovery", "mfa"})


@dataclass(frozen=True, slots=True)
class Session:
    """`token_hash` is what the cookie hashes to; `csrf` must come back with every write."""

    token_hash: str
    user_id: int
    csrf: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    opened_by: str = "password"

    @property
    def id(self) -> str:
        """Names the session in lists and addresses; opens nothing."""
        return self.token_hash[:16]

    def shown_csrf(self, salt: str) -> str:
        """Another text for each page, so that a compressed page does not give it away byte by byte."""
        return f"{salt}.{hmac.new(self.csrf.encode(), salt.encode(), 'sha256').hexdigest()}"

    def accepts_csrf(self, given: str) -> bool:
        expected = self.shown_csrf(given.partition(".")[0])
        return hmac.compare_digest(given.encode(), expected.encode())

    def lives(self, now: datetime) -> bool:
        return now < self.expires_at and now < self.seen_at + SESSION_IDLE

    def is_fresh(self, now: datetime) -> bool:
        """Whether who holds it has just shown who they are."""
        return now < self.created_at + FRESH

    def seen_long_ago(self, now: datetime) -> bool:
        return now >= self.seen_at + SEEN_STEP

    def shown(self, current: bool) -> dict[str, Any]:
        times = {name: iso(getattr(self, name)) for name in ("created_at", "seen_at", "expires_at")}
        place = {"address": self.address, "agent": self.agent}
        opened = {"opened_by": self.opened_by.split()}
        return {"id": self.id, **times, **place, **opened, "current": current}


def has_second_factor(opened_by: str, oidc_trusted: bool) -> bool:
    """Whether a session that was opened in these ways counts as one of two factors."""
    ways = set(opened_by.split())
    return not ways.isdisjoint(SECOND_FACTORS) or (oidc_trusted and "oidc" in ways)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A living session and the person as they are now: roles are never kept in a session.

    `must_enrol`: a second factor is compulsory and this session has none; it reaches nothing else.
    """

    session: Session
    actor: Actor
    must_enrol: bool = False


@dataclass(frozen=True, slots=True)
class HalfSession:
    """The first step was right. Opens nothing but the second."""

    token_hash: str
    user_id: int
    opened_by: str
    expires_at: datetime

    def lives(self, now: datetime) -> bool:
        return now < self.expires_at


@dataclass(frozen=True, slots=True)
class ApiToken:
    id: int
    user_id: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None

    def lives(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def shown(self) -> dict[str, Any]:
        times = {
            name: iso(at) if (at := getattr(self, name)) else None
            for name in ("created_at", "expires_at", "used_at", "revoked_at")
        }
        return {"id": self.id, "name": self.name, "scopes": list(self.scopes), **times}


@dataclass(frozen=True, slots=True)
class Door:
    """A one-time link. `user_id` is empty for the first administrator, who does not exist yet."""

    token_hash: str
    purpose: str  # admin | invite | reset | verify | email
    user_id: int | None
    expires_at: datetime
    used_at: datetime | None
    email: str | None = None  # the new address that a link of `email` was sent to

    def opens(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Tries:
    count: int
    window_ends_at: datetime  # no further try before; and the start of forgetting


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` tries, then a wait that doubles with each further one; forgotten after a quiet quarter hour."""

    key: str
    free: int

    def wait_s(self, tries: Tries, now: datetime) -> float:
        """Seconds until the next try may be made; 0 when it may be made now."""
        if tries.count < self.free:
            return 0.0
        return max(0.0, (tries.window_ends_at - now).total_seconds())

    def count(self, tries: Tries, now: datetime) -> Tries:
        """What is kept once a try is let in. Counting comes before the password is looked at, so that
        many tries at once cannot slip in together."""
        forgotten = now >= tries.window_ends_at + FORGET_AFTER
        count = 1 if forgotten else tries.count + 1
        return Tries(count, now + timedelta(seconds=self._length_s(count)))

    def forgive(self, tries: Tries, now: datetime) -> Tries:
        """Takes one try back: it was a right one."""
        count = max(0, tries.count - 1)
        return Tries(count, now + timedelta(seconds=self._length_s(count)))

    def _length_s(self, count: int) -> int:
        if count < self.free:
            return 0
        return int(min(FIRST_WAIT_S * 2 ** min(count - self.free, 10), LONGEST_WAIT_S))

    def left(self, tries: Tries) -> int:
        return max(0, self.free - tries.count)


def account_key(email: str) -> str:
    """A hash, as people type passwords into the wrong field."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def address_group(address: str) -> str:
    """One household of IPv6 has a whole /64; anything that is no address stands for itself."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def limits_for(email: str, address: str) -> tuple[Limit, Limit, Limit]:
    """The pair first: one address that guesses shuts itself out, not the owner who signs in elsewhere.

    The account's own limit is far above what one address can reach, and none is global.
    """
    account, place = account_key(email), address_group(address)
    return (
        Limit(f"pair:{account}:{place}", 5),
        Limit(f"address:{place}", 20),
        Limit(f"account:{account}", 60),
    )


def limits_for_code(email: str, address: str) -> tuple[Limit, Limit, Limit]:
    """Of the second step. Counters of their own: a right password must not clear them, and who stands
    here knows it already, so the account's own limit is much lower."""
    account, place = account_key(email), address_group(address)
    return (
        Limit(f"code:{account}:{place}", 5),
        Limit(f"address:{place}", 20),
        Limit(f"code:{account}", 20),
    )


def limits_for_mail(email: str, address: str) -> tuple[Limit, Limit]:
    """Of mails that a stranger may order: nobody's letter box is to be filled from here."""
    return (
        Limit(f"mail:{account_key(email)}", 3),
        Limit(f"mails:{address_group(address)}", 15),
    )


def limits_for_start(address: str) -> tuple[Limit, ...]:
    """Of the way to the provider, where each start leaves a row."""
    return (Limit(f"start:{address_group(address)}", 60),)


def limits_for_back(address: str) -> tuple[Limit, ...]:
    """Of the way back, where each refusal leaves an event."""
    return (Limit(f"start:back:{address_group(address)}", 20),)

"""What leaves this house, and what is decided when it did or did not arrive. Frozen values, pure decisions."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from bongsu.kit.backoff import ladder_s
from bongsu.kit.errors import Unavailable
from bongsu.kit.i18n import Said, say

STATE_WORDS = {
    "waiting": say("waiting"),
    "sending": say("being sent"),
    "delivered": say("delivered"),
    "dead": say("given up"),
    "withdrawn": say("withdrawn"),
}

# Seconds before attempt 0, 1, 2 … A page is worth nothing late, so it starts steep (about 26 h in all);
# the webhook ladder is the one of Standard Webhooks (75.6 h).
PAGE_LADDER_S = (0.0, 5.0, 15.0, 45.0, 120.0, 600.0, 1800.0, 7200.0, 21_600.0, 28_800.0, 36_000.0)
WEBHOOK_LADDER_S = (
    0.0, 5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0,
)  # fmt: skip
DEADLINE_S = 15.0
RETRY_AFTER_LIMIT_S = 24 * 3600.0  # a peer may ask for a pause, not for silence
LANE_TROUBLE_FAILURES = 4  # in a row: about 65 s of a page ladder


_ROWS = ("changes", "facts", "ways_out")


@dataclass(frozen=True, slots=True)
class Group:
    """One thing in a digest, and what happened to it: when and what, newest first."""

    heading: str
    link: str
    lines: tuple[tuple[str, str], ...]
    about: str = ""  # task/42; empty for what is about no single thing

    @classmethod
    def load(cls, stored: Sequence[Any]) -> "Group":
        heading, link, lines, *about = stored
        told = tuple((str(at), str(what)) for at, what in lines)
        return cls(str(heading), str(link), told, *map(str, about[:1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing to say to one recipient, already in the recipient's language.

    `key` is the same for every attempt: it becomes Message-ID and webhook-id, so that a peer can drop
    a duplicate. `thread` is shared by all messages about one thing.

    `secret_link` lets whoever holds it in. It is in no stored message and on no page: the outbox keeps it
    beside the message until the message is sent or given up, see docs/adr/0050-secret-links.md.
    """

    key: str
    thread: str
    list_id: str
    subject: str
    lead: str
    word: str = ""  # the state as a word: "Down", "Resolved"
    heading: str = ""  # above the lead; empty: the subject
    changes: tuple[tuple[str, str, str], ...] = ()  # field, before, after
    quote: str = ""  # what a person wrote
    groups: tuple[Group, ...] = ()  # of a digest
    facts: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    because: str = ""  # why this recipient gets it
    link: str = ""
    secret_link: str = field(default="", repr=False)
    act: str = ""  # what following the link does, where "Open in Bongsu" says too little
    ways_out: tuple[tuple[str, str], ...] = ()  # words and address: mute this, choose what to get
    unsubscribe: str = ""  # the address for one click of the mail program itself
    severity: int = 1
    state: str = "unknown"
    language: str = "en"
    event: dict[str, Any] = field(default_factory=dict)  # CloudEvents 1.0

    def stored(self) -> dict[str, Any]:
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "secret_link"}
        groups = [
            [one.heading, one.link, [[*line] for line in one.lines], one.about]
            for one in self.groups
        ]
        rows = {name: [[*row] for row in getattr(self, name)] for name in _ROWS}
        return values | rows | {"groups": groups, "reasons": [*self.reasons]}

    @classmethod
    def load(cls, stored: dict[str, Any]) -> "Message":
        """Unknown keys, as a newer version may write them, are passed over; missing texts are empty."""
        known: dict[str, Any] = dict.fromkeys(("key", "thread", "list_id", "subject", "lead"), "")
        known |= {f.name: stored[f.name] for f in fields(cls) if f.name in stored}
        for name in _ROWS:
            known[name] = tuple(tuple(map(str, row)) for row in known.get(name, ()))
        known["groups"] = tuple(Group.load(one) for one in known.get("groups", ()))
        known["reasons"] = tuple(known.get("reasons", ()))
        return cls(**known)

    def for_others(self) -> "Message":
        """As anybody else may see it: without the addresses that act in the recipient's name."""
        return replace(self, ways_out=(), unsubscribe="")

    @property
    def without_its_link(self) -> bool:
        """It held a secret link, which is not here: said on its page, and nothing to send once more."""
        return bool(self.act) and not (self.link or self.secret_link)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The other side took it: its words, and its own number for it where it gives one."""

    text: str
    number: str | None = None

    def stored(self) -> dict[str, Any]:
        return {"text": self.text, "number": self.number}


class DeliveryError(Unavailable):
    """A channel could not hand the message over.

    `permanent`: another attempt cannot help. `retry_after_s`: the peer asked for that pause.
    `disable_channel`: the peer said that this address is gone for good.
    """

    code = "delivery_failed"

    def __init__(
        self,
        said: Said,
        *,
        permanent: bool = False,
        retry_after_s: float | None = None,
        disable_channel: bool = False,
    ) -> None:
        super().__init__(said)
        self.permanent = permanent or disable_channel
        self.retry_after_s = retry_after_s
        self.disable_channel = disable_channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row of the outbox as the worker needs it; `attempts` counts the one under way."""

    id: int
    key: str
    kind: str
    channel: str | None
    lane: str
    options: dict[str, Any]
    recipient: str
    message: Message
    subject: str
    event_id: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Sent:
    """How one attempt ended: a receipt, or an error."""

    delivery: Delivery
    at: datetime
    duration_ms: int
    receipt: Receipt | None = None
    error: DeliveryError | None = None


def without_words(sent: Sent) -> Sent:
    """The same outcome, without what the other side said: words that no database takes."""
    said = say("What the other side said cannot be kept.")
    if sent.error is None:
        return replace(sent, receipt=Receipt(str(said)))
    error = sent.error
    return replace(
        sent,
        error=DeliveryError(
            said,
            permanent=error.permanent,
            retry_after_s=error.retry_after_s,
            disable_channel=error.disable_channel,
        ),
    )


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a delivery: delivered, waiting (until `again_at`) or dead."""

    state: str
    again_at: datetime | None = None


def lane_of(kind: str, channel: str | None) -> str:
    """What stands or falls together: all mail goes through one server, each webhook is its own peer."""
    return f"{kind}/{channel}" if channel and kind != "mail" else kind


def fate(sent: Sent, ladder: tuple[float, ...], jitter: float) -> Fate:
    """Decides after an attempt. `jitter` in 0..1; a peer's Retry-After only lengthens the pause."""
    if sent.error is None:
        return Fate("delivered")
    pause_s = ladder_s(ladder, sent.delivery.attempts, jitter)
    if sent.error.permanent or pause_s is None:
        return Fate("dead")
    asked_s = min(sent.error.retry_after_s or 0.0, RETRY_AFTER_LIMIT_S)
    return Fate("waiting", sent.at + timedelta(seconds=max(pause_s, asked_s)))


def died_because(sent: Sent, ladder: tuple[float, ...]) -> Said:
    """The sentence of a dead letter."""
    why = sent.error.said if sent.error else say("delivered")
    if sent.delivery.attempts >= len(ladder):
        return say("Given up after {n} attempts. The last: {why}", n=len(ladder), why=why)
    return say("Not tried again, because it cannot help: {why}", why=why)


@dataclass(frozen=True, slots=True)
class Lane:
    """How a lane has fared of late, kept in memory by the worker."""

    failures: int = 0
    trouble: bool = False

    def after(self, sent: Sent) -> "Lane":
        """A permanent error says something about the message, not about the lane."""
        if sent.error is None:
            return Lane()
        if sent.error.permanent:
            return self
        failures = self.failures + 1
        return Lane(failures, self.trouble or failures >= LANE_TROUBLE_FAILURES)

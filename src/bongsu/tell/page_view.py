"""Deliveries and channels as their pages show them: pure. What did not arrive comes first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bongsu.deliver.store import DEAD, DELIVERED, SENDING, WAITING, WITHDRAWN, Attempt, Row
from bongsu.deliver.store_channels import Channel
from bongsu.kit.i18n import Said, say, say_n
from bongsu.kit.kind import Broken, Kind

RETRYING = "retrying"  # it waits, and the last attempt failed
STANDINGS = {
    DEAD: say("Not delivered"),
    RETRYING: say("Trying again"),
    WAITING: say("Waiting"),
    SENDING: say("Being sent"),
    DELIVERED: say("Delivered"),
    WITHDRAWN: say("Withdrawn"),
}
# Deliveries borrow the shapes of states; what is merely on its way has none.
SHAPES = {DEAD: "down", RETRYING: "degraded", DELIVERED: "up"}
# Where a message of each kind goes: the option that says it.
_TARGETS = ("url", "topic", "path", "to")


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    row: Row
    attempts: tuple[Attempt, ...] = ()  # newest first

    @property
    def standing(self) -> str:
        failed_before = self.row.state == WAITING and self.error is not None
        return RETRYING if failed_before else self.row.state

    @property
    def shape(self) -> str:
        return SHAPES.get(self.standing, "")

    @property
    def word(self) -> Said:
        return STANDINGS[self.standing]

    @property
    def about(self) -> Link:
        return about(self.row.delivery.subject)

    @property
    def way(self) -> str:
        """The channel's name, or for people the kind."""
        return self.row.delivery.channel or self.row.delivery.kind

    @property
    def error(self) -> Said | None:
        """What was wrong at the last attempt that failed, in words that can be translated."""
        stored = (self.row.receipt or {}).get("error")
        return Said.load(stored) if isinstance(stored, dict) else None

    @property
    def answer(self) -> str:
        """What the other side said when it took the message."""
        return str((self.row.receipt or {}).get("text") or "")

    @property
    def may_go_again(self) -> bool:
        wiped = self.row.state == DEAD and self.row.delivery.message.without_its_link
        return self.row.state in {DEAD, WAITING} and not wiped

    @property
    def given_up(self) -> Said:
        """Why nothing more is tried: the first sentence about a dead letter."""
        n = self.row.delivery.attempts
        if n > 1:
            return say_n("Given up after {n} attempt.", "Given up after {n} attempts.", n)
        return say("Not tried again, because it cannot help.")


def about(subject: str) -> Link:
    """`incident/12` is INC-12 with a page of its own; other things are found in the log."""
    family, _, name = subject.partition("/")
    if family == "incident" and name.isdigit():
        return Link(f"INC-{name}", f"/incidents/{name}")
    if family == "channel":
        return Link(name, f"/channels/{quote(name)}")
    return Link(subject, f"/events?subject={quote(subject)}")


def with_attempts(rows: Sequence[Row], attempts: Iterable[Attempt]) -> list[DeliveryView]:
    of: dict[int, list[Attempt]] = {}
    for one in attempts:
        of.setdefault(one.delivery_id, []).insert(0, one)
    return [DeliveryView(row, tuple(of.get(row.delivery.id, ()))) for row in rows]


@dataclass(frozen=True, slots=True)
class ChannelView:
    channel: Channel
    kind: Kind | None  # None: its file does not import, or is gone
    last: DeliveryView | None

    @property
    def target(self) -> str:
        return target_of(self.channel.shown()["options"])


def target_of(options: Mapping[str, Any]) -> str:
    """Where it leads, in one line; secrets are hidden by then."""
    for name in _TARGETS:
        value = options.get(name)
        if value:
            return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return ""


def channel_views(
    channels: Sequence[Channel], kinds: Sequence[Kind | Broken], recent: Sequence[Row]
) -> list[ChannelView]:
    """`recent` is newest first; the first of a channel is its last delivery."""
    known = {kind.id: kind for kind in kinds if isinstance(kind, Kind)}
    last: dict[str, DeliveryView] = {}
    for row in recent:
        if row.delivery.channel:
            last.setdefault(row.delivery.channel, DeliveryView(row))
    return [ChannelView(one, known.get(one.kind), last.get(one.name)) for one in channels]

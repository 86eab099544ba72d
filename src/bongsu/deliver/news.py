"""What the log hears of deliveries: arrived, given up, and lanes that fail or work again."""

from typing import Any

from bongsu.db.session import Tx
from bongsu.deliver import store_channels
from bongsu.deliver.model import Delivery, Fate, Lane, Sent, died_because
from bongsu.deliver.outbox import is_copy
from bongsu.events.envelope import Draft, Event
from bongsu.events.log import record
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said, say

SOURCE = "bongsu.deliver"


async def tell(
    tx: Tx, sent: Sent, become: Fate, cause: Event | None, ladder: tuple[float, ...], clock: Clock
) -> None:
    """One event for what ended; what waits again is not news, nor is a copy that arrived: the log would
    grow by an event for each event."""
    if become.state == "waiting" or (become.state == "delivered" and is_copy(sent.delivery.key)):
        return
    draft = _draft(sent, become, ladder)
    record(tx, draft.caused_by(cause) if cause else draft, clock)
    if sent.error and sent.error.disable_channel and sent.delivery.channel:
        await _disable(tx, sent, clock)


def _draft(sent: Sent, become: Fate, ladder: tuple[float, ...]) -> Draft:
    delivery, dead = sent.delivery, become.state == "dead"
    data: dict[str, Any] = {
        "object": f"delivery/{delivery.id}",
        "kind": delivery.kind,
        "channel": delivery.channel,
        "recipient": delivery.recipient,
        "about": delivery.subject,
        "attempts": delivery.attempts,
        "duration_ms": sent.duration_ms,
    }
    if dead:
        title = say("A message to {recipient} was not delivered", recipient=delivery.recipient)
        data |= {"reason": died_because(sent, ladder).stored(), "title": title.stored()}
    return Draft(
        type="delivery.failed" if dead else "delivery.delivered",
        source=SOURCE,
        subject=f"delivery/{delivery.id}",
        resources=(delivery.subject,),
        data=data,
        severity=4 if dead else 1,
        dedup_key=f"delivery/{delivery.lane}/{delivery.recipient}"[:255] if dead else None,
    )


def withdrawn(tx: Tx, delivery: Delivery, why: Said, cause: Event | None, clock: Clock) -> None:
    """It was not sent, and that is right so: no trouble of anybody's."""
    data = {
        "object": f"delivery/{delivery.id}",
        "kind": delivery.kind,
        "recipient": delivery.recipient,
        "about": delivery.subject,
        "reason": why.stored(),
    }
    draft = Draft(
        type="delivery.withdrawn",
        source=SOURCE,
        subject=f"delivery/{delivery.id}",
        resources=(delivery.subject,),
        data=data,
    )
    record(tx, draft.caused_by(cause) if cause else draft, clock)


async def _disable(tx: Tx, sent: Sent, clock: Clock) -> None:
    name, because = str(sent.delivery.channel), sent.error.said if sent.error else say("gone")
    if not await store_channels.disable(tx, name, because, clock.now()):
        return
    data = {
        "object": f"channel/{name}",
        "changed": ["enabled"],
        "before": {"enabled": True},
        "after": {"enabled": False},
        "actor": "system",
        "reason": because.stored(),
    }
    draft = Draft(
        type="channel.disabled", source=SOURCE, subject=f"channel/{name}", data=data, severity=3
    )
    record(tx, draft, clock)


def of_lane(tx: Tx, sent: Sent, before: Lane, after: Lane, clock: Clock) -> None:
    """A lane that fails again and again is our own trouble: whoever waits for a message must not have to guess."""
    if before.trouble == after.trouble:
        return
    lane = sent.delivery.lane
    failing = after.trouble
    reason = sent.error.said if sent.error else say("A message was taken again.")
    title = say("Messages by {lane} do not go out", lane=lane)
    data = {
        "object": f"lane/{lane}",
        "after": {"state": "down" if failing else "up"},
        "reason": reason.stored(),
        "title": title.stored(),
    }
    draft = Draft(
        type="own.lane_failing" if failing else "own.lane_works",
        source=SOURCE,
        subject=f"lane/{lane}",
        data=data,
        severity=4 if failing else 1,
        dedup_key=f"own/lane/{lane}",
    )
    record(tx, draft, clock)

"""Turns decisions into rows: a telling for each, and for each that is told a delivery."""

from collections.abc import Sequence

from bongsu.db.session import Tx
from bongsu.deliver import outbox
from bongsu.deliver.outbox import KEY_LIMIT, Post
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said
from bongsu.tell import store
from bongsu.tell.audience import channel_listener
from bongsu.tell.model import Compose, Decision, Defaults, Deliver, Skip, occasion_key


async def carry_out(
    tx: Tx,
    decisions: Sequence[Decision],
    *,
    subject: str,
    compose: Compose,
    event_id: str | None,
    clock: Clock,
) -> list[Decision]:
    """What was really decided now: a message whose key was queued before is passed over.

    `compose(decision, key)` makes the message in the listener's language.
    """
    telling = [one for one in decisions if isinstance(one, Deliver)]
    queued = await queue(tx, telling, subject, compose, event_id, clock)
    done = [
        (one, queued.get(occasion_key(subject, one)[:KEY_LIMIT]))
        for one in decisions
        if isinstance(one, Skip) or occasion_key(subject, one)[:KEY_LIMIT] in queued
    ]
    await store.insert_all(tx, subject, done, clock.now(), event_id)
    return [one for one, _ in done]


async def queue(
    tx: Tx,
    decisions: Sequence[Deliver],
    subject: str,
    compose: Compose,
    event_id: str | None,
    clock: Clock,
) -> dict[str, int]:
    """Deliveries by key."""
    posts = []
    for one in decisions:
        key, listener = occasion_key(subject, one), one.listener
        message = compose(one, key)
        posts.append(
            Post(key, listener.kind, listener.options, listener.recipient, message, subject,
                 event_id, listener.channel)
        )  # fmt: skip
    return await outbox.enqueue_all(tx, posts, clock)


async def to_channel(
    tx: Tx,
    name: str,
    *,
    subject: str,
    severity: int,
    turn: str,
    reason: Said,
    compose: Compose,
    event_id: str | None,
    defaults: Defaults,
    clock: Clock,
) -> None:
    """One message to one named channel; a channel that is off is said once for each subject."""
    listener = await channel_listener(tx, name, defaults)
    if listener.barred is not None:
        known = await store.was_skipped(tx, subject, name)
        decision: Decision = Skip(listener, "event", severity, listener.barred)
        decisions = [] if known else [decision]
    else:
        decisions = [Deliver(listener, "event", severity, reason, turn)]
    await carry_out(tx, decisions, subject=subject, compose=compose, event_id=event_id, clock=clock)

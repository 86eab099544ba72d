"""Turns decisions into rows: a telling for each, and for each that is told a delivery."""

from collections.abc import Sequence

from bongsu.db.session import Tx
from bongsu.deliver import outbox
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
    done: list[Decision] = []
    for decision in decisions:
        delivery_id = None
        if isinstance(decision, Deliver):
            delivery_id = await queue(tx, decision, subject, compose, event_id, clock)
            if delivery_id is None:
                continue
        await store.insert(tx, subject, decision, delivery_id, clock.now(), event_id)
        done.append(decision)
    return done


async def queue(
    tx: Tx, decision: Deliver, subject: str, compose: Compose, event_id: str | None, clock: Clock
) -> int | None:
    key, listener = occasion_key(subject, decision), decision.listener
    return await outbox.enqueue(
        tx,
        key=key,
        kind=listener.kind,
        options=listener.options,
        recipient=listener.recipient,
        message=compose(decision, key),
        subject=subject,
        event_id=event_id,
        channel=listener.channel,
        clock=clock,
    )


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

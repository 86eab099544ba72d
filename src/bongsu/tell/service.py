"""Turns decisions into rows: a telling for each, and for each that is told a delivery."""

from collections.abc import Callable, Sequence

from bongsu.db.session import Tx
from bongsu.deliver import outbox
from bongsu.deliver.model import Message
from bongsu.kit.clock import Clock
from bongsu.tell import store
from bongsu.tell.model import Decision, Deliver, occasion_key

Compose = Callable[[Deliver, str], Message]


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
            delivery_id = await _queue(tx, decision, subject, compose, event_id, clock)
            if delivery_id is None:
                continue
        await store.insert(tx, subject, decision, delivery_id, clock.now())
        done.append(decision)
    return done


async def _queue(
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

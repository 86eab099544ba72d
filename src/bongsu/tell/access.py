"""May this person still hear of it: asked when it is decided, and once more when it is sent.

The rooms that own the things answer, each by its gate (bongsu/notes/gate.py); `tell` knows none of them.
"""

from collections.abc import Mapping, Sequence

from bongsu.db.session import Tx
from bongsu.deliver.model import Delivery, DeliveryError, Message
from bongsu.deliver.worker import Guard
from bongsu.kit.errors import StateBusy
from bongsu.kit.i18n import Said, say
from bongsu.notes.gate import Gate, Subject
from bongsu.tell import store, store_choices
from bongsu.tell.letters import left_of
from bongsu.tell.preferences import KINDS
from bongsu.tell.store import Addressee

Gates = Mapping[str, Gate]
NO_ACCESS = say("may not see it")
DISABLED = say("the account is disabled")
MUTED = say("it was muted in the meantime")
_UNKNOWN = say("Whether {recipient} may still read this could not be found out.")


async def why_not(tx: Tx, gates: Gates, subject: str, user_id: int) -> Said | None:
    """None: the person may read it. What no gate answers for is told to nobody."""
    gate = gates.get(subject.partition("/")[0])
    if gate is None:
        return say("nobody answers for who may see it")
    asked = Subject(key=subject, title="", href="", resources=())
    return None if await gate.may_read(tx, asked, user_id) else NO_ACCESS


def guard(gates: Gates) -> Guard:
    """For the worker of deliveries: what was queued for people about things, while they may still read it.

    An answer that fails counts as an attempt that failed: rather late than to the wrong person.
    """

    async def check(
        tx: Tx, claimed: Sequence[Delivery]
    ) -> dict[int, Said | DeliveryError | Message]:
        asked = await store.addressees(tx, [one.id for one in claimed], tuple(KINDS))
        answers: dict[int, list[tuple[str, Why]]] = {}
        for one, why in await _refusals(tx, gates, asked):
            answers.setdefault(one.delivery_id, []).append((one.subject, why))
        refused: dict[int, Said | DeliveryError | Message] = {}
        for delivery in claimed:
            what = await _left(tx, delivery, answers.get(delivery.id, []))
            if what is not None:
                refused[delivery.id] = what
        return refused

    return check


Why = Said | DeliveryError | None


async def _left(
    tx: Tx, delivery: Delivery, answers: Sequence[tuple[str, Why]]
) -> Said | DeliveryError | Message | None:
    """None: all of it may go. A digest goes with what its reader may still read."""
    if any(isinstance(why, DeliveryError) for _, why in answers):
        return DeliveryError(Said(_UNKNOWN.text, {"recipient": delivery.recipient}))
    no = {subject: why for subject, why in answers if isinstance(why, Said)}
    if not no:
        return None
    kept = [subject for subject, _ in answers if subject not in no]
    if not kept:
        why = next(iter(no.values()))
        await store.withdraw(tx, delivery.id, why)
        return why
    for subject, why in no.items():
        await store.leave_out(tx, delivery.id, subject, why)
    return left_of(delivery.message, kept)


async def _refusals(
    tx: Tx, gates: Gates, asked: Sequence[Addressee]
) -> list[tuple[Addressee, Why]]:
    """All together; one by one when that fails, so that one gate's fault holds up nobody else's messages."""
    if not asked:
        return []
    people, subjects = {one.user_id for one in asked}, {one.subject for one in asked}
    muted = await store_choices.which_muted(tx, people, subjects)
    try:
        async with tx.savepoint():
            return [(one, await _refusal(tx, gates, one, muted)) for one in asked]
    except StateBusy:
        raise
    except Exception:  # noqa: BLE001  it is found out which it was
        return [(one, await _refusal_alone(tx, gates, one, muted)) for one in asked]


Muted = frozenset[tuple[int, str]]


async def _refusal_alone(tx: Tx, gates: Gates, one: Addressee, muted: Muted) -> Why:
    try:
        async with tx.savepoint():
            return await _refusal(tx, gates, one, muted)
    except StateBusy:
        raise
    except Exception:  # noqa: BLE001  see above
        return DeliveryError(_UNKNOWN)


async def _refusal(tx: Tx, gates: Gates, one: Addressee, muted: Muted) -> Said | None:
    if not one.active:
        return DISABLED
    if (one.user_id, one.subject) in muted:
        return MUTED
    return await why_not(tx, gates, one.subject, one.user_id)

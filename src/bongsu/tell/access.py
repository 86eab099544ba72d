"""May this person still hear of it: asked when it is decided, and once more when it is sent.

The rooms that own the things answer, each by its gate (bongsu/notes/gate.py); `tell` knows none of them.
"""

from collections.abc import Mapping, Sequence

from bongsu.db.session import Tx
from bongsu.deliver.model import Delivery, DeliveryError
from bongsu.deliver.worker import Guard
from bongsu.kit.errors import StateBusy
from bongsu.kit.i18n import Said, say
from bongsu.notes.gate import Gate, Subject
from bongsu.tell import store, store_choices
from bongsu.tell.preferences import KINDS
from bongsu.tell.store import Addressee

Gates = Mapping[str, Gate]
NO_ACCESS = say("may not see it")
DISABLED = say("the account is disabled")
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

    async def check(tx: Tx, claimed: Sequence[Delivery]) -> dict[int, Said | DeliveryError]:
        asked = await store.addressees(tx, [one.id for one in claimed], tuple(KINDS))
        recipients = {one.id: one.recipient for one in claimed}
        refused: dict[int, Said | DeliveryError] = {}
        for one in asked:
            if one.delivery_id in refused:
                continue
            why = await _refusal(tx, gates, one, recipients[one.delivery_id])
            if why is not None:
                refused[one.delivery_id] = why
            if isinstance(why, Said):
                await store.withdraw(tx, one.delivery_id, why)
        return refused

    return check


async def _refusal(
    tx: Tx, gates: Gates, one: Addressee, recipient: str
) -> Said | DeliveryError | None:
    if not one.active:
        return DISABLED
    try:
        async with tx.savepoint():
            if await store_choices.is_muted(tx, one.user_id, one.subject):
                return say("it was muted in the meantime")
            return await why_not(tx, gates, one.subject, one.user_id)
    except StateBusy:
        raise
    except Exception:  # noqa: BLE001  one gate's fault must not hold up everybody's messages
        return DeliveryError(Said(_UNKNOWN.text, {"recipient": recipient}))

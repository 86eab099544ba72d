"""Which deliveries somebody may look at: not those about what is hidden from them, nor another person's digest."""

from collections.abc import Sequence

from starlette.requests import Request

from bongsu.accounts.model import Actor
from bongsu.accounts.sight import hidden_from
from bongsu.db.session import Tx
from bongsu.deliver import store
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import say


async def visible(
    request: Request, tx: Tx, actor: Actor, rows: Sequence[store.Row]
) -> list[store.Row]:
    subjects = {row.delivery.subject for row in rows}
    hidden = await hidden_from(request, tx, actor, subjects)
    return [
        row
        for row in rows
        if row.delivery.subject not in hidden and not _is_digest_of_another(row, actor)
    ]


def _is_digest_of_another(row: store.Row, actor: Actor) -> bool:
    """A digest names tasks of every project that its person sees."""
    mine = actor.role == "admin" or row.delivery.subject == f"user/{actor.id}"
    return row.delivery.key.startswith("digest/") and not mine


async def seen(request: Request, tx: Tx, actor: Actor, delivery_id: int) -> store.Row:
    """Raises NotFound, also for one that is not theirs to see."""
    row = await store.get(tx, delivery_id)
    if row is None or not await visible(request, tx, actor, [row]):
        raise NotFound(
            say("There is no delivery {id}. It may have been cleared away.", id=delivery_id)
        )
    return row

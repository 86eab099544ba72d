"""What the log and the outbox must not show of things that are not everybody's. The rooms that own such things
say which are hidden from whom (`app.state.sights`, filled by app.py); an administrator sees all of them."""

from collections.abc import Awaitable, Callable, Collection

from starlette.requests import Request

from bongsu.accounts.model import Actor
from bongsu.db.session import Tx

# Of names such as task/3 and project/1 those that the actor may not see; other families are not its business.
Sight = Callable[[Tx, Actor, Collection[str]], Awaitable[frozenset[str]]]


async def hidden_from(
    request: Request, tx: Tx, actor: Actor, names: Collection[str]
) -> frozenset[str]:
    if actor.role == "admin" or actor.kind == "system":
        return frozenset()
    found: frozenset[str] = frozenset()
    for sight in request.app.state.sights:
        found |= await sight(tx, actor, names)
    return found

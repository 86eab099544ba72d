"""`/-/find`: what the palette asks. Each room that is on has its own finder; no room knows another."""

import importlib
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse

from bongsu.accounts.http import Caller, Db
from bongsu.accounts.model import Actor
from bongsu.db.session import Tx

router = APIRouter(include_in_schema=False)
Found = dict[str, str]  # title, href, hint; state or icon
Finder = Callable[[Request, Tx, Actor, str], Awaitable[list[Found]]]
# In the order in which what they find is shown.
_FINDERS = {"tasks": "bongsu.tasks.finding", "watch": "bongsu.watch.finding"}


def finders_of(rooms_on: Collection[str]) -> tuple[Finder, ...]:
    """A room that is off is not imported."""
    return tuple(
        importlib.import_module(module).find
        for room, module in _FINDERS.items()
        if room in rooms_on
    )


@router.get("/-/find")
async def find(
    request: Request, actor: Caller, db: Db, q: Annotated[str, Query(max_length=120)] = ""
) -> JSONResponse:
    """By a part of their names. Without a word: what is open. A finder gives nothing to who may not look."""
    words = q.strip()
    found: list[Found] = []
    async with db.read() as tx:
        for finder in request.app.state.finders:
            found += await finder(request, tx, actor, words)
    return JSONResponse(found, headers={"cache-control": "no-store"})

"""/api/v1/me/telling: what one wants to be told."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from bongsu.accounts.http import ApiCaller, ClockOf, Db, PartsOf
from bongsu.notes.http import gates_of
from bongsu.tell import choices
from bongsu.tell.choices import TellingChange

router = APIRouter(prefix="/api/v1/me/telling", tags=["me"])
Family = Annotated[str, Path(max_length=32)]
Ident = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("")
async def get_telling(actor: ApiCaller, db: Db) -> dict[str, Any]:
    """What is told by which channel, when, of which projects; and what is muted."""
    async with db.read() as tx:
        return (await choices.mine(tx, actor)).shown()


@router.patch("")
async def change_telling(
    form: TellingChange, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    """What is left out stays. Holds from the next change on."""
    zone = actor.time_zone or parts.settings.time_zone
    async with db.write() as tx:
        return (await choices.change(tx, actor, form, zone, clock)).shown()


@router.put("/muted/{family}/{ident}", status_code=204)
async def mute(
    request: Request, family: Family, ident: Ident, actor: ApiCaller, db: Db, clock: ClockOf
) -> Response:
    """Nothing more about one thing, such as `task/42`."""
    async with db.write() as tx:
        await choices.mute(tx, actor, gates_of(request), f"{family}/{ident}", clock)
    return Response(status_code=204)


@router.delete("/muted/{family}/{ident}", status_code=204)
async def unmute(
    family: Family, ident: Ident, actor: ApiCaller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        await choices.unmute(tx, actor, f"{family}/{ident}", clock)
    return Response(status_code=204)

"""/api/v1/intake: who may send, and the addresses to send to; each is shown once."""

from typing import Any

from fastapi import APIRouter, Response

from bongsu.accounts.http import ApiCaller, ClockOf, Db, PartsOf
from bongsu.accounts.model import require
from bongsu.intake import service, store
from bongsu.intake.model import Source, SourceDraft
from bongsu.kit.clock import iso

router = APIRouter(prefix="/api/v1/intake", tags=["intake"])


@router.get("")
async def list_sources(actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "intake.read")
    async with db.read() as tx:
        return {"sources": [_shown(one) for one in await store.every(tx)]}


@router.post("", status_code=201)
async def create_source(
    draft: SourceDraft, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    """`url` is shown now and never again."""
    async with db.write() as tx:
        made, token = await service.create(tx, actor, draft, clock)
    return _shown(made) | {"url": service.address(parts.settings.public, made, token)}


@router.post("/{name}/renew")
async def renew_source(
    name: str, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    """Another address; the one before leads nowhere any more."""
    async with db.write() as tx:
        found, token = await service.renew(tx, actor, name, clock)
    return _shown(found) | {"url": service.address(parts.settings.public, found, token)}


@router.delete("/{name}", status_code=204)
async def delete_source(name: str, actor: ApiCaller, db: Db, clock: ClockOf) -> Response:
    async with db.write() as tx:
        await service.delete(tx, actor, name, clock)
    return Response(status_code=204)


def _shown(source: Source) -> dict[str, Any]:
    return source.shown() | {
        "created_at": iso(source.created_at),
        "last_at": iso(source.last_at) if source.last_at else None,
        "last_refusal": str(source.last_refusal) if source.last_refusal else None,
    }

"""/api/v1/architectures: files that are drawn, and how their parts stand."""

from typing import Any

from fastapi import APIRouter, Request, Response

from bongsu.accounts.http import ApiCaller, ClockOf, Db
from bongsu.accounts.model import require
from bongsu.architectures import service, store
from bongsu.architectures.model import ArchitectureDraft, Kept, PartView, whole
from bongsu.architectures.views import seen
from bongsu.kit.clock import iso

router = APIRouter(prefix="/api/v1/architectures", tags=["architectures"])


@router.get("")
async def list_architectures(actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "architecture.read")
    async with db.read() as tx:
        return {"architectures": [_shown(one) for one in await store.every(tx)]}


@router.post("")
async def keep_architecture(
    draft: ArchitectureDraft, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    """`changed`: false when the same file was kept already."""
    kept, changed = await service.keep(db, actor, draft, clock)
    return _shown(kept) | {"changed": changed}


@router.get("/{name}/{environment}")
async def get_architecture(
    request: Request, name: str, environment: str, actor: ApiCaller, db: Db
) -> dict[str, Any]:
    """Every part and how it stands by its checks and alarms, the worst first."""
    require(actor, "architecture.read")
    found = await seen(db, request.app.state.board, name, environment)
    parts = [_part(one) for one in found.parts]
    return _shown(found.kept) | {"state": whole(found.parts), "parts": parts}


@router.delete("/{name}/{environment}", status_code=204)
async def delete_architecture(
    name: str, environment: str, actor: ApiCaller, db: Db, clock: ClockOf
) -> Response:
    """Its services and checks stay."""
    async with db.write() as tx:
        await service.delete(tx, actor, name, environment, clock)
    return Response(status_code=204)


def _shown(kept: Kept) -> dict[str, Any]:
    return {
        "name": kept.name,
        "environment": kept.environment,
        "updated_at": iso(kept.updated_at),
        "page": kept.href,
    }


def _part(view: PartView) -> dict[str, Any]:
    signs = [{"title": one.title, "state": one.state, "page": one.href} for one in view.signs]
    return {"name": view.name, "state": view.state, "signs": signs}

"""/api/v1/services"""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from bongsu.accounts.http import ApiCaller, ClockOf, Db
from bongsu.accounts.model import require
from bongsu.services import service, store
from bongsu.services.model import ServiceDraft

router = APIRouter(prefix="/api/v1/services", tags=["services"])


@router.get("")
async def list_services(actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "service.read")
    async with db.read() as tx:
        return {"services": [asdict(one) for one in await store.every(tx)]}


@router.post("", status_code=201)
async def create_service(
    draft: ServiceDraft, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return asdict(await service.create(tx, actor, draft, clock))


@router.get("/{name}")
async def get_service(name: str, actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "service.read")
    async with db.read() as tx:
        return asdict(await service.get(tx, name))


@router.put("/{name}")
async def change_service(
    name: str, draft: ServiceDraft, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return asdict(await service.update(tx, actor, name, draft, clock))

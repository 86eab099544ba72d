"""/api/v1/config: plan and apply files as code."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from bongsu.accounts.http import ApiCaller, ClockOf, Db
from bongsu.accounts.model import require
from bongsu.config import service

router = APIRouter(prefix="/api/v1/config", tags=["config"])


class NamedFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=255)
    text: str = Field(max_length=2 << 20)


class Files(BaseModel):
    model_config = ConfigDict(extra="forbid")
    files: list[NamedFile] = Field(min_length=1, max_length=100)

    remove: bool = True  # what these files defined before and define no more

    def plain(self) -> list[service.File]:
        return [(one.name, one.text.encode()) for one in self.files]


@router.post("/plan")
async def plan(files: Files, actor: ApiCaller, db: Db) -> dict[str, Any]:
    """What applying would change. Nothing is changed."""
    require(actor, "config.apply")
    async with db.read() as tx:
        changes = await service.plan_files(tx, files.plain(), remove=files.remove)
    return {"changes": [change.shown() for change in changes]}


@router.post("/apply")
async def apply(files: Files, actor: ApiCaller, db: Db, clock: ClockOf) -> dict[str, Any]:
    """All or nothing."""
    async with db.write() as tx:
        changes = await service.apply(tx, actor, files.plain(), clock, remove=files.remove)
    return {"changes": [change.shown() for change in changes]}

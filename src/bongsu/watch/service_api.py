"""/api/v1/services: what needs checks beside the service: deleting it with them, and CSV."""

import csv
import io
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from bongsu.accounts.http import ApiCaller, ClockOf, Db
from bongsu.accounts.model import Actor, require
from bongsu.accounts.posted import read
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import BongsuError, Conflict, Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.services import service as services
from bongsu.services import store
from bongsu.services.model import ServiceDraft
from bongsu.watch import service as checks
from bongsu.watch.drafts import read_check

router = APIRouter(prefix="/api/v1/services", tags=["services"])
COLUMNS = ("service", "title", "group", "owners", "check", "kind", "target", "every")
ROWS_LIMIT = 5000


class Csv(BaseModel):
    model_config = ConfigDict(extra="forbid")
    csv: str = Field(max_length=2 << 20, description=",".join(COLUMNS))


@router.delete("/{name}", status_code=204)
async def delete_service(name: str, actor: ApiCaller, db: Db, clock: ClockOf) -> Response:
    """With its checks, each with its own event, so that open incidents end."""
    require(actor, "service.delete")
    async with db.write() as tx:
        await checks.delete_all(tx, actor, name, clock)
        await services.delete(tx, actor, name, clock)
    return Response(status_code=204)


@router.post("/import")
async def import_csv(given: Csv, actor: ApiCaller, db: Db, clock: ClockOf) -> dict[str, int]:
    """Adds what is not there yet; all rows or none. `owners` are names of teams, separated by spaces."""
    require(actor, "service.create")
    rows = _rows(given.csv)
    problems: list[Problem] = []
    added = {"services": 0, "checks": 0}
    async with db.write() as tx:
        for line, row in rows:
            try:
                await _add(tx, actor, row, added, clock)
            except (Invalid, Conflict) as error:
                problems += _placed(error, line)
        if problems:
            raise Invalid(
                say("The table cannot be imported; nothing was changed."), tuple(problems)
            )
    return added


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """Raises Invalid for a head that is not ours and for too many rows."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    head = [name.strip() for name in reader.fieldnames or ()]
    unknown = [name for name in head if name not in COLUMNS]
    if unknown or "service" not in head:
        what = say("The first line must name columns of: {columns}.", columns=",".join(COLUMNS))
        raise Invalid(
            say("The table cannot be imported; nothing was changed."), (Problem("1", what),)
        )
    rows = []
    for row in reader:
        rows.append((reader.line_num, {k.strip(): (v or "").strip() for k, v in row.items() if k}))
        if len(rows) > ROWS_LIMIT:
            what = say("There are more than {n} rows.", n=ROWS_LIMIT)
            raise Invalid(
                say("The table cannot be imported; nothing was changed."), (Problem("table", what),)
            )
    return rows


async def _add(
    tx: Tx, actor: Actor, row: dict[str, str], added: dict[str, int], clock: Clock
) -> None:
    if await store.by_name(tx, row["service"]) is None:
        await services.create(tx, actor, _draft(row), clock)
        added["services"] += 1
    if row.get("check"):
        values: dict[str, Any] = {row.get("kind") or "http": row.get("target", "")}
        if row.get("every"):
            values["every"] = row["every"]
        await checks.register(tx, actor, row["service"], read_check(values, row["check"]), clock)
        added["checks"] += 1


def _draft(row: dict[str, str]) -> ServiceDraft:
    values = {
        "name": row["service"],
        "title": row.get("title", ""),
        "group": row.get("group", ""),
        "owners": row.get("owners", "").split(),
    }
    return read(ServiceDraft, values, say("The service cannot be saved."))


def _placed(error: BongsuError, line: int) -> list[Problem]:
    inner = error.problems if isinstance(error, Invalid) else ()
    if not inner:
        return [Problem("row", error.said, file="csv", line=line)]
    return [Problem(p.where or "row", p.what, p.todo, "csv", line) for p in inner]

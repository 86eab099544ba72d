"""/api/v1/deliveries and /api/v1/channels"""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from bongsu.accounts.http import ApiCaller, ClockOf, Db, PartsOf
from bongsu.accounts.model import require
from bongsu.deliver import outbox, store, store_channels, store_listing
from bongsu.deliver.kinds import SHELF
from bongsu.deliver.store import Attempt, Row
from bongsu.kit.clock import iso
from bongsu.kit.i18n import Said
from bongsu.kit.kind import Broken, Kind
from bongsu.tell import channels
from bongsu.tell.model import Defaults
from bongsu.tell.sight import seen, visible

router = APIRouter(prefix="/api/v1", tags=["deliveries"])
State = Literal["waiting", "sending", "delivered", "dead", "withdrawn"]


class ChannelDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: str = Field(title="Kind", max_length=63)
    options: dict[str, Any] = Field(title="Options")


class NewChannel(ChannelDraft):
    name: str = Field(title="Name", description="a-z, 0-9 and hyphens", max_length=63)


@router.get("/deliveries")
async def list_deliveries(
    request: Request,
    actor: ApiCaller,
    db: Db,
    state: State | None = None,
    about: Annotated[str, Query(max_length=256)] = "",
    copies: bool | None = None,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=store.LIST_LIMIT)] = 50,
) -> dict[str, Any]:
    """Newest first; `about` is a subject such as `incident/12`; `copies`: only those of events, or none of them.

    `older` is the `before` of the next page.
    """
    require(actor, "delivery.read")
    async with db.read() as tx:
        rows = await store_listing.listed(
            tx, state=state, subject=about or None, copies=copies, before_id=before, limit=limit
        )
        counts = await store_listing.counts(tx)
        shown = await visible(request, tx, actor, rows)
    older = rows[-1].delivery.id if len(rows) == limit else None
    return {"deliveries": [_delivery(row) for row in shown], "counts": counts, "older": older}


@router.get("/deliveries/{delivery_id}")
async def get_delivery(
    request: Request, delivery_id: int, actor: ApiCaller, db: Db
) -> dict[str, Any]:
    """With every attempt and the message itself."""
    require(actor, "delivery.read")
    async with db.read() as tx:
        row = await seen(request, tx, actor, delivery_id)
        attempts = await store.attempts_of(tx, [delivery_id])
    message = row.delivery.message
    return _delivery(row) | {
        "history": [_attempt(one) for one in attempts],
        "message": {"lead": message.lead, "because": message.because, "event": message.event},
    }


@router.post("/deliveries/{delivery_id}/again", status_code=202)
async def send_again(delivery_id: int, actor: ApiCaller, db: Db, clock: ClockOf) -> dict[str, Any]:
    """What was given up, or waits for its next attempt, is sent now; the peer sees the same id."""
    require(actor, "delivery.retry")
    async with db.write() as tx:
        await outbox.again(tx, delivery_id, actor.ref, clock)
    return {"id": delivery_id, "state": store.WAITING}


@router.get("/channels", tags=["channels"])
async def list_channels(actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "channel.read")
    async with db.read() as tx:
        return {"channels": [one.shown() for one in await store_channels.every(tx)]}


@router.get("/channel-kinds", tags=["channels"])
async def list_kinds(actor: ApiCaller) -> dict[str, Any]:
    """What a channel can be, with the schema of its options."""
    require(actor, "channel.read")
    return {"kinds": [_kind(kind) for kind in await asyncio.to_thread(SHELF.all)]}


@router.post("/channels", status_code=201, tags=["channels"])
async def create_channel(
    draft: NewChannel, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    values = {"kind": draft.kind, "options": draft.options}
    async with db.write() as tx:
        return (await channels.create(tx, actor, draft.name, values, clock)).shown()


@router.get("/channels/{name}", tags=["channels"])
async def get_channel(name: str, actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "channel.read")
    async with db.read() as tx:
        return (await channels.get(tx, name)).shown()


@router.put("/channels/{name}", tags=["channels"])
async def change_channel(
    name: str, draft: ChannelDraft, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    """Also switches a channel on again that its peer had switched off."""
    async with db.write() as tx:
        return (await channels.update(tx, actor, name, draft.model_dump(), clock)).shown()


@router.delete("/channels/{name}", status_code=204, tags=["channels"])
async def delete_channel(name: str, actor: ApiCaller, db: Db, clock: ClockOf) -> Response:
    async with db.write() as tx:
        await channels.delete(tx, actor, name, clock)
    return Response(status_code=204)


@router.post("/channels/{name}/test", status_code=202, tags=["channels"])
async def try_channel(
    name: str, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    """Queues a message that says it is a test; its delivery shows how it went."""
    async with db.write() as tx:
        defaults = Defaults.of(parts.settings)
        delivery_id = await channels.send_test(tx, actor, name, defaults, clock)
    return {"delivery": delivery_id}


def _delivery(row: Row) -> dict[str, Any]:
    one = row.delivery
    receipt = row.receipt or {}
    error = receipt.get("error")
    return {
        "id": one.id,
        "state": row.state,
        "kind": one.kind,
        "channel": one.channel,
        "recipient": one.recipient,
        "about": one.subject,
        "subject": one.message.subject,
        "attempts": one.attempts,
        "created_at": iso(row.created_at),
        "next_attempt_at": iso(row.next_attempt_at) if row.next_attempt_at else None,
        "finished_at": iso(row.finished_at) if row.finished_at else None,
        "receipt": receipt.get("text"),
        "error": str(Said.load(error)) if error else None,
    }


def _attempt(one: Attempt) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": iso(one.at),
        "duration_ms": one.duration_ms,
        "ok": one.ok,
        "text": one.text,
    }


def _kind(kind: Kind | Broken) -> dict[str, Any]:
    if isinstance(kind, Broken):
        return {"id": kind.id, "broken": kind.why}
    return {
        "id": kind.id,
        "label": str(kind.label),
        "options": kind.options.model_json_schema(),
        "examples": [dict(example) for example in kind.examples],
    }

"""`/deliveries`: what did not arrive, what waits, what was sent. The channels' pages stand in channel_pages.py."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.model import Actor, allowed, require
from bongsu.db.session import Tx
from bongsu.deliver import outbox, store, store_listing
from bongsu.deliver.letter import plain
from bongsu.kit.i18n import say
from bongsu.tell.channel_pages import router as channel_router
from bongsu.tell.choice_pages import router as choice_router
from bongsu.tell.page_view import about, with_attempts
from bongsu.tell.sight import seen, visible
from bongsu.web.shell import fragment, redirect, render

router = APIRouter(include_in_schema=False)
router.include_router(channel_router)
router.include_router(choice_router)
PAGE = 50
STATES = (store.DEAD, store.WAITING, store.DELIVERED, store_listing.COPIES)
State = Annotated[str, Query(max_length=16)]
About = Annotated[str, Query(max_length=256)]
Before = Annotated[int | None, Query(ge=1)]


@router.get("/deliveries")
async def deliveries_page(
    request: Request,
    actor: Caller,
    db: Db,
    state: State = "",
    about: About = "",
    before: Before = None,
) -> HTMLResponse:
    require(actor, "delivery.read")
    context = await _listed(request, db, actor, state, about, before)
    return render(request, "tell/deliveries.html", **context)


@router.get("/-/deliveries")
async def deliveries_part(
    request: Request,
    actor: Caller,
    db: Db,
    state: State = "",
    about: About = "",
    before: Before = None,
) -> HTMLResponse:
    require(actor, "delivery.read")
    context = await _listed(request, db, actor, state, about, before)
    return fragment(request, "tell/_deliveries.html", **context)


async def _listed(
    request: Request, db: Db, actor: Actor, state: str, subject: str, before: int | None
) -> dict[str, Any]:
    """Each state its own list; of the two under way the oldest is the one to look at, so they stay together."""
    wanted = [state] if state in STATES else [store.DELIVERED] if before else [*STATES[:-1]]
    async with db.read() as tx:
        rows = {one: await _of_state(tx, one, subject, before) for one in wanted}
        shown = {one: await visible(request, tx, actor, some) for one, some in rows.items()}
        counts = await store_listing.counts(tx)
    asked = {"state": state if state in STATES else "", "about": subject, "before": before or ""}
    last = rows[wanted[-1]]
    return {
        "lists": {one: with_attempts(some, ()) for one, some in shown.items()},
        "dead": counts.get(store.DEAD, 0),
        "under_way": counts.get(store.WAITING, 0) + counts.get(store.SENDING, 0),
        "delivered": counts.get(store.DELIVERED, 0),
        "copies": counts.get(store_listing.COPIES, 0),
        "asked": asked,
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "about": about(subject) if subject else None,
        "older": last[-1].delivery.id if len(last) == PAGE else None,
        "may_retry": allowed(actor, "delivery.retry"),
    }


async def _of_state(tx: Tx, state: str, subject: str, before: int | None) -> list[store.Row]:
    """Copies of events have a list of their own, unless they were given up: then somebody must see them."""
    kinds: tuple[str | None, ...] = (state,)
    if state == store.WAITING:
        kinds = (store.SENDING, store.WAITING)
    elif state == store_listing.COPIES:
        kinds = (None,)
    rows: list[store.Row] = []
    for kind in kinds:
        rows += await store_listing.listed(
            tx,
            state=kind,
            subject=subject or None,
            copies=state == store_listing.COPIES,
            before_id=before,
            limit=PAGE,
        )
    return sorted(rows, key=lambda row: -row.delivery.id)[:PAGE]


@router.get("/deliveries/{delivery_id}")
async def delivery_page(request: Request, delivery_id: int, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "delivery.read")
    return render(request, "tell/delivery.html", **await _one(request, db, actor, delivery_id))


@router.get("/-/deliveries/{delivery_id}")
async def delivery_part(request: Request, delivery_id: int, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "delivery.read")
    return fragment(request, "tell/_delivery.html", **await _one(request, db, actor, delivery_id))


async def _one(request: Request, db: Db, actor: Actor, delivery_id: int) -> dict[str, Any]:
    async with db.read() as tx:
        row = await seen(request, tx, actor, delivery_id)
        attempts = await store.attempts_of(tx, [delivery_id])
    return {
        "one": with_attempts([row], attempts)[0],
        "text": plain(row.delivery.message.for_others()),
        "may_retry": allowed(actor, "delivery.retry"),
    }


@router.post("/deliveries/{delivery_id}/again")
async def again(
    request: Request, delivery_id: int, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    require(actor, "delivery.retry")
    async with db.write() as tx:
        await outbox.again(tx, delivery_id, actor.ref, clock)
    toast = say("It is sent again now.")
    return redirect(request, f"/deliveries/{delivery_id}", toast=toast)

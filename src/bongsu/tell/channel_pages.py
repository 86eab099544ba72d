"""`/channels`: named addresses. The form is that of the kind; the use cases ask who may."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db, PartsOf
from bongsu.accounts.model import Actor, allowed, require
from bongsu.deliver import store, store_channels, store_listing
from bongsu.deliver.kinds import SHELF
from bongsu.deliver.store_channels import Channel
from bongsu.kit.errors import BongsuError, Conflict, Invalid
from bongsu.kit.i18n import say
from bongsu.kit.kind import Broken, Kind
from bongsu.tell import channels
from bongsu.tell.model import Defaults
from bongsu.tell.page_view import channel_views, with_attempts
from bongsu.web.forms import read_form
from bongsu.web.shell import fragment, redirect, render

router = APIRouter(include_in_schema=False)
RECENT = 5
FIRST_KIND = "webhook"
KindId = Annotated[str, Query(max_length=63)]


async def _kinds() -> list[Kind | Broken]:
    """In a thread: a kind's libraries may take half a second the first time."""
    return list(await asyncio.to_thread(SHELF.all))


@router.get("/channels")
async def channels_page(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    return render(request, "tell/channels.html", **await _list(actor, db))


@router.get("/-/channels")
async def channels_part(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    return fragment(request, "tell/_channels.html", **await _list(actor, db))


async def _list(actor: Actor, db: Db) -> dict[str, Any]:
    require(actor, "channel.read")
    kinds = await _kinds()
    async with db.read() as tx:
        known = await store_channels.every(tx)
        recent = await store_listing.listed(tx, limit=store.LIST_LIMIT) if known else []
    return {
        "channels": channel_views(known, kinds, recent),
        "kinds": [kind for kind in kinds if isinstance(kind, Kind)],
        "may_create": allowed(actor, "channel.create"),
        "may_test": allowed(actor, "channel.test"),
    }


@router.get("/channels/new")
async def new_channel(request: Request, actor: Caller, kind: KindId = FIRST_KIND) -> HTMLResponse:
    require(actor, "channel.create")
    return await _form(request, None, {"kind": kind})


@router.get("/-/channel-options")
async def options_part(request: Request, actor: Caller, kind: KindId = FIRST_KIND) -> HTMLResponse:
    """The options of another kind, when the person chooses it."""
    require(actor, "channel.create")
    schema = await _schema(kind)
    return fragment(request, "tell/_channel_options.html", values={}, problems=(), schema=schema)


@router.get("/channels/{name}")
async def channel_page(request: Request, name: str, actor: Caller, db: Db) -> HTMLResponse:
    """A form for who may change it; facts for who may only look."""
    require(actor, "channel.read")
    kinds = await _kinds()
    async with db.read() as tx:
        found = await channels.get(tx, name)
        recent = await store_listing.listed(tx, subject=f"channel/{name}", limit=RECENT)
    if allowed(actor, "channel.update"):
        values = {"name": found.name, "kind": found.kind, "options": found.options}
        return await _form(request, found, values, tests=with_attempts(recent, ()))
    [shown] = channel_views([found], kinds, recent)
    return render(request, "tell/channel.html", shown=shown)


@router.post("/channels")
async def create_channel(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    require(actor, "channel.create")
    values = await _values(await request.form())
    try:
        async with db.write() as tx:
            await channels.create(tx, actor, values["name"], values, clock)
    except (Invalid, Conflict) as error:
        return await _form(request, None, values, error)
    said = say("Channel {name} is saved. Send it a test.", name=values["name"])
    return redirect(request, f"/channels/{values['name']}", toast=said)


@router.post("/channels/{name}")
async def change_channel(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    require(actor, "channel.update")
    values = await _values(await request.form())
    async with db.read() as tx:
        found = await channels.get(tx, name)
    try:
        async with db.write() as tx:
            await channels.update(tx, actor, name, values, clock)
    except Invalid as error:
        return await _form(request, found, values, error)
    return redirect(request, "/channels", toast=say("Channel {name} is saved.", name=name))


@router.post("/channels/{name}/delete")
async def delete_channel(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        await channels.delete(tx, actor, name, clock)
    said = say("Channel {name} is deleted. What waits for it is still sent.", name=name)
    return redirect(request, "/channels", toast=said)


@router.post("/channels/{name}/test")
async def try_channel(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf, parts: PartsOf
) -> Response:
    """Queues the test and shows its delivery, where the other side's answer comes in."""
    async with db.write() as tx:
        defaults = Defaults.of(parts.settings)
        delivery_id = await channels.send_test(tx, actor, name, defaults, clock)
    return redirect(request, f"/deliveries/{delivery_id}")


async def _values(form: FormData) -> dict[str, Any]:
    """As posted; options are read by the kind's own schema."""
    posted = {key: value for key, value in form.items() if isinstance(value, str)}
    kind = posted.get("kind", "")
    options = read_form(await _schema(kind), posted, "options") if kind in SHELF.ids() else {}
    return {"name": posted.get("name", "").strip(), "kind": kind, "options": options}


async def _schema(kind: str) -> dict[str, Any]:
    known = kind if kind in SHELF.ids() else FIRST_KIND
    spec = await asyncio.to_thread(SHELF.spec, known)
    schema: dict[str, Any] = spec.options.model_json_schema()
    return schema


async def _form(
    request: Request,
    channel: Channel | None,
    values: dict[str, Any],
    error: BongsuError | None = None,
    tests: Any = (),
) -> HTMLResponse:
    return render(
        request,
        "tell/channel_form.html",
        status=error.status if error else 200,
        channel=channel,
        values={"name": "", "options": {}} | values,
        kinds=[kind for kind in await _kinds() if isinstance(kind, Kind)],
        schema=await _schema(values["kind"]),
        error=error,
        problems=error.problems if isinstance(error, Invalid) else (),
        tests=tests,
    )

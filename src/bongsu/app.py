"""The composition root of `serve`: which rooms are on, their routes, their navigation, what they share."""

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator, Awaitable
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute

from bongsu import __version__
from bongsu.accounts.http import Caller, Parts, install_errors, parts_of
from bongsu.accounts.oidc_model import Provider
from bongsu.accounts.vault import Vault
from bongsu.cors import Cors
from bongsu.db.session import Database
from bongsu.finding import finders_of
from bongsu.finding import router as find_router
from bongsu.gates import gates_of, sights_of
from bongsu.health import router as health_router
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.secretref import Secrets
from bongsu.kit.settings import Settings
from bongsu.lake.client import LakeClient
from bongsu.limits import BodyLimit
from bongsu.live.hub import Hub
from bongsu.net.outward import Outward
from bongsu.objects.outbox import Outbox
from bongsu.objects.store import open_objects
from bongsu.rooms import rail, rooms_on, routers
from bongsu.stream import router as stream_router
from bongsu.tell import choices, store_choices
from bongsu.watch.board import Board
from bongsu.watch.history import HistoryKeeper
from bongsu.web import preferences
from bongsu.web.assets import static_app
from bongsu.web.security import SecurityHeaders
from bongsu.web.shell import NavItem, Shell, redirect

# What is downloaded: files as they were sent, of which most are packed.
PACKED_ALREADY = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/octet-stream")


def build_app(
    settings: Settings, stop: asyncio.Event
) -> tuple[FastAPI, contextlib.AbstractAsyncContextManager[None]]:
    """The application and the context in which its connections live."""
    on = rooms_on(settings)
    parts = _parts(settings, rail(on))
    app = FastAPI(
        title="Bongsu",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.parts, app.state.shell, app.state.stop = parts, parts.shell, stop
    app.state.hub = Hub(parts.db)
    app.state.board = Board(parts.clock)
    app.state.history = HistoryKeeper(parts.lake, parts.clock)
    app.state.gates = gates_of(settings)
    app.state.exports, app.state.partings = _kept_of_people(on)
    app.state.finders = finders_of(on)
    app.state.sights = sights_of(on)
    _routes(app, on)
    install_errors(app)
    _around(app, on)
    return app, _opened(app, parts, stop)


def _kept_of_people(on: frozenset[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What rooms keep of a person, as functions by room: one that gives it out, one that drops it."""
    exports: dict[str, Any] = {}
    partings: dict[str, Any] = {}
    if "notes" in on:
        notes = importlib.import_module("bongsu.notes.service")
        exports["notes"], partings["notes"] = notes.export, notes.forget_author
    exports["telling"], partings["telling"] = choices.export, store_choices.forget
    if "tasks" in on:
        leaving = importlib.import_module("bongsu.tasks.leaving")
        exports["tasks"], partings["tasks"] = leaving.export, leaving.forget
    return exports, partings


def _routes(app: FastAPI, on: frozenset[str]) -> None:
    app.mount("/static", static_app())
    app.router.routes.extend(_included(on))
    if "watch" not in on:
        app.add_api_route("/", _first_room, include_in_schema=False, response_model=None)


@cache
def _included(on: frozenset[str]) -> tuple[BaseRoute, ...]:
    """Once for a process: FastAPI works out what every route takes with the first request to whoever includes it,
    0.4 s in all, and the suite makes an application for each of a thousand tests."""
    gathered = APIRouter()
    for router in (preferences.router, health_router, stream_router, find_router, *routers(on)):
        gathered.include_router(router)
    return tuple(gathered.routes)


def _around(app: FastAPI, on: frozenset[str]) -> None:
    """What every request goes through, the innermost first."""
    parts: Parts = app.state.parts
    app.add_middleware(
        GZipMiddleware, minimum_size=2048, compresslevel=4, exclude_content_types=PACKED_ALREADY
    )
    app.add_middleware(BodyLimit)
    if "requests" in on:
        importlib.import_module("bongsu.requests.install").install(app, parts)
    app.add_middleware(SecurityHeaders)
    # Around everything, also around what answers for a fault of ours; nothing can be added after it.
    app.middleware_stack = Cors(app.build_middleware_stack(), parts.settings.allowed_origins)


def _parts(settings: Settings, nav: tuple[NavItem, ...]) -> Parts:
    Provider.of(settings)  # one that cannot be is said at the start, not at the first sign-in
    objects, secrets = open_objects(settings.objects), Secrets(SYSTEM_CLOCK)
    return Parts(
        settings=settings,
        clock=SYSTEM_CLOCK,
        db=Database.open(settings.database),
        lake=LakeClient(settings.lake),
        objects=Outbox(settings.data / "outbox", objects),
        shell=Shell(clock=SYSTEM_CLOCK),
        nav=nav,
        vault=Vault(settings, secrets),
        outward=Outward(settings, SYSTEM_CLOCK),
        secrets=secrets,
    )


async def _first_room(request: Request, _actor: Caller) -> Response:
    """Without the wall the first line of the rail is where one begins."""
    return redirect(request, parts_of(request).nav[0].href)


def workers(app: FastAPI, settings: Settings, stop: asyncio.Event) -> list[Awaitable[None]]:
    """What a process that serves does beside answering: it brings away what was put into its outbox, and makes
    small pictures. Each ends by `stop`."""
    parts: Parts = app.state.parts
    running: list[Awaitable[None]] = [parts.objects.run(stop)]
    if "notes" in rooms_on(settings):
        worker = importlib.import_module("bongsu.notes.worker").Worker
        running.append(worker(parts.db, parts.objects, parts.clock).run(stop))
    return running


@contextlib.asynccontextmanager
async def _opened(app: FastAPI, parts: Parts, stop: asyncio.Event) -> AsyncIterator[None]:
    following = asyncio.create_task(app.state.hub.run(stop))
    log = getattr(app.state, "requests", None)  # where that room is on
    try:
        async with log.running(stop) if log is not None else contextlib.nullcontext():
            yield
    finally:
        stop.set()
        await asyncio.gather(following, app.state.history.close())
        await asyncio.gather(parts.db.close(), parts.lake.close(), parts.outward.close())

"""The composition root of `serve`: which rooms are on, their routes, their navigation, what they share."""

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator, Awaitable

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from bongsu import __version__
from bongsu.accounts.http import Parts, install_errors
from bongsu.accounts.oidc_model import Provider
from bongsu.accounts.vault import Vault
from bongsu.cors import Cors
from bongsu.db.session import Database
from bongsu.finding import finders_of
from bongsu.finding import router as find_router
from bongsu.gates import gates_of
from bongsu.health import router as health_router
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.i18n import say
from bongsu.kit.secretref import Secrets
from bongsu.kit.settings import Settings
from bongsu.lake.client import LakeClient
from bongsu.limits import BodyLimit
from bongsu.live.hub import Hub
from bongsu.net.outward import Outward
from bongsu.objects.outbox import Outbox
from bongsu.objects.store import open_objects
from bongsu.stream import router as stream_router
from bongsu.tell import choices, store_choices
from bongsu.watch.board import Board
from bongsu.watch.history import HistoryKeeper
from bongsu.web import preferences
from bongsu.web.assets import static_app
from bongsu.web.security import SecurityHeaders
from bongsu.web.shell import NavItem, Shell

# What is downloaded: files as they were sent, of which most are packed.
PACKED_ALREADY = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/octet-stream")
# A room that is off is not imported. Order of the rail.
ROOMS: dict[str, tuple[str, ...]] = {
    "accounts": (
        "bongsu.accounts.pages",
        "bongsu.accounts.api",
        "bongsu.accounts.session_api",
        "bongsu.accounts.factor_api",
    ),
    "services": ("bongsu.services.api",),
    "watch": (
        "bongsu.watch.pages",
        "bongsu.watch.service_forms",
        "bongsu.watch.check_forms",
        "bongsu.watch.service_pages",
        "bongsu.watch.api",
        "bongsu.watch.service_api",
    ),
    "incidents": ("bongsu.incidents.pages", "bongsu.incidents.api"),
    "notes": ("bongsu.notes.pages", "bongsu.notes.file_pages", "bongsu.notes.api"),
    "tell": ("bongsu.tell.pages", "bongsu.tell.api", "bongsu.tell.choice_api"),
    "tasks": (
        "bongsu.tasks.home_pages",
        "bongsu.tasks.list_pages",
        "bongsu.tasks.feed_pages",
        "bongsu.tasks.project_pages",
        "bongsu.tasks.column_pages",
        "bongsu.tasks.transfer_pages",
        "bongsu.tasks.board_pages",
        "bongsu.tasks.task_pages",
        "bongsu.tasks.api",
        "bongsu.tasks.project_api",
    ),
    "requests": ("bongsu.requests.pages", "bongsu.requests.api"),
    "rules": ("bongsu.rules.pages", "bongsu.rules.api"),
    "config": ("bongsu.config.api",),
}

NAV = (
    NavItem("wall", say("Wall"), "/", "i-wall"),
    NavItem("incidents", say("Incidents"), "/incidents", "i-incident",
            count_fragment="/-/incidents/count", count_topics="incidents"),
    NavItem("tasks", say("Tasks"), "/tasks", "i-task",
            count_fragment="/-/tasks/count", count_topics="tasks projects"),
    NavItem("events", say("Events"), "/events", "i-log"),
    NavItem("deliveries", say("Deliveries"), "/deliveries", "i-mail"),
    NavItem("requests", say("Requests"), "/requests", "i-table", key="q"),
    NavItem("services", say("Services"), "/services", "i-svc", section="setup",
            count_fragment="/-/services/count", count_topics="services"),
    NavItem("rules", say("Rules"), "/rules", "i-rule", section="setup"),
    NavItem("channels", say("Channels"), "/channels", "i-bell", section="setup"),
    NavItem("people", say("People"), "/people", "i-hand", section="setup"),
)  # fmt: skip


def build_app(
    settings: Settings, stop: asyncio.Event
) -> tuple[FastAPI, contextlib.AbstractAsyncContextManager[None]]:
    """The application and the context in which its connections live."""
    parts = _parts(settings)
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
    app.state.exports, app.state.partings = {}, {}  # what rooms keep of a person, and drop: by name
    if "notes" in _rooms_on(settings):
        notes = importlib.import_module("bongsu.notes.service")
        app.state.exports["notes"], app.state.partings["notes"] = notes.export, notes.forget_author
    app.state.exports["telling"], app.state.partings["telling"] = choices.export, store_choices.forget
    if "tasks" in _rooms_on(settings):
        leaving = importlib.import_module("bongsu.tasks.leaving")
        app.state.exports["tasks"], app.state.partings["tasks"] = leaving.export, leaving.forget
    app.mount("/static", static_app())
    app.state.finders = finders_of(_rooms_on(settings))
    for router in (preferences.router, health_router, stream_router, find_router):
        app.include_router(router)
    for router in _room_routers(settings):
        app.include_router(router)
    install_errors(app)
    app.add_middleware(
        GZipMiddleware, minimum_size=2048, compresslevel=4, exclude_content_types=PACKED_ALREADY
    )
    app.add_middleware(BodyLimit)
    if "requests" in _rooms_on(settings):
        importlib.import_module("bongsu.requests.install").install(app, parts)
    app.add_middleware(SecurityHeaders)
    # Around everything, also around what answers for a fault of ours; nothing can be added after it.
    app.middleware_stack = Cors(app.build_middleware_stack(), settings.allowed_origins)
    return app, _opened(app, parts, stop)


def _parts(settings: Settings) -> Parts:
    Provider.of(settings)  # one that cannot be is said at the start, not at the first sign-in
    objects, secrets = open_objects(settings.objects), Secrets(SYSTEM_CLOCK)
    return Parts(
        settings=settings,
        clock=SYSTEM_CLOCK,
        db=Database.open(settings.database),
        lake=LakeClient(settings.lake),
        objects=Outbox(settings.data / "outbox", objects),
        shell=Shell(clock=SYSTEM_CLOCK),
        nav=NAV,
        vault=Vault(settings, secrets),
        outward=Outward(settings, SYSTEM_CLOCK),
        secrets=secrets,
    )


def _rooms_on(settings: Settings) -> set[str]:
    on = set(filter(None, settings.rooms.split(","))) or set(ROOMS)
    return on | ({"notes"} if on & {"incidents", "tasks"} else set())


def _room_routers(settings: Settings) -> list[APIRouter]:
    on = _rooms_on(settings)
    names = [module for room, modules in ROOMS.items() if room in on for module in modules]
    return [importlib.import_module(name).router for name in names]


def workers(app: FastAPI, settings: Settings, stop: asyncio.Event) -> list[Awaitable[None]]:
    """What a process that serves does beside answering: it brings away what was put into its outbox, and makes
    small pictures. Each ends by `stop`."""
    parts: Parts = app.state.parts
    running: list[Awaitable[None]] = [parts.objects.run(stop)]
    if "notes" in _rooms_on(settings):
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

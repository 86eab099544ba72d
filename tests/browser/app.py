"""A small application that shows every component in every state; what the browser tests look at."""

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import (
    BongsuError,
    Conflict,
    LakeAway,
    NotAllowed,
    NotFound,
    Problem,
    TooMany,
)
from bongsu.kit.i18n import catalogue, say
from bongsu.web import preferences
from bongsu.web.assets import HERE as WEB
from bongsu.web.assets import static_app
from bongsu.web.failures import render_error, render_status
from bongsu.web.security import SecurityHeaders
from bongsu.web.shell import (
    NavItem,
    Person,
    Shell,
    ShellState,
    fragment,
    redirect,
    render,
    state_of,
    toast,
)

HERE = Path(__file__).resolve().parent
NAV = (
    NavItem("wall", say("Wall"), "/", "i-wall"),
    NavItem(
        "incidents",
        say("Incidents"),
        "/incidents",
        "i-incident",
        count_fragment="/count",
        count_topics="counter",
    ),
    NavItem("events", say("Events"), "/events", "i-event"),
    NavItem("deliveries", say("Deliveries"), "/deliveries", "i-send"),
    NavItem("services", say("Services"), "/services", "i-svc", section="setup", key="s"),
    NavItem("parts", say("Parts"), "/parts", "i-gear", section="setup"),
    NavItem(
        "people", say("People"), "/people", "i-people", section="setup", needs_role="admin", key="o"
    ),
)


class Login(BaseModel):
    user: str = Field("", title="User")
    password: str = Field("", title="Password", json_schema_extra={"writeOnly": True})


class Options(BaseModel):
    url: str = Field(
        title="Address",
        description="Where to look, with its scheme.",
        examples=["https://www.example.com/"],
        json_schema_extra={"format": "uri"},
    )
    method: Literal["GET", "HEAD", "POST"] = Field("GET", title="Method")
    timeout_s: float = Field(10, title="Time-out", gt=0, le=60, json_schema_extra={"unit": "s"})
    headers: dict[str, str] = Field({}, title="Headers", description="One a line, name: value.")
    follow: bool = Field(True, title="Follow redirects")
    login: Login | None = Field(None, title="Sign in")


def wave(n: int, base: float, swing: float, tail: list[float]) -> list[float | None]:
    calm = [base + swing * math.sin(i / 5) + swing * 0.4 * math.sin(i * 2.3) for i in range(n)]
    return [*calm[: n - len(tail)], *tail]


def days() -> list[str | None]:
    odd = {12: "degraded", 40: "unknown", 52: "maintenance", 63: "degraded", 71: "down", 89: "down"}
    return [odd.get(i, "up") for i in range(90)]


def series(n: int) -> list[dict[str, Any]]:
    shapes = [(12, 2), (22, 3), (50, 5), (215, 40), (30, 8)]
    found = [{"values": wave(n, base, swing, [])} for base, swing in shapes]
    rise = [740.0, 1400.0, 1890.0, 1880.0]
    found[3]["values"][-4:] = rise
    return found


def page(now: datetime) -> dict[str, Any]:
    times = [now - timedelta(minutes=5 * (71 - i)) for i in range(72)]
    sprite = (WEB / "templates" / "sprite.html").read_text(encoding="utf-8")
    return {
        "days": days(),
        "calm": wave(32, 300, 40, []),
        "slow": wave(32, 420, 60, [900, 1250, 1380]),
        "broken": wave(32, 240, 30, [700, 1700, 2300, 2114]),
        "gaps": [*wave(12, 300, 40, []), None, None, None, *wave(16, 320, 40, [])],
        "times": times,
        "series": series(72),
        "deployed": times[-5] - timedelta(minutes=2),
        "broke": times[-4] - timedelta(minutes=3),
        "ago": now - timedelta(seconds=8),
        "schema": Options.model_json_schema(),
        "values": {
            "url": "https://shop.example.com/",
            "timeout_s": 5,
            "headers": {"accept": "text/html"},
        },
        "problems": (
            Problem(
                "timeout_s",
                say("The time-out must be shorter than the interval of {every}.", every="5s"),
            ),
        ),
        "problems_said": say("The check was not registered."),
        "icons": re.findall(r'id="(i-[a-z]+)"', sprite),
        "drawn": 0,
    }


def grid() -> dict[str, Any]:
    shop = ["u"] * 2114
    for i in [*range(550, 564), *range(258, 264), 1044, 482, 2029]:
        shop[i] = "d"
    for i in [*range(1841, 1860), *range(1934, 1943), *range(1554, 1559), 384, 1998]:
        shop[i] = "g"
    for i in range(8, 20):
        shop[i] = "p"
    apps = ["u"] * 1902
    apps[487:527] = ["k"] * 40
    apps[966:1000] = ["m"] * 34
    return {
        "groups": [
            {"title": "Shop", "ids": list(range(2114)), "states": "".join(shop)},
            {"title": "Applications", "ids": list(range(3000, 4902)), "states": "".join(apps)},
            {"title": "Search", "ids": list(range(5000, 11232)), "states": "u" * 6232},
        ]
    }


class Stream:
    """What a test says to every open page."""

    def __init__(self) -> None:
        self.queues: set[asyncio.Queue[str]] = set()
        self.refuse = False
        self.opened = 0

    def say(self, event: str, data: Any) -> None:
        self._put(f"id: 7\nevent: {event}\ndata: {json.dumps(data)}\n\n")

    def end(self) -> None:
        """Every stream breaks off."""
        self._put("end")

    def _put(self, frame: str) -> None:
        """The queues belong to the server's thread."""
        for queue in self.queues.copy():
            self.loop.call_soon_threadsafe(queue.put_nowait, frame)

    def join(self) -> asyncio.Queue[str]:
        """Before the answer begins: who sees it begin is told everything from there on."""
        self.loop = asyncio.get_running_loop()
        queue: asyncio.Queue[str] = asyncio.Queue()
        self.queues.add(queue)
        self.opened += 1
        return queue

    async def frames(self, queue: asyncio.Queue[str]) -> AsyncIterator[str]:
        try:
            yield 'id: 1\nevent: hello\ndata: {"seq": 1}\n\n'
            while (frame := await queue.get()) != "end":
                yield frame
        finally:
            self.queues.discard(queue)


def build() -> FastAPI:
    app = FastAPI()
    shell = Shell(extra={"parts": HERE / "parts"})
    catalogue("ko").update(json.loads((HERE / "parts" / "ko.json").read_text(encoding="utf-8")))
    stream = Stream()
    app.state.shell, app.state.stream, app.state.drawn, app.state.slow_fails = (
        shell,
        stream,
        0,
        False,
    )
    app.mount("/static", static_app())
    app.include_router(preferences.router)
    app.add_exception_handler(BongsuError, render_error)
    app.add_exception_handler(
        HTTPException, lambda request, error: render_status(request, error.status_code)
    )

    @app.middleware("http")
    async def who(request: Request, call_next: Any) -> Any:
        seen = state_of(request)
        person = (
            None
            if "out" in request.query_params
            else Person("Park Minsu", "PM", "editor", "minsu.park@example.com")
        )
        request.state.shell = ShellState(
            person, "t0ken", seen.language, seen.theme, "Asia/Seoul", NAV, "/account"
        )
        return await call_next(request)

    app.add_middleware(SecurityHeaders)

    @app.get("/parts")
    def parts(request: Request) -> Response:
        return render(request, "parts/parts.html", **page(SYSTEM_CLOCK.now()))

    @app.get("/counter")
    def counter(request: Request) -> Response:
        app.state.drawn += 1
        return fragment(request, "parts/_live.html", drawn=app.state.drawn)

    @app.get("/slow")
    def slow(request: Request) -> Response:
        if app.state.slow_fails:
            raise LakeAway
        return fragment(request, "parts/_slow.html")

    @app.get("/count")
    def count(request: Request) -> Response:
        return Response("2", media_type="text/html")

    @app.post("/form")
    async def form(request: Request, csrf: str = Form("")) -> Response:
        if request.headers.get("x-csrf-token", csrf) != "t0ken":
            raise NotAllowed(say("No token."))
        if "options.url" in await request.form():
            return toast(fragment(request, "parts/_slow.html"), request, say("Wall"), undo="/undo")
        return redirect(request, "/parts", toast=say("Wall"), undo="/undo")

    @app.post("/undo")
    def undo(request: Request) -> Response:
        return toast(Response(""), request, say("Undone"))

    @app.get("/-/overall")
    def overall(request: Request) -> Response:
        return fragment(request, "parts/_overall.html")

    @app.get("/-/find")
    def find(q: str = "") -> JSONResponse:
        known = [
            {
                "title": "Shop · Checkout",
                "href": "/services/checkout",
                "hint": "service",
                "state": "down",
            },
            {
                "title": "INC-1042 Checkout is down",
                "href": "/incidents/1042",
                "hint": "incident",
                "icon": "i-incident",
            },
        ]
        return JSONResponse([one for one in known if q.lower() in one["title"].lower()])

    @app.get("/grid.json")
    def grid_json() -> dict[str, Any]:
        return grid()

    @app.get("/names.json")
    def names() -> dict[str, str]:
        return {str(i): f"shop/check-{i}" for i in range(2114)}

    @app.get("/live")
    async def live(topics: str = "") -> Response:
        if stream.refuse:
            return Response(status_code=503)
        return StreamingResponse(stream.frames(stream.join()), media_type="text/event-stream")

    @app.get("/broken/{kind}")
    def broken(kind: str) -> Response:
        raise {
            "missing": NotFound(say("There is no service {name}.", name="shop")),
            "conflict": Conflict(say("Choi Hana changed it first.")),
            "many": TooMany(say("Too many sign-ins for this account."), 61),
            "lake": LakeAway(),
        }[kind]

    def room(request: Request) -> Response:
        return render(request, "parts/empty.html")

    for path in ("/", "/incidents", "/events", "/deliveries", "/services", "/people"):
        app.add_api_route(path, room, methods=["GET"])
    return app

"""Pages: Jinja templates of every room inside one shell. See README.md beside this file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.i18n import Said, choose_language
from bongsu.web import charts, fmt, forms
from bongsu.web.assets import static_url
from bongsu.web.view import Person, View, attrs, current, said, t, tn, viewing

PACKAGE = Path(__file__).resolve().parent.parent
LANGUAGE_COOKIE, THEME_COOKIE, TOAST_COOKIE = "bongsu_language", "bongsu_theme", "bongsu_toast"
THEMES = ("light", "dark")

__all__ = [
    "NavItem",
    "Person",
    "Shell",
    "ShellState",
    "fragment",
    "is_htmx",
    "redirect",
    "render",
    "toast",
]


@dataclass(frozen=True, slots=True)
class NavItem:
    """One line of the rail. `count_fragment` gives a short text; it is asked again when `count_topics` change.
    `section` is `rooms` or `setup`; `key` is the letter after `g` (the first of the id unless given)."""

    id: str
    label: Said
    href: str
    icon: str
    section: str = "rooms"
    count_fragment: str | None = None
    needs_role: str | None = None
    count_topics: str = ""
    key: str = ""

    @property
    def letter(self) -> str:
        return self.key or self.id[0]


@dataclass(frozen=True, slots=True)
class ShellState:
    """Set by the application as `request.state.shell`. `theme` is empty while the system decides."""

    person: Person | None = None
    csrf: str = ""
    language: str = "en"
    theme: str = ""
    time_zone: str = "UTC"
    nav: tuple[NavItem, ...] = ()
    account_href: str = ""  # the person's own page; no entry in their menu while empty


def state_of(request: Request) -> ShellState:
    """What the application said of this request; else what the browser says, signed out."""
    given = getattr(request.state, "shell", None)
    if isinstance(given, ShellState):
        return given
    language = choose_language(
        request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language")
    )
    theme = request.cookies.get(THEME_COOKIE, "")
    return ShellState(language=language, theme=theme if theme in THEMES else "")


class Rooms(BaseLoader):
    """`<room>/<name>.html` is `src/bongsu/<room>/templates/<name>.html`; components have their own folder."""

    def __init__(self, package: Path, extra: Mapping[str, Path]) -> None:
        self.package = package
        self.extra = extra

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Any]:
        room, _, rest = template.partition("/")
        if not rest or not room.isidentifier():
            raise TemplateNotFound(template)
        return FileSystemLoader(self._places(room)).get_source(environment, rest)

    def _places(self, room: str) -> list[Path]:
        if room in self.extra:
            return [self.extra[room]]
        places = [self.package / room / "templates"]
        return [*places, self.package / room] if room == "web" else places


@cache
def environment(package: Path, extra: tuple[tuple[str, Path], ...]) -> Environment:
    """One for all shells of the same folders: a template is compiled once for a process."""
    env = Environment(
        loader=Rooms(package, dict(extra)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    env.globals.update(
        t=t,
        tn=tn,
        said=said,
        fmt=fmt,
        attrs=attrs,
        view=current,
        charts=charts,
        forms=forms,
        static_url=static_url,
    )
    return env


class Shell:
    """One for the application: `app.state.shell = Shell()`. `extra` adds template folders by name."""

    def __init__(
        self,
        clock: Clock = SYSTEM_CLOCK,
        package: Path = PACKAGE,
        extra: Mapping[str, Path] | None = None,
    ) -> None:
        self.clock = clock
        self.env = environment(package, tuple((extra or {}).items()))

    def view(self, request: Request) -> View:
        state = state_of(request)
        return View(
            now=self.clock.now(),
            language=state.language,
            zone=_zone(state.time_zone),
            zone_name=state.time_zone,
            theme=state.theme,
            csrf=state.csrf,
            person=state.person,
            path=request.url.path,
            account_href=state.account_href,
        )

    def html(self, view: View, template: str, /, **context: Any) -> str:
        """Without a request: mails and tests. Raises UndefinedError for a name that nobody gave."""
        known = {
            "lang": view.language,
            "theme": view.theme,
            "person": view.person,
            "csrf": view.csrf,
            "now": view.now,
            "path": view.path,
            "nav": (),
        }
        with viewing(view):
            return self.env.get_template(template).render(**(known | context))

    def render(
        self, request: Request, template: str, /, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """A whole page. Never stored by caches: it is one person's."""
        state = state_of(request)
        view = self.view(request)
        nav = tuple(item for item in state.nav if (view.person or Person("")).may(item.needs_role))
        body = self.html(view, template, nav=nav, **context)
        headers = {"cache-control": "no-store", "vary": "cookie", "content-language": view.language}
        return HTMLResponse(body, status, headers)

    def fragment(
        self, request: Request, template: str, /, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """A part, for htmx: the same templates, no shell."""
        return self.render(request, template, status, **context)


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


@cache
def _default() -> Shell:
    return Shell()


def shell_of(request: Request) -> Shell:
    """The application's shell, or one of our own where there is none (a room's own tests)."""
    shell = getattr(request.app.state, "shell", None) if "app" in request.scope else None
    return shell if isinstance(shell, Shell) else _default()


def render(request: Request, template: str, /, status: int = 200, **context: Any) -> HTMLResponse:
    return shell_of(request).render(request, template, status, **context)


def fragment(request: Request, template: str, /, status: int = 200, **context: Any) -> HTMLResponse:
    return shell_of(request).fragment(request, template, status, **context)


def is_htmx(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _toast(request: Request, sentence: Said, undo: str | None, look: str | None) -> dict[str, str]:
    """What `toast.js` shows. `undo` is posted to, `look` is gone to."""
    language = state_of(request).language
    shown = {"text": sentence.to(language)}
    if undo:
        shown |= {"post": undo}
    if look:
        shown |= {"href": look}
    return shown


R = TypeVar("R", bound=Response)


def toast(
    response: R,
    request: Request,
    sentence: Said,
    *,
    undo: str | None = None,
    look: str | None = None,
) -> R:
    """Says `sentence` on the page that is open; for answers to htmx. Gives the same response back."""
    shown = {"toast": _toast(request, sentence, undo, look)}
    response.headers["hx-trigger"] = json.dumps(shown)  # ASCII: header values must be
    return response


def redirect(
    request: Request,
    to: str,
    *,
    toast: Said | None = None,
    undo: str | None = None,
    look: str | None = None,
) -> Response:
    """After a write that went well: 303, or for htmx its own header. The toast is said on the next page."""
    response: Response
    if is_htmx(request):
        response = Response(status_code=200, headers={"hx-redirect": to})
    else:
        response = RedirectResponse(to, 303)
    if toast is not None:
        value = quote(json.dumps(_toast(request, toast, undo, look)))
        response.set_cookie(TOAST_COOKIE, value, max_age=30, samesite="lax", path="/")
    return response

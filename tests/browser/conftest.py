"""A real browser: Debian's Chromium by Playwright. Any console error fails the test that caused it.

def test_wall(page_factory, axe, shoot):
    page = page_factory(lang="ko", theme="dark", width=390, base_url=url)
    page.goto("/")
    axe(page)
    shoot(page, "wall-ko-390-dark")      # kept when BONGSU_SHOTS names a folder
"""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

HERE = Path(__file__).resolve().parent
AXE = HERE / "vendor" / "axe-core-4.14.1" / "axe.min.js"
CHROMIUM = os.environ.get("BONGSU_CHROMIUM", "/usr/bin/chromium")
ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HEIGHTS = {390: 844, 1440: 900}
expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield found
        found.close()


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Runs an ASGI application on a free loopback port; gives its address."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="error", timeout_graceful_shutdown=1, lifespan="on", loop="asyncio"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    server.should_exit = True
    thread.join(8)


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Any], str]]:
    """`serve(app)` gives the address of an ASGI application that runs to the end of the module.

    No longer: each goes on looking into its log, and a dozen slow all later tests.
    """
    with ExitStack() as running:
        yield lambda app: running.enter_context(served(app))


class Errors:
    """Console errors and page errors of one page; `expect("404")` takes those that a test causes on purpose."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.expected: list[str] = []

    def expect(self, *parts: str) -> None:
        self.expected += parts

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.seen.append(f"{message.text} {message.location.get('url', '')}")

    def unexpected(self) -> list[str]:
        return [text for text in self.seen if not any(part in text for part in self.expected)]


@pytest.fixture
def page_factory(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`page_factory(lang, theme, width, base_url=…, cookies={})`; `page.errors.expect(…)` for wanted errors.

    Nothing moves: a page that is left before it is drawn says on its console that its transition was aborted.
    """
    opened: list[tuple[Any, Errors]] = []

    def make(
        lang: str = "en",
        theme: str = "light",
        width: int = 1440,
        base_url: str | None = None,
        cookies: dict[str, str] | None = None,
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            locale={"ko": "ko-KR"}.get(lang, "en-GB"),
            color_scheme="dark" if theme == "dark" else "light",
            has_touch=width < 740,
            is_mobile=width < 740,
            **{"reduced_motion": "reduce"} | options,
        )
        kept = {"bongsu_language": lang, "bongsu_theme": theme} | (cookies or {})
        context.add_cookies(
            [{"name": n, "value": v, "domain": "127.0.0.1", "path": "/"} for n, v in kept.items()]
        )
        page = context.new_page()
        errors = Errors()
        page.on("console", errors.console)
        page.on("pageerror", lambda error: errors.seen.append(f"uncaught: {error}"))
        page.errors = errors  # type: ignore[attr-defined]
        opened.append((context, errors))
        return page

    yield make
    problems = [text for _, errors in opened for text in errors.unexpected()]
    for context, _ in opened:
        context.close()
    assert problems == []


@pytest.fixture(scope="session")
def axe() -> Callable[..., None]:
    """Fails with every violation of WCAG 2.2 AA on the page, each with its first places.

    From the top: where a page has been scrolled to, a link may lie just under the bar that stays.
    """
    source = AXE.read_text(encoding="utf-8")

    def check(page: Page, *, without: tuple[str, ...] = ()) -> None:
        page.evaluate(f"scrollTo(0, 0); {source}")
        rules = {rule: {"enabled": False} for rule in without}
        found = page.evaluate(
            "options => axe.run(document, options)",
            {
                "runOnly": {"type": "tag", "values": RULES},
                "rules": rules,
                "resultTypes": ["violations"],
            },
        )
        assert [_told(violation) for violation in found["violations"]] == []

    return check


def _told(violation: dict[str, Any]) -> str:
    places = "; ".join(
        f"{' '.join(map(str, node['target']))}: {node['failureSummary']}{_beside(node)}"
        for node in violation["nodes"][:4]
    )
    return f"{violation['id']} ({len(violation['nodes'])}): {violation['help']}: {places}"


def _beside(node: dict[str, Any]) -> str:
    """What else has to do with it, such as the target that it is too near to."""
    found = [other["target"] for check in node["any"] for other in check["relatedNodes"]]
    return f" {found}" if found else ""


@pytest.fixture(scope="session")
def shoot() -> Callable[..., None]:
    """Keeps a picture of the page in the folder that BONGSU_SHOTS names; nothing without it."""
    folder = os.environ.get("BONGSU_SHOTS")

    def keep(page: Page, name: str, *, whole: bool = False) -> None:
        if folder:
            page.screenshot(
                path=str(Path(folder) / f"{name}.png"), full_page=whole, animations="disabled"
            )

    return keep

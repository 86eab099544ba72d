"""How long the wall of 10,000 checks takes: the server's answer, and the first paint in a real browser.

A whole `bongsu up` over 500 services with 10,000 checks and 90 days of history; nothing else asks. "Server" is the
time from the request to the last byte as a client on the same machine sees it, over one connection a request.
"First paint" is Chromium's own first contentful paint, from the start of the navigation, with an empty cache.
"""

import asyncio
import http.cookiejar
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.seeded import seed_history, seed_state
from tests.browser.conftest import ARGS, CHROMIUM
from tests.journeys.world import Bongsu, Browser

SERVICES, CHECKS, ASKED, SHOWN = 500, 10_000, 60, 5
ANSWER_MS, PAINT_MS = 200.0, 1000.0
WALLS = {"wall": "/", "grid": "/?view=grid"}
FIRST_PAINT_MS = """() => new Promise(done => {
  const found = () => performance.getEntriesByName("first-contentful-paint")[0]
  if (found()) return done(found().startTime)
  new PerformanceObserver(() => found() && done(found().startTime)).observe({type: "paint", buffered: true})
})"""
Json = dict[str, Any]


def run() -> list[Json]:
    with tempfile.TemporaryDirectory(prefix="bongsu-wall-") as name:
        folder = Path(name)
        asyncio.run(seed_state(f"sqlite:///{folder}/data/state.db", SERVICES, CHECKS))
        bongsu = Bongsu(folder)
        with bongsu.running():
            asyncio.run(seed_history(f"http+unix://{folder}/data/lake.sock", CHECKS))
            bongsu.become_admin()
            browser = Browser(bongsu.url)
            browser.post(
                "/sign-in", {"email": "dana@example.com", "password": "correct horse battery"}
            )
            figures = [answers(browser, wall, path) for wall, path in WALLS.items()]
            figures.append(answers(browser, "every check for the grid, JSON", "/-/checks.json"))
            return figures + paints(bongsu.url, browser)


def figure(name: str, values_ms: list[float], value_ms: float, target_ms: float) -> Json:
    noise = f"median {statistics.median(values_ms):.0f} ms, at most {max(values_ms):.0f} ms"
    return {
        "name": name,
        "value": round(value_ms, 1),
        "unit": "ms",
        "target": target_ms,
        "ok": value_ms <= target_ms,
        "noise": noise,
    }


def answers(browser: Browser, name: str, path: str) -> Json:
    taken_ms = []
    for _ in range(ASKED + 3):
        began_s = time.perf_counter()
        browser.get(path)
        taken_ms.append((time.perf_counter() - began_s) * 1000)
    counted = sorted(taken_ms[3:])  # a first page prepares templates
    p95_ms = counted[int(len(counted) * 0.95)]
    return figure(f"{name} of {CHECKS:,} checks, server p95", counted, p95_ms, ANSWER_MS)


def paints(url: str, browser: Browser) -> list[Json]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        try:
            return [
                _paint(name, [_first_paint_ms(chromium, url + path, cookies(browser, url)) for _ in range(SHOWN)])
                for name, path in WALLS.items()
            ]  # fmt: skip
        finally:
            chromium.close()


def _paint(name: str, taken_ms: list[float]) -> Json:
    what = f"{name} of {CHECKS:,} checks, first paint in Chromium"
    return figure(what, taken_ms, statistics.median(taken_ms), PAINT_MS)


def cookies(browser: Browser, url: str) -> list[Any]:
    handlers = browser.opener.handlers
    jar = next(h.cookiejar for h in handlers if isinstance(h, urllib.request.HTTPCookieProcessor))
    assert isinstance(jar, http.cookiejar.CookieJar)
    return [{"name": one.name, "value": one.value, "url": url} for one in jar]


def _first_paint_ms(chromium: Any, address: str, given: list[Any]) -> float:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    try:
        context.add_cookies(given)
        page: Page = context.new_page()
        page.goto(address, wait_until="commit")
        return float(page.evaluate(FIRST_PAINT_MS))
    finally:
        context.close()

"""The pages of the log of requests in a real browser: looked at, walked through, in both languages."""

import asyncio
import contextlib
import random
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bongsu.accounts import store as accounts
from bongsu.accounts.sessions import Visit, begin_session
from bongsu.accounts.wire import COOKIE
from bongsu.db.session import Database
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.settings import Settings
from bongsu.requests import store
from bongsu.requests.builtin import install_builtin
from bongsu.requests.model import Seen
from tests.browser.looks import each_look
from tests.browser.whole import Whole
from tests.lake.conftest import Store
from tests.people import person
from tests.requests.support import put, seen

SEED = 20261128
PAGES = ("/requests", "/requests/{id}", "/requests/triggers", "/requests/triggers/failed-sign-ins")
FAILED = re.compile(r"Failed: [\d.]+ % of all, \d+ at most")


@dataclass(slots=True)
class House:
    url: str
    cookies: dict[str, dict[str, str]]
    ids: dict[str, str]

    def addresses(self) -> list[str]:
        return [path.format(**self.ids) for path in PAGES]


def a_day(now: Any) -> list[Seen]:
    """Sixteen hundred requests; in the last two hours they are slower, and some fail."""
    pick, made = random.Random(SEED), []
    routes = [("GET", "/tasks/{key}", "task/TSK-7"), ("POST", "/api/v1/tasks/{key}/move", "task/TSK-42"),
              ("GET", "/", ""), ("GET", "/incidents/{incident_id}", "incident/12")]  # fmt: skip
    for number in range(1600):
        at = now - timedelta(seconds=pick.random() * 86_000)
        method, route, thing = pick.choice(routes)
        late = now - at < timedelta(hours=2)
        name, who = pick.choice([("Choi Hana", 1), ("박민수", 3)])
        failed = late and number % 3 == 0
        ends = {"outcome": "failed", "status": 500} if failed else {}
        took_us = int(pick.lognormvariate(10, 0.8)) * (5 if late else 1)
        made.append(seen(at, method=method, route=route, object=thing, name=name, person=who,
                         took_us=took_us, **ends))  # fmt: skip
    return made


@pytest.fixture(scope="module")
def house(
    serve: Any, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("requests")
    shutil.copy(sqlite_template, folder / "state.db")
    lake = Store(folder).start()
    try:
        with ThreadPoolExecutor(1) as apart:  # the browser's driver holds this thread's event loop
            made = apart.submit(asyncio.run, furnished(folder, lake)).result()
        made.url = serve(Whole(Settings(data_dir=str(folder), time_zone="Asia/Seoul")))
        yield made
    finally:
        lake.end()


async def furnished(folder: Path, lake: Store) -> House:
    await lake.answers()
    now, db, cookies = SYSTEM_CLOCK.now(), Database.open(f"sqlite:///{folder}/state.db"), {}
    async with contextlib.AsyncExitStack() as held:
        held.push_async_callback(db.close)
        for name, role in (("Choi Hana", "admin"), ("Kim Dohyun", "editor"), ("박민수", "viewer")):
            actor = await person(db, name, role, email=f"{role}@example.com")
            async with db.write() as tx:
                user = await accounts.user_by_id(tx, actor.id)
                assert user is not None
                visit = Visit("127.0.0.1", "a test")
                cookies[role] = {COOKIE: await begin_session(tx, user, visit, SYSTEM_CLOCK)}
        async with db.write() as tx:
            await install_builtin(tx, SYSTEM_CLOCK)
            trigger = await store.by_name(tx, "failed-sign-ins")
            assert trigger is not None
            await store.update(tx, trigger.name, {"enabled": True})
            await store.begin(tx, trigger.id, "203.0.113.7", 14, now - timedelta(minutes=4))
    rows = a_day(now)
    async with lake.client() as client:
        await put(client, *rows)
    failed = next(one for one in rows if one.outcome == "failed")
    return House("", cookies, {"id": failed.id})


def opened(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator("html")).to_have_attribute("data-stream", "open")
    if path.startswith("/requests?") or path == "/requests":
        expect(page.locator("#figures svg[role=img]")).to_have_count(3)
        expect(page.locator("#routes table")).to_be_visible()


@each_look
def test_every_page_is_whole_in_each_look(house, page_factory, axe, shoot, lang, theme, width):
    page = page_factory(lang, theme, width, base_url=house.url, cookies=house.cookies["admin"])

    for path in house.addresses():
        opened(page, path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        name = path.removeprefix("/").replace("/", "-").replace(house.ids["id"], "one")
        shoot(page, f"{name}-{lang}-{width}-{theme}", whole=True)


def test_from_the_charts_to_one_failed_request(house, page_factory):
    page = page_factory(base_url=house.url, cookies=house.cookies["admin"])
    opened(page, "/requests")

    chart = page.get_by_role("img", name="Failed")
    expect(chart).to_have_accessible_name(FAILED)
    page.get_by_role("button", name="Errors").click()
    worst = page.locator("#routes tbody tr").first
    expect(worst.locator(".bad")).to_be_visible()
    worst.get_by_role("link").click()
    expect(page.get_by_text("Route: ")).to_be_visible()
    page.get_by_label("Outcome").select_option("failed")
    page.locator("#main").get_by_role("button", name="Find").click()
    rows = page.locator(".requests tbody tr")
    expect(rows.filter(has_not_text="500 Failed")).to_have_count(0)
    expect(rows.first).to_contain_text("500 Failed")
    rows.first.get_by_role("link").click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    page.get_by_role("link", name="Around this").click()
    expect(page.get_by_text("Between ")).to_be_visible()
    expect(page.locator("#figures svg[role=img]")).to_have_count(3)


def test_a_task_is_found_by_its_key_and_older_requests_by_pages(house, page_factory):
    page = page_factory(base_url=house.url, cookies=house.cookies["admin"])
    opened(page, "/requests")

    page.get_by_label("Search").fill("TSK-42")
    page.locator("#main").get_by_role("button", name="Find").click()
    things = page.locator(".requests .r-thing")
    expect(things.filter(has_not_text="task/TSK-42")).to_have_count(0)
    first = page.locator(".requests [data-row]").first.get_attribute("href")
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newer")).to_be_visible()
    assert set(things.all_inner_texts()) == {"task/TSK-42"}
    assert page.locator(".requests [data-row]").first.get_attribute("href") != first


def test_an_editor_tries_a_trigger_before_it_is_saved_and_switches_it_off(house, page_factory):
    page = page_factory(base_url=house.url, cookies=house.cookies["editor"])
    opened(page, "/requests/triggers")
    page.get_by_role("link", name="New trigger").click()
    page.get_by_label("Name").fill("failures")
    page.get_by_label("Title").fill("Something fails")
    page.get_by_label("Which requests").fill('{"outcome": ["failed"]}')
    page.get_by_label("At least").fill("2")
    page.get_by_role("button", name="Try it on the last hour").click()
    expect(page.locator("#trial")).to_contain_text("It would have fired")
    page.get_by_role("button", name="Save the trigger").click()

    row = page.get_by_role("row", name="Something fails")
    expect(row).to_contain_text("quiet")
    row.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("row", name="Something fails")).to_contain_text("off")


def test_a_viewer_sees_their_own_requests_and_no_switch(house, page_factory):
    page = page_factory("ko", base_url=house.url, cookies=house.cookies["viewer"])
    opened(page, "/requests")

    expect(page.get_by_label("사람")).to_have_count(0)
    expect(page.locator(".requests.own tbody tr").first).to_be_visible()
    opened(page, "/requests/triggers")
    expect(page.get_by_role("button", name="끄기")).to_have_count(0)

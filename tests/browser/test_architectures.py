"""The live drawing in a real browser: looked at in every look, coloured by what happens, walked by keys."""

import asyncio
import contextlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from bongsu.accounts import store as accounts
from bongsu.accounts.model import SYSTEM
from bongsu.accounts.sessions import Visit, begin_session
from bongsu.accounts.wire import COOKIE
from bongsu.architectures import service as architectures
from bongsu.architectures.model import ArchitectureDraft
from bongsu.config import service as config
from bongsu.db.session import Database
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.watched.document import text
from bongsu.infra.watched.watching import watching
from bongsu.intake import service as intake_service
from bongsu.intake import store as intake
from bongsu.intake.model import Report, SourceDraft
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.i18n import say
from bongsu.kit.settings import Settings
from bongsu.watch import store as checks
from bongsu.watch.tables import check_state
from tests.browser.looks import FIRST
from tests.browser.whole import Whole
from tests.infra.support import EXAMPLES, example
from tests.people import person

NAME = "004-hybrid"
PAGE = "/architectures/portal/production"
SHORT = (PAGE, "/intake")
PAGES = (*SHORT, f"{PAGE}?lose=zone:a", "/architectures", "/architectures/new")
ALL = list(product(("en", "ko"), ("light", "dark"), (1440, 390)))


@dataclass(slots=True)
class House:
    folder: Path
    cookies: dict[str, str]
    ids: dict[str, int] = field(default_factory=dict)  # checks by name
    url: str = ""


async def opened(folder: Path) -> Database:
    return Database.open(f"sqlite:///{folder}/state.db")


async def furnished(folder: Path) -> House:
    """The hybrid example as `infra watch --apply` registers it: the site answers, what is behind it does not."""
    db, now = await opened(folder), SYSTEM_CLOCK.now()
    async with contextlib.AsyncExitStack() as held:
        held.push_async_callback(db.close)
        actor = await person(db, "Choi Hana", "admin", email="admin@example.com")
        file = (EXAMPLES / f"{NAME}.yaml").read_text(encoding="utf-8")
        await architectures.keep(db, SYSTEM, ArchitectureDraft(text=file), SYSTEM_CLOCK)
        found = watching(make_plan(example(NAME).architecture))
        async with db.write() as tx:
            user = await accounts.user_by_id(tx, actor.id)
            assert user is not None
            visit = Visit("127.0.0.1", "a test")
            house = House(folder, {COOKIE: await begin_session(tx, user, visit, SYSTEM_CLOCK)})
            files = [(found.scope, text(found).encode())]
            await config.apply(tx, SYSTEM, files, SYSTEM_CLOCK)
        async with db.write() as tx:
            for one in await checks.checks(tx):
                house.ids[one.title] = one.id
                await put_state(tx, one.id, "up", now - timedelta(hours=5))
            await put_state(
                tx, house.ids["portal-production-apache/www-example-com"], "down",
                now - timedelta(minutes=9), say("Answered {status}, expected 200.", status=503),
            )  # fmt: skip
            source, _ = await intake_service.create(
                tx, SYSTEM, SourceDraft(name="portal-production-alarms"), SYSTEM_CLOCK
            )
            await intake.pin(tx, source.id, "123456789012")
            for part, kind, state in (("orders", "cpu", "down"), ("sessions", "memory", "up")):
                name = f"portal-production-{part}-{kind}"
                report = Report(f"arn:{name}", name, f"{part}: {kind}", state, now)
                await intake.put_report(tx, source.id, report)
    return house


async def put_state(tx: Any, check_id: int, state: str, since: Any, reason: Any = None) -> None:
    values = {"state": state, "since": since, "reason": reason.stored() if reason else None}
    await tx.execute(check_state.delete().where(check_state.c.check_id == check_id))
    await tx.execute(check_state.insert().values(check_id=check_id, **values))


async def happens(house: House, name: str, state: str) -> None:
    """A check changes its state, as the recorder writes it."""
    db = await opened(house.folder)
    check_id = house.ids[name]
    async with db.write() as tx:
        await put_state(tx, check_id, state, SYSTEM_CLOCK.now())
        subject = f"check/{check_id}"
        record(tx, Draft(type="check.state_changed", source="bongsu.watch", subject=subject))
    await db.close()


@pytest.fixture(scope="module")
def house(serve: Any, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("architectures")
    shutil.copy(sqlite_template, folder / "state.db")
    with ThreadPoolExecutor(1) as apart:  # the browser's driver holds this thread's event loop
        made = apart.submit(asyncio.run, furnished(folder)).result()
    made.url = serve(Whole(Settings(data_dir=str(folder), time_zone="Asia/Seoul")))
    return made


def is_whole(page: Any, axe: Any, shoot: Any, look: str, paths: tuple[str, ...]) -> None:
    for path in paths:
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("data-stream", "open")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        drawn = page.locator(".drawpanel .wide")
        assert all(drawn.evaluate_all("all => all.map(one => one.scrollLeft === 0)")), path
        name = path.removeprefix("/").replace("/", "-").replace("?", "-").replace(":", "-")
        shoot(page, f"{name}-{look}", whole=True)


@pytest.mark.parametrize(("lang", "theme", "width"), FIRST)
def test_the_drawing_and_the_sources_are_whole(house, page_factory, axe, shoot, lang, theme, width):
    page = page_factory(lang, theme, width, base_url=house.url, cookies=house.cookies)

    is_whole(page, axe, shoot, f"{lang}-{width}-{theme}", SHORT)


@pytest.mark.long
@pytest.mark.parametrize(("lang", "theme", "width"), ALL)
def test_every_page_is_whole_in_each_look(house, page_factory, axe, shoot, lang, theme, width):
    page = page_factory(lang, theme, width, base_url=house.url, cookies=house.cookies)

    is_whole(page, axe, shoot, f"{lang}-{width}-{theme}", PAGES)


def test_a_part_changes_as_its_check_does_and_leads_there_by_keys(house, page_factory):
    page = page_factory(base_url=house.url, cookies=house.cookies)
    page.goto(PAGE)
    expect(page.locator("html")).to_have_attribute("data-stream", "open")
    apache, www = page.locator("#part-apache"), page.locator("#part-www")
    expect(apache).to_have_class("part state-down")
    expect(apache.locator(".stand.lost").first).to_be_visible()
    expect(page.locator("#part-orders")).to_have_class("part state-degraded")
    expect(www).to_have_class("part state-up")
    box = www.locator(".slab").bounding_box()  # no rule of the page shrinks what the drawing says
    assert box is not None
    assert box["width"] > 4 * box["height"] > 80

    with ThreadPoolExecutor(1) as apart:
        name = "portal-production-www/www-example-com"
        apart.submit(asyncio.run, happens(house, name, "degraded")).result()

    expect(www).to_have_class("part state-degraded")
    expect(page.get_by_role("heading", level=1)).to_contain_text("portal")
    page.locator("a:has(#part-www)").press("Enter")
    page.wait_for_url(f"**/services/portal-production-www#check-{house.ids[name]}")

"""What one is told, as a person sees it: the choices, who was told, one click in a mail, the mails themselves."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bongsu.accounts import store
from bongsu.accounts.model import Actor
from bongsu.accounts.sessions import Visit, begin_session
from bongsu.accounts.wire import COOKIE
from bongsu.db.migrate import migrate
from bongsu.db.session import Database
from bongsu.deliver import store_listing as deliveries
from bongsu.deliver.mime import html
from bongsu.gates import gates_of
from bongsu.kit.clock import SYSTEM_CLOCK, ManualClock
from bongsu.kit.settings import Settings
from bongsu.notes.gate import NoteData
from bongsu.rules.builtin import install_builtin
from bongsu.rules.follower import RuleFollower
from bongsu.tasks import projects, service
from bongsu.tasks.gate import GATE
from bongsu.tasks.inputs import NewProject, NewTask, TaskChange
from bongsu.tell import choices, store_choices
from bongsu.tell.model import Defaults
from bongsu.tell.preferences import Preferences
from bongsu.tell.worker import Notices
from tests.browser.looks import each_look, name_of
from tests.browser.whole import Whole
from tests.people import person

VISIT = Visit("127.0.0.1", "a test")
PLAN = """The client **must** be pinned before the release.

1. Find who still uses 1.4 and tell them by Friday.
2. Pin it to 1.4.7 in `requirements.txt` and let the pipeline run over night.
3. Release, and look at the error rate of the payment API for half an hour.
"""
LONG = "International customs declaration and clearance gateway for cross-border parcels"


@dataclass
class Town:
    url: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    mails: list[Any] = field(default_factory=list)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Any], str]) -> Town:
    """Ada changes tasks that Ben has, or watches; Cho is told in digests, in Korean."""
    folder = tmp_path_factory.mktemp("telling")
    settings = Settings(data_dir=str(folder), mail_url=f"folder://{folder}/mail")
    with ThreadPoolExecutor(1) as apart:  # the browser's driver holds this thread's event loop
        made = apart.submit(asyncio.run, _furnish(settings)).result()
    made.url = serve(Whole(settings))
    return made


async def _furnish(settings: Settings) -> Town:
    await migrate(settings.database)
    db, made = Database.open(settings.database), Town()
    ada, ben, cho = [await person(db, name, "viewer") for name in ("Ada", "Ben", "Cho")]
    async with db.write() as tx:
        await install_builtin(tx, SYSTEM_CLOCK)
        await store.update_user(tx, cho.id, language="ko", time_zone="Asia/Seoul")
        await store_choices.save(tx, cho.id, Preferences(digest="hourly"), SYSTEM_CLOCK.now())
    await _work(db, ada, ben, cho)
    defaults, gates = Defaults.of(settings), gates_of(settings)
    follower = RuleFollower(db, defaults, SYSTEM_CLOCK, gates)
    while await follower.follower.step():
        pass
    later = ManualClock(SYSTEM_CLOCK.now())
    later.advance(3700)
    await Notices(db, gates, defaults, later, asyncio.Event()).step()
    async with db.write() as tx:
        await choices.mute(tx, ben, gates, "task/2", SYSTEM_CLOCK)
        made.mails = [row.delivery for row in reversed(await deliveries.listed(tx, limit=200))]
        for actor in (ada, ben):
            user = await store.user_by_id(tx, actor.id)
            assert user is not None
            made.cookies[actor.name] = await begin_session(tx, user, VISIT, SYSTEM_CLOCK)
    await db.close()
    return made


async def _work(db: Database, ada: Actor, ben: Actor, cho: Actor) -> None:
    async def change(key: str, **values: Any) -> None:
        async with db.write() as tx:
            await service.change(tx, ada, key, TaskChange(**values), SYSTEM_CLOCK)

    people = {"assignees": [ben.id], "watchers": [cho.id]}
    async with db.write() as tx:
        await projects.create(
            tx, ada, NewProject(key="TSK", title="Shop", everyone="member"), SYSTEM_CLOCK
        )
        await projects.create(
            tx, ada, NewProject(key="CUS", title=LONG, everyone="member"), SYSTEM_CLOCK
        )
        for project, title in (
            ("TSK", "Pin the client"),
            ("TSK", "Renew the certificate"),
            ("CUS", LONG),
        ):
            form = NewTask(
                project=project, title=title, description=PLAN, due="2026-12-04 14:00", **people
            )
            await service.create(tx, ada, form, SYSTEM_CLOCK)
    await change("TSK-1", status="in_progress", priority=4)
    await change(
        "TSK-1", description=PLAN.replace("1.4.7", "1.5.0").replace("half an hour", "a whole day")
    )
    async with db.write() as tx:
        subject = await GATE.read(tx, ada, 1)
        note = NoteData(
            7,
            "Two of them still use 1.4:\n\n- billing\n- the old app\n\n@Ben, can you ask?",
            (ben.id,),
        )
        await GATE.heard(tx, ada, subject, "commented", note, SYSTEM_CLOCK)
    await change("CUS-1", status="done")


def opened(town: Town, page_factory: Callable[..., Page], look: tuple[str, str, int]) -> Page:
    return page_factory(*look, base_url=town.url, cookies={COOKIE: town.cookies["Ben"]})


@each_look
def test_the_pages_are_whole_in_every_look(town, page_factory, axe, shoot, lang, theme, width):
    look = lang, theme, width
    name = name_of(look)
    page = opened(town, page_factory, look)
    page.errors.expect("/-/notes/")  # another part of the task's page
    for what, address, mark in (
        ("telling", "/me/telling", ".matrix"),
        ("told", "/tasks/TSK-1", ".tellings"),
        ("unsubscribe", _link(town), ".gate"),
    ):
        page.goto(address)
        expect(page.locator(mark).first).to_be_visible()
        shoot(page, f"{what}-{name}", whole=True)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= look[2]


def _link(town: Town) -> str:
    found = next(one for one in town.mails if one.recipient == "ben@example.com")
    return re.sub(r"^https?://[^/]+", "", found.message.unsubscribe)


@each_look
def test_the_mails_are_read_as_well_as_the_pages(
    town, page_factory, axe, shoot, lang, theme, width
):
    """As a mail program draws them; the digest is Cho's, in Korean."""
    look = lang, theme, width
    page = page_factory(*look)
    for number, one in enumerate(town.mails):
        if one.recipient == "ada@example.com" or (number > 14 and "digest" not in one.key):
            continue
        page.set_content(html(one.message))
        shoot(
            page,
            f"mail-{number:02}-{one.recipient.split('@')[0]}-{name_of(look)}",
            whole=True,
        )
        axe(page, without=("region", "landmark-one-main", "color-contrast-enhanced"))
        assert page.evaluate("document.documentElement.scrollWidth") <= look[2]


def test_a_choice_is_kept_and_a_muted_task_comes_back(town, page_factory):
    page = opened(town, page_factory, ("en", "light", 1440))
    page.goto("/me/telling")

    page.get_by_label("Comments: by mail").uncheck()
    page.get_by_label("Mails come").select_option("daily")
    page.get_by_label("Shop").select_option("mine")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your choice is saved.")).to_be_visible()
    expect(page.get_by_label("Comments: by mail")).not_to_be_checked()
    expect(page.get_by_label("Mails come")).to_have_value("daily")
    expect(page.get_by_label("Shop")).to_have_value("mine")

    page.get_by_role("button", name=re.compile("Tell me again about .*TSK-2")).click()
    expect(page.get_by_text("Nothing is muted")).to_be_visible()


def test_one_click_stops_the_mails_and_takes_it_back(town, page_factory):
    page = page_factory("en", "light", 390, base_url=town.url)  # nobody is signed in
    page.goto(_link(town))

    page.get_by_role("button", name="Stop them").click()
    expect(page.get_by_text("They no longer come to ben@example.com.")).to_be_visible()
    page.get_by_role("button", name="Let them come again").click()
    expect(page.get_by_text("They come to ben@example.com now.")).to_be_visible()

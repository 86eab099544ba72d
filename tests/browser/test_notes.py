"""Comments and attachments on an incident's page, by people with a browser: mouse, keyboard, no script at all."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bongsu.accounts import store as accounts
from bongsu.accounts.sessions import begin_session
from bongsu.accounts.wire import COOKIE
from bongsu.app import build_app, workers
from bongsu.db.migrate import migrate
from bongsu.db.session import Database
from bongsu.incidents import store as incidents
from bongsu.incidents.gate import GATE
from bongsu.incidents.store import Entry
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.i18n import say
from bongsu.kit.settings import Settings
from bongsu.notes import service
from tests.browser.looks import each_look
from tests.notes import pictures as files
from tests.people import person
from tests.security.house import VISIT

Make = Callable[..., Page]
PEOPLE = {"Park Minsu": "responder", "Choi Hana": "admin", "김서연": "responder", "Eva": "viewer"}
WORDS = """The payment API answers 503 since **shop-web 4.12**. I think it is the new pool size:

- [x] compare with staging
- [ ] roll back, then look at `max_connections`

> timeout after 30 s while connecting

See TSK-42 and https://example.com/runbook. @Choi Hana, can you look at the database?"""


# What a browser does when a person drops or pastes a file.
GIVE = """([kind, name]) => {
  const data = new DataTransfer();
  data.items.add(new File(["words"], name, { type: "text/plain" }));
  const options = { bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data };
  const event = kind === "paste" ? new ClipboardEvent(kind, options) : new DragEvent(kind, options);
  document.querySelector("#note-text").dispatchEvent(event);
}"""


@dataclass
class Site:
    url: str
    cookies: dict[str, str]  # by name
    folder: Path


async def _furnish(settings: Settings) -> dict[str, str]:
    await migrate(settings.database)
    db = Database.open(settings.database)
    cookies = {}
    try:
        actors = {}
        for number, (name, role) in enumerate(PEOPLE.items()):
            actors[name] = await person(db, name, role, email=f"p{number}@example.com")
        async with db.write() as tx:
            for name, actor in actors.items():
                user = await accounts.user_by_id(tx, actor.id)
                assert user is not None
                cookies[name] = await begin_session(tx, user, VISIT, SYSTEM_CLOCK)
            now = SYSTEM_CLOCK.now()
            values = {
                "title": say("{service} is down", service="Shop").stored(), "severity": 4, "state": "open",
                "dedup_key": "service/shop", "rule": "tell-owner", "audience": [], "opened_at": now,
                "changed_at": now, "correlation": "c",
            }  # fmt: skip
            number = await incidents.insert(tx, values)
            assert number is not None
            old = Entry(
                at=now,
                kind="comment",
                said=say("{words}", words="An old line"),
                actor=actors["Eva"].ref,
            )
            await incidents.add(tx, number, old)
            for name, text in (
                ("Park Minsu", WORDS),
                ("김서연", "@Park Minsu 님, 결제 쪽은 제가 보고 있습니다."),
            ):
                await service.add(
                    tx, {"incident": GATE}, actors[name], "incident/1", text, SYSTEM_CLOCK
                )
    finally:
        await db.close()
    return cookies


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Any], str]) -> Site:
    folder = tmp_path_factory.mktemp("notes")
    settings = Settings(data_dir=str(folder / "data"), mail_url=f"folder://{folder}/mail")
    (folder / "data").mkdir()
    with ThreadPoolExecutor(1) as apart:  # the browser's driver holds this thread's loop
        cookies = apart.submit(asyncio.run, _furnish(settings)).result()
    stop = asyncio.Event()
    app, opened = build_app(settings, stop)

    @contextlib.asynccontextmanager
    async def living(_app: Any) -> AsyncIterator[None]:
        async with opened:
            running = [asyncio.ensure_future(one) for one in workers(app, settings, stop)]
            yield
            stop.set()
            await asyncio.gather(*running)

    app.router.lifespan_context = living
    return Site(serve(app), cookies, folder)


@pytest.fixture
def open_as(site: Site, page_factory: Make) -> Callable[..., Page]:
    def opened(name: str = "Park Minsu", *look: Any, **options: Any) -> Page:
        page = page_factory(
            *look, base_url=site.url, cookies={COOKIE: site.cookies[name]}, **options
        )
        # The rest of the page asks for history, which nobody keeps here.
        page.goto("/incidents/1")
        return page

    return opened


def loaded(page: Page) -> None:
    expect(page.locator("#notes .talk")).to_be_visible()
    expect(page.locator("#notes[aria-busy]")).to_have_count(0)
    expect(page.locator("note-form:not(:defined)")).to_have_count(0)  # else it is a plain form
    expect(page.locator("html[data-stream=open]")).to_be_attached()


def comment(page: Page, text: str) -> None:
    page.locator("#note-text").fill(text)
    send(page, text)


def send(page: Page, text: str) -> None:
    """The comment may be seen by the stream before its own answer has emptied the form."""
    page.locator("note-form [type=submit]").click()
    expect(page.locator("#notes .talk > li").last).to_contain_text(text)
    expect(page.locator("#note-text")).to_have_value("")


def test_a_comment_with_a_person_is_written_by_keyboard(open_as, site: Site, axe: Any) -> None:
    page, other = open_as("Park Minsu"), open_as("김서연", "ko")
    loaded(page)
    loaded(other)
    text = page.locator("#note-text")
    text.click()
    page.keyboard.type("Thank you @ch")
    expect(page.locator("#hint-list [role=option]")).to_have_count(1)
    axe(page)
    page.keyboard.press("Enter")
    expect(text).to_have_value("Thank you @Choi Hana ")
    page.keyboard.type("and @")
    expect(page.locator("#hint-list [role=option]")).to_have_count(4)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#hint-1")).to_have_attribute("aria-selected", "true")
    expect(text).to_have_attribute("aria-activedescendant", "hint-1")
    page.keyboard.press("Escape")
    expect(page.locator("#hint-list")).to_have_count(0)
    page.keyboard.type("all")
    page.keyboard.press("Control+Enter")

    last = page.locator("#notes .talk > li").last
    expect(last).to_contain_text("Thank you @Choi Hana and @all")
    expect(last.locator(".mention")).to_have_text("@Choi Hana")
    expect(text).to_have_value("")
    expect(other.locator("#notes .talk > li").last).to_contain_text("Thank you @Choi Hana")
    expect(page.locator(".time")).to_contain_text("Thank you @Choi Hana")
    expect(page.locator(".time")).to_contain_text("An old line")


def test_what_is_typed_stays_while_others_write(open_as) -> None:
    page, other = open_as("Park Minsu"), open_as("김서연", "ko")
    loaded(page)
    loaded(other)
    page.locator("#note-text").fill("half a sen")
    comment(other, "먼저 씁니다")

    expect(page.locator("#notes .talk > li").last).to_contain_text("먼저 씁니다")
    expect(page.locator("#note-text")).to_have_value("half a sen")


def test_what_is_typed_outlives_the_session_for_its_writer_alone(open_as, site: Site) -> None:
    page = open_as("Park Minsu")
    page.errors.expect("status of 401")
    loaded(page)

    def signed_in_as(name: str) -> None:
        page.context.add_cookies([{"name": COOKIE, "value": site.cookies[name], "url": site.url}])
        page.goto("/incidents/1")
        loaded(page)

    page.locator("#note-text").fill("half a sentence")
    page.context.clear_cookies(name=COOKIE)
    page.locator("note-form [type=submit]").click()
    expect(page.locator("[name=password]")).to_be_visible()

    signed_in_as("Choi Hana")
    expect(page.locator("#note-text")).to_have_value("")
    signed_in_as("Park Minsu")
    expect(page.locator("#note-text")).to_have_value("half a sentence")
    send(page, "half a sentence")
    page.reload()
    loaded(page)
    expect(page.locator("#note-text")).to_have_value("")


def test_files_are_chosen_dropped_and_pasted_and_their_pictures_come_by_themselves(
    open_as, site: Site, axe: Any
) -> None:
    page = open_as()
    loaded(page)
    page.locator("#note-file").set_input_files(
        [
            {
                "name": "screen.png",
                "mimeType": "image/png",
                "buffer": files.picture("PNG", 1200, 800),
            },
            {"name": "page.png", "mimeType": "image/png", "buffer": files.HTML},
        ]
    )
    page.evaluate(GIVE, ["paste", "pasted.txt"])
    page.evaluate(GIVE, ["drop", "dropped.txt"])
    expect(page.locator(".chosen li")).to_have_count(4)
    page.locator(".chosen li", has_text="pasted.txt").get_by_role("button").click()
    expect(page.locator(".chosen li")).to_have_count(3)
    page.locator("#note-text").fill("Three files")
    page.locator("note-form [type=submit]").click()

    mine = page.locator("#notes .talk > li", has_text="Three files")
    expect(mine.locator(".file")).to_have_count(3)
    expect(page.locator(".chosen li")).to_have_count(0)
    picture = mine.locator("img[alt='screen.png']")
    expect(picture).to_be_visible(timeout=30_000)
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    expect(mine.locator(".file", has_text="page.png")).to_contain_text(
        "by its content it is: HTML page"
    )
    axe(page)
    with page.expect_download() as saved:
        mine.locator("a", has_text="page.png").click()
    assert Path(saved.value.path()).read_bytes() == files.HTML


def test_a_file_that_is_too_large_is_said_before_it_is_sent(open_as, site: Site) -> None:
    large = site.folder / "large.bin"
    with large.open("wb") as file:
        file.truncate((25 << 20) + 1)
    page = open_as()
    loaded(page)
    page.locator("#note-file").set_input_files(large)

    expect(page.locator(".chosen .err")).to_contain_text("large.bin is too large")
    page.locator("note-form [type=submit]").click()
    expect(page.locator(".chosen .err")).to_be_visible()


def test_ones_own_comment_is_changed_removed_and_brought_back(open_as) -> None:
    page = open_as()
    loaded(page)
    comment(page, "Frist!")
    mine = page.locator("#notes .talk > li", has_text="Frist!")
    number = mine.get_attribute("id")
    one = page.locator(f"#{number}")
    one.hover()
    one.get_by_label("Change this comment").click()
    one.locator(".change textarea").fill("First!")
    one.get_by_role("button", name="Save").click()
    expect(one.locator(".md")).to_have_text("First!")
    expect(one.locator(".md")).to_be_visible()
    expect(one).to_contain_text("edited")
    one.hover()
    one.get_by_label("Remove the comment by Park Minsu").click()
    expect(one).to_contain_text("A comment by Park Minsu was removed.")
    page.locator(".toast button").click()

    expect(one.locator(".md")).to_have_text("First!")


def test_who_may_only_look_sees_no_form(open_as) -> None:
    page = open_as("Eva")
    loaded(page)

    expect(page.locator("note-form")).to_have_count(0)
    expect(page.locator("#notes .do")).to_have_count(0)


def test_everything_works_without_script(site: Site, page_factory: Make) -> None:
    page = page_factory(
        base_url=site.url, cookies={COOKIE: site.cookies["Park Minsu"]}, java_script_enabled=False
    )
    page.errors.expect("status of 422")  # type: ignore[attr-defined]
    page.goto("/incidents/1")
    page.get_by_role("link", name="Comments and attachments").click()
    page.locator("#note-text").fill("By hand")
    page.locator("#note-file").set_input_files(
        [{"name": "a.txt", "mimeType": "text/plain", "buffer": b"words"}]
    )
    page.locator("note-form [type=submit]").click()
    mine = page.locator("#notes .talk > li", has_text="By hand")
    expect(mine).to_contain_text("a.txt")
    mine.get_by_label("Change this comment").click()
    mine.locator(".change textarea").fill("By hand, again")
    mine.get_by_role("button", name="Save").click()
    expect(page.locator("#notes .talk > li", has_text="By hand, again")).to_contain_text("edited")
    page.locator("note-form [type=submit]").click()

    expect(page.locator("note-form .problems")).to_contain_text("The comment is empty.")
    assert re.search(r"/-/notes/incident/1$", page.url)


@each_look
def test_the_page_is_whole_in_every_look(
    open_as, site: Site, axe: Any, shoot: Any, lang: str, theme: str, width: int
) -> None:
    page = open_as("Choi Hana", lang, theme, width)
    loaded(page)
    axe(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    shoot(page, f"notes-{lang}-{width}-{theme}", whole=True)

    assert wide <= width

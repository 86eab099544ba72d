"""The board with two people in two browsers: by pointer, by keys, by menu; and when both reach for one card."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from bongsu.accounts import store
from bongsu.accounts.sessions import Visit, begin_session
from bongsu.accounts.wire import COOKIE
from bongsu.db.session import Database
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.settings import Settings
from bongsu.tasks import projects, service
from bongsu.tasks.inputs import NewProject, NewTask
from tests.browser.conftest import served
from tests.browser.whole import Whole
from tests.people import person

VISIT = Visit("127.0.0.1", "a test")
TITLES = ("Pin the client", "Renew the certificate", "Move the banner")


@pytest.fixture
def board(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """An application with one project; its address, and the session of each of two people."""
    shutil.copy(sqlite_template, tmp_path / "state.db")
    settings = Settings(data_dir=str(tmp_path), mail_url=f"folder://{tmp_path}/mail")
    with ThreadPoolExecutor(1) as apart:  # the browser's driver holds this thread's event loop
        cookies = apart.submit(asyncio.run, _furnish(settings)).result()
    with served(Whole(settings)) as url:
        yield url, cookies


async def _furnish(settings: Settings) -> dict[str, str]:
    db = Database.open(settings.database)
    ada, ben = await person(db, "Ada", "admin"), await person(db, "Ben", "viewer")
    cookies = {}
    async with db.write() as tx:
        form = NewProject(key="TSK", title="Shop", everyone="member")
        await projects.create(tx, ada, form, SYSTEM_CLOCK)
        for title in TITLES:
            await service.create(tx, ada, NewTask(project="TSK", title=title), SYSTEM_CLOCK)
        for actor in (ada, ben):
            user = await store.user_by_id(tx, actor.id)
            assert user is not None
            cookies[actor.name] = await begin_session(tx, user, VISIT, SYSTEM_CLOCK)
    await db.close()
    return cookies


def _titles(page: Page, column: str) -> Any:
    return page.get_by_role("region", name=column).locator("h3")


@pytest.fixture
def two(board: Any, page_factory: Callable[..., Page]) -> tuple[Page, Page]:
    """Ada and Ben, both on the board, both live."""
    url, cookies = board
    pages = []
    for name in ("Ada", "Ben"):
        page = page_factory(base_url=url, cookies={COOKIE: cookies[name]})
        page.goto("/projects/TSK")
        expect(page.locator("html[data-stream=open]")).to_be_attached()
        pages.append(page)
    return pages[0], pages[1]


def test_a_card_dragged_to_another_column_is_there_for_both(two: tuple[Page, Page]) -> None:
    ada, ben = two

    ada.locator("[data-card=TSK-1]").drag_to(
        ada.get_by_role("region", name="In progress").locator(".cards")
    )

    expect(ada.locator(".toast")).to_contain_text("TSK-1 is in In progress.")
    expect(_titles(ben, "In progress")).to_have_text(["Pin the client"])
    expect(_titles(ben, "Waiting")).to_have_text(list(TITLES[1:]))


def test_a_move_can_be_taken_back_with_the_button_of_its_toast(two: tuple[Page, Page]) -> None:
    ada, ben = two
    ada.locator("[data-card=TSK-1]").drag_to(
        ada.get_by_role("region", name="Done").locator(".cards")
    )
    expect(_titles(ben, "Done")).to_have_text(["Pin the client"])

    ada.locator(".toast").get_by_role("button", name="Undo").click()

    expect(_titles(ben, "Waiting")).to_contain_text(["Pin the client"])
    expect(_titles(ada, "Done")).to_have_count(0)


def test_keys_pick_up_move_and_drop(two: tuple[Page, Page]) -> None:
    ada, ben = two
    ada.locator("[data-card=TSK-1]").focus()

    ada.keyboard.press("Space")
    expect(ada.locator("#board-says")).to_contain_text("TSK-1 picked up")
    ada.keyboard.press("ArrowRight")
    expect(ada.locator("#board-says")).to_have_text("In progress, place 1 of 1")
    ada.keyboard.press("Space")

    expect(_titles(ben, "In progress")).to_have_text(["Pin the client"])
    expect(ada.locator("[data-card=TSK-1]")).to_be_focused()


def test_an_answer_that_was_on_its_way_does_not_take_the_card_out_of_the_hand(
    two: tuple[Page, Page],
) -> None:
    ada, ben = two
    held: list[Route] = []

    def hold(route: Route) -> None:
        """The first; what is asked later goes through."""
        route.continue_() if held else held.append(route)

    ada.route("**/-/projects/TSK/board*", hold)
    ben.locator("[data-card=TSK-3]").focus()
    for key in ("Space", "ArrowRight", "Space"):
        ben.keyboard.press(key)
    expect(ben.locator(".toast")).to_contain_text("TSK-3 is in In progress.")
    while not held:  # Ada’s board is asked for
        ada.wait_for_timeout(20)

    ada.locator("[data-card=TSK-1]").focus()
    for key in ("Space", "ArrowRight"):
        ada.keyboard.press(key)
    with ada.expect_response("**/-/projects/TSK/board*"):
        held[0].continue_()
    ada.wait_for_timeout(100)  # what would put it back comes after the answer
    expect(_titles(ada, "Waiting")).to_have_text(list(TITLES[1:]))
    ada.keyboard.press("Space")

    expect(_titles(ben, "In progress")).to_have_text(["Pin the client", "Move the banner"])
    expect(_titles(ada, "In progress")).to_have_text(["Pin the client", "Move the banner"])


def test_keys_order_a_column(two: tuple[Page, Page]) -> None:
    ada, ben = two
    ada.locator("[data-card=TSK-1]").focus()

    for key in ("Space", "ArrowDown", "ArrowDown", "Space"):
        ada.keyboard.press(key)

    expect(_titles(ben, "Waiting")).to_have_text([TITLES[1], TITLES[2], TITLES[0]])


def test_escape_puts_the_card_back(two: tuple[Page, Page]) -> None:
    ada, _ = two
    ada.locator("[data-card=TSK-2]").focus()

    for key in ("Space", "ArrowRight", "Escape"):
        ada.keyboard.press(key)

    expect(_titles(ada, "Waiting")).to_have_text(list(TITLES))
    ada.reload()
    expect(_titles(ada, "Waiting")).to_have_text(list(TITLES))


def test_the_menu_moves_and_takes(two: tuple[Page, Page]) -> None:
    ada, ben = two
    card = ada.locator("[data-card=TSK-3]")

    card.get_by_role("button", name="Move or change TSK-3").click()
    ada.get_by_role("menuitem", name="Move to Done").click()
    for page in two:
        expect(_titles(page, "Done")).to_have_text(["Move the banner"])
    expect(card).to_be_focused()  # the last of it
    card.get_by_role("button", name="Move or change TSK-3").click()
    ada.get_by_role("menuitem", name="Assign to me").click()

    expect(ben.locator("[data-card=TSK-3]")).to_contain_text("Ada")


def test_a_card_that_is_moved_into_a_long_column_stays_in_sight_and_keys_reach_the_rest(
    two: tuple[Page, Page],
) -> None:
    ada, _ = two
    ada.goto("/projects/TSK/import")
    ada.locator("textarea[name=text]").last.fill(
        "title,column\n" + "".join(f"Long {n},In progress\n" for n in range(31))
    )
    ada.get_by_role("button", name="See what it would make").click()
    ada.get_by_role("button", name="Make 31 tasks").click()
    ada.wait_for_url("**/projects/TSK")  # with its scripts

    ada.get_by_role("button", name="Move or change TSK-1", exact=True).click()
    ada.get_by_role("menuitem", name="Move to In progress").click()

    expect(_titles(ada, "In progress").first).to_have_text("Pin the client")
    expect(ada.locator("[data-card=TSK-1]")).to_be_focused()  # the last of it
    column = ada.get_by_role("region", name="In progress")
    ada.locator("[data-card=TSK-2]").focus()
    for key in ("Space", "ArrowRight", *["ArrowDown"] * 30):
        ada.keyboard.press(key)
    expect(ada.locator("#board-says")).to_have_text("In progress, place 31 of 33")
    ada.keyboard.press("Space")
    expect(ada.get_by_text("TSK-2 is in In progress.")).to_be_visible()
    expect(_titles(ada, "In progress").last).to_have_text("Renew the certificate")

    column.locator("[data-card]").last.focus()
    ada.keyboard.press("ArrowDown")
    expect(column.get_by_role("link", name="Show 2 more")).to_be_focused()
    ada.keyboard.press("Enter")
    expect(column.locator("[data-card=TSK-33]")).to_be_focused()
    ada.reload()
    expect(_titles(ada, "In progress").last).to_have_text("Long 30")


def test_of_two_who_reach_for_one_card_the_slower_hears_why_and_sees_where_it_is(
    two: tuple[Page, Page],
) -> None:
    ada, ben = two
    ben.errors.expect("409")  # type: ignore[attr-defined]
    ben.locator("[data-card=TSK-1]").focus()
    ben.keyboard.press("Space")  # in Ben’s hand: his board does not move under him
    ada.locator("[data-card=TSK-1]").drag_to(
        ada.get_by_role("region", name="In progress").locator(".cards")
    )
    expect(ada.locator(".toast")).to_contain_text(
        "TSK-1 is in In progress."
    )  # kept, not only drawn

    for key in ("ArrowRight", "ArrowRight", "Space"):
        ben.keyboard.press(key)

    expect(ben.locator(".toast")).to_contain_text(
        "Ada moved TSK-1 to In progress while you looked at it."
    )
    expect(_titles(ben, "In progress")).to_have_text(["Pin the client"])
    expect(_titles(ben, "Done")).to_have_count(0)


def test_a_text_that_both_changed_comes_back_beside_the_others(two: tuple[Page, Page]) -> None:
    ada, ben = two
    ben.errors.expect("409")  # type: ignore[attr-defined]
    for page in (ada, ben):
        page.goto("/tasks/TSK-1/edit")
    ada.get_by_label("Description").fill("What Ada knows")
    ada.get_by_role("button", name="Save").click()
    expect(ada.locator(".prose")).to_contain_text("What Ada knows")

    ben.get_by_label("Description").fill("What Ben knows")
    ben.get_by_role("button", name="Save").click()
    expect(ben.get_by_role("alert")).to_contain_text(
        "Ada changed the text of TSK-1 while you wrote."
    )
    expect(ben.locator(".theirs")).to_contain_text("What Ada knows")
    expect(ben.get_by_label("Description")).to_have_value("What Ben knows")

    ben.get_by_label("Description").fill("What Ada and Ben know")
    ben.get_by_role("button", name="Save").click()
    expect(ada.locator(".prose")).to_contain_text("What Ada and Ben know")


def test_a_form_outlives_the_session_until_it_is_taken(two: tuple[Page, Page]) -> None:
    ada, ben = two
    for page in two:
        page.errors.expect("401", "409")  # type: ignore[attr-defined]
    ada.goto("/tasks/new?project=TSK")
    ada.get_by_label("Title").fill("Half a thought")
    ada.get_by_label("Description").fill("with many words")
    ada.locator("[name=assignees]").nth(1).check()
    session = ada.context.cookies()
    ada.context.clear_cookies(name=COOKIE)
    ada.get_by_role("button", name="Make the task").click()
    expect(ada.locator("[name=password]")).to_be_visible()
    ada.context.add_cookies(session)

    ada.goto("/tasks/new?project=TSK")
    expect(ada.get_by_label("Title")).to_have_value("Half a thought")
    expect(ada.get_by_label("Description")).to_have_value("with many words")
    expect(ada.locator("[name=assignees]").nth(1)).to_be_checked()
    expect(ada.get_by_role("status").filter(has_text="is back")).to_be_visible()
    ada.get_by_role("button", name="Make the task").click()
    expect(ada.locator("h1")).to_have_text("Half a thought")
    ada.goto("/tasks/new?project=TSK")
    expect(ada.get_by_label("Title")).to_have_value("")

    ben.goto("/tasks/TSK-1/edit")
    ben.get_by_label("Description").fill("What Ben knows")
    ada.goto("/tasks/TSK-1/edit")
    ada.get_by_label("Description").fill("What Ada knows")
    ada.get_by_role("button", name="Save").click()
    expect(ada.locator(".prose")).to_contain_text("What Ada knows")
    ben.goto("/tasks/TSK-1/edit")  # a page that Ada's words are in
    expect(ben.get_by_label("Description")).to_have_value("What Ben knows")
    ben.get_by_role("button", name="Save").click()
    expect(ben.get_by_role("alert")).to_contain_text("Ada changed the text of TSK-1")
    ben.get_by_role("link", name="Cancel").click()
    ben.goto("/tasks/TSK-1/edit")
    expect(ben.get_by_label("Description")).to_have_value("What Ada knows")


@pytest.mark.parametrize(
    ("lang", "width"),
    [
        ("en", 1440),
        ("ko", 390),
        *(pytest.param(*look, marks=pytest.mark.long) for look in (("en", 390), ("ko", 1440))),
    ],
)
def test_board_task_and_form_in_every_look(
    board: Any, page_factory: Callable[..., Page], axe: Any, shoot: Any, lang: str, width: int
) -> None:
    url, cookies = board
    for theme in ("light", "dark"):
        page = page_factory(lang, theme, width, base_url=url, cookies={COOKIE: cookies["Ada"]})
        for name, path in (
            ("board", "/projects/TSK"),
            ("task", "/tasks/TSK-1"),
            ("new", "/tasks/new?project=TSK"),
        ):
            page.goto(path)
            expect(page.locator("[aria-busy=true]")).to_have_count(0)
            axe(page)
            shoot(page, f"{name}-{lang}-{width}-{theme}")


def test_a_phone_shows_long_names_of_columns_whole_or_cut_and_never_grows_wider(
    board: Any, page_factory: Callable[..., Page], shoot: Any
) -> None:
    url, cookies = board
    page = page_factory("ko", "dark", 390, base_url=url, cookies={COOKIE: cookies["Ada"]})
    page.goto("/projects/TSK/settings")
    for n in range(6):
        page.locator("#new-column").fill(f"검토를 기다리는 아주 긴 이름의 열 {n}")
        page.locator("form.add:has(#new-column) button").click()
        expect(page.locator(f".columns input[value$=' {n}']")).to_be_visible()
    for path in ("/projects/TSK", "/tasks/TSK-1", "/tasks"):
        page.goto(path)
        expect(page.locator("html[data-stream=open]")).to_be_attached()
        assert 390 == page.evaluate("document.scrollingElement.scrollWidth"), path
        shoot(page, f"long-columns{path.replace('/', '-')}")

    page.goto("/projects/TSK")
    names = page.locator(".pick > a")
    assert all(box["width"] > 60 for one in names.all() if (box := one.bounding_box()))
    page.locator("[data-card=TSK-1] [data-card-menu]").tap()
    page.locator("[data-move]:visible").last.tap()
    toast = page.locator(".toast").bounding_box()
    assert toast is not None
    assert toast["x"] + toast["width"] <= 390


def test_a_menu_lies_within_a_phones_screen(
    board: Any, page_factory: Callable[..., Page], shoot: Any
) -> None:
    url, cookies = board
    page = page_factory("ko", "dark", 390, base_url=url, cookies={COOKIE: cookies["Ada"]})
    page.goto("/projects/TSK")

    for menu in page.locator("main [data-menu], header [data-menu]").all():
        menu.locator("summary").click()
        expect(menu.locator(".pop")).to_be_visible()
        box = menu.locator(".pop").bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390, box
        shoot(page, "board-menu")
        page.keyboard.press("Escape")

"""The way in, as people see it: signing up, a forgotten password, who may join, another address, leaving."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bongsu.accounts import policy, store
from bongsu.accounts.doors import make_door
from bongsu.accounts.inputs import PolicyChange
from bongsu.accounts.model import SYSTEM
from bongsu.accounts.sessions import Visit, begin_session
from bongsu.accounts.wire import COOKIE
from bongsu.db.migrate import migrate
from bongsu.db.session import Database
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.settings import Settings
from tests.browser.looks import FIRST, each_look
from tests.browser.test_pages import Looker
from tests.browser.whole import Whole
from tests.people import person

VISIT = Visit("127.0.0.1", "a test")
WORDS = {
    "en": {
        "sign up": "Sign up",
        "look": "Look into your mail",
        "come in": "Verify and come in",
        "again": "Send it again",
        "forgot": "Forgot your password?",
        "send": "Send a link",
        "set": "Set the password",
    },
    "ko": {
        "sign up": "가입하기",
        "look": "메일을 확인하세요",
        "come in": "확인하고 들어가기",
        "again": "다시 보내기",
        "forgot": "비밀번호를 잊으셨나요?",
        "send": "링크 보내기",
        "set": "비밀번호 정하기",
    },
}


class Place:
    """An application that takes people in, with an administrator who is signed in."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=str(folder), public_url="https://bongsu.example.com")
        self.file, self.url = folder / "state.db", ""
        self.doors: dict[str, str] = {}

    async def furnish(self) -> None:
        await migrate(self.settings.database)
        db = Database.open(self.settings.database)
        alice = await person(db, "Alice Kim", "admin", email="alice@example.com")
        gone = await person(db, "Ben Cole", "viewer", email="ben@example.com")
        async with db.write() as tx:
            rules = PolicyChange(join="open", domains=["example.com", "shop.example.com"])
            await policy.change(tx, SYSTEM, rules, SYSTEM_CLOCK)
            await store.update_user(tx, gone.id, disabled_at=SYSTEM_CLOCK.now())
            user = await store.user_by_id(tx, alice.id)
            assert user is not None
            self.cookie = await begin_session(tx, user, VISIT, SYSTEM_CLOCK)
            for purpose, email in (("verify", None), ("email", "alice.kim@example.com")):
                now = SYSTEM_CLOCK.now()
                self.doors[purpose] = await make_door(tx, purpose, alice.id, now, email)
        await db.close()

    def link(self) -> str:
        """The path of the one-time link that was mailed last."""
        with contextlib.closing(sqlite3.connect(self.file)) as db:
            query = (
                "SELECT secret_link FROM delivery WHERE secret_link <> '' ORDER BY id DESC LIMIT 1"
            )
            (found,) = db.execute(query).fetchone()
        return str(found).removeprefix("https://bongsu.example.com")


@pytest.fixture(scope="module")
def place(tmp_path_factory: Any, serve: Callable[[Any], str]) -> Place:
    made = Place(tmp_path_factory.mktemp("place"))
    with ThreadPoolExecutor(1) as apart:  # the browser's driver holds this thread's event loop
        apart.submit(asyncio.run, made.furnish()).result()
    made.url = serve(Whole(made.settings))
    return made


@each_look
def test_the_pages_of_joining_are_whole_silent_and_accessible(
    place: Place, page_factory: Any, axe: Any, shoot: Any, lang: str, theme: str, width: int
) -> None:
    cookies = {COOKIE: place.cookie}
    inside = page_factory(lang, theme, width, base_url=place.url, cookies=cookies)
    looker = Looker(inside, axe, shoot, (lang, theme, width))
    for name, address, mark in (
        ("joining", "/people/joining", "[name=domains]"),
        ("email", "/me/email", "[name=password]"),
        ("leave", "/me/delete", "[name=password]"),
        ("person-disabled", "/people/2", "form[action$=delete]"),
        ("me-data", "/me", "#data"),
    ):
        looker.see(name, address, mark, live=False)
    outside = page_factory(lang, theme, width, base_url=place.url)
    looker.page = outside
    for name, address, mark in (
        ("sign-in-open", "/sign-in", "a[href='/sign-up']"),
        ("sign-up", "/sign-up", "[name=password]"),
        ("forgot", "/forgot", "[name=email]"),
        ("door-verify", f"/door/{place.doors['verify']}", "[name=password]"),
        ("door-email", f"/door/{place.doors['email']}", "[name=password]"),
    ):
        looker.see(name, address, mark, live=False)

    assert "\n".join(looker.wrong) == ""


@pytest.mark.parametrize(("lang", "theme", "width"), FIRST)
def test_somebody_signs_up_forgets_the_password_and_is_in_again(
    place: Place, page_factory: Any, axe: Any, shoot: Any, lang: str, theme: str, width: int
) -> None:
    words, page = WORDS[lang], page_factory(lang, theme, width, base_url=place.url)
    looker, address = Looker(page, axe, shoot, (lang, theme, width)), f"erin-{lang}@example.com"

    def press(name: str) -> None:
        page.get_by_role("button", name=words[name]).click()

    def look(name: str) -> None:
        shoot(page, f"joining-{name}-{lang}-{width}-{theme}")
        looker.judge(name)

    page.goto("/sign-in")
    page.get_by_role("link", name=words["sign up"]).click()
    page.errors.expect("status of 4")
    _fill(page, name="Erin", email="erin@elsewhere.net", password="a kingfisher in rain")
    press("sign up")
    expect(page.locator(".field[data-bad]")).to_be_visible()
    look("refused")
    _fill(page, email=address, password="a kingfisher in rain")
    press("sign up")
    expect(page.locator("h1")).to_have_text(words["look"])
    look("sent")
    with page.expect_navigation():  # to the same page: nothing else tells when it has come
        press("again")
    expect(page.locator("h1")).to_have_text(words["look"])

    page.goto("/sign-in")
    _fill(page, email=address, password="a kingfisher in rain")
    page.locator("form .main-act").click()
    expect(page.locator("[formaction='/sign-up/again']")).to_be_visible()
    look("not-verified")

    page.goto(place.link())
    _fill(page, password="a kingfisher in rain")
    press("come in")
    expect(page.locator(".rail, .tabs").first).to_be_attached()

    page.goto("about:blank")  # closed, then opened: no part of the page asks for itself meanwhile
    page.context.clear_cookies(name=COOKIE)
    page.goto("/sign-in")
    page.get_by_role("link", name=words["forgot"]).click()
    _fill(page, email=address)
    press("send")
    expect(page.locator("h1")).to_have_text(words["look"])
    page.goto(place.link())
    _fill(page, password="ten herons by now")
    press("set")
    expect(page.locator(".rail, .tabs").first).to_be_attached()

    assert "\n".join(looker.wrong) == ""


def _fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"main [name={name}]", value)

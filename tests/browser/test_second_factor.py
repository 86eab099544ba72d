"""Second factor and provider, by hand: set up, a code, recovery codes, compulsory, linked; in both languages."""

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bongsu.accounts import policy, totp
from bongsu.accounts.inputs import PolicyChange
from bongsu.accounts.model import Actor
from bongsu.db.migrate import migrate
from bongsu.db.session import Database
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.settings import Settings
from tests.accounts.provider import CLIENT, running_provider
from tests.accounts.second import with_codes
from tests.browser.looks import FIRST
from tests.browser.test_pages import Looker
from tests.browser.whole import Whole
from tests.people import PASSWORD, person

pytestmark = pytest.mark.timeout(300)
WORDS = {
    "en": {
        "sign in": "Sign in",
        "set": "Set it up",
        "begin": "Begin",
        "type": "Type it instead",
        "confirm": "Switch it on",
        "kept": "I have kept them",
        "change": "Change it",
        "recovery": "Without the device: a recovery code",
        "provider": "Sign in with Example Login",
        "link": "Link Example Login",
    },
    "ko": {
        "sign in": "로그인",
        "set": "설정",
        "begin": "시작하기",
        "type": "직접 입력하기",
        "confirm": "켜기",
        "kept": "보관했습니다",
        "change": "변경",
        "recovery": "기기가 없으면 복구 코드",
        "provider": "Example Login 계정으로 로그인",
        "link": "Example Login 연결",
    },
}


class Place:
    """An application with a provider; one person for each look, and an administrator with a second factor."""

    def __init__(self, folder: Path, issuer: str) -> None:
        self.settings = Settings(
            data_dir=str(folder),
            oidc_issuer=issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret="env:BONGSU_TEST_SECRET",
            oidc_title="Example Login",
            outward_may_reach="loopback",
        )
        self.whole = Whole(self.settings)
        self.url, self.alice = "", Actor("system", 0, "", "", "admin")

    async def furnish(self) -> None:
        await migrate(self.settings.database)
        db = Database.open(self.settings.database)
        self.alice = await person(db, "Alice Kim", "admin", email="alice@example.com")
        for lang, theme, width in FIRST:
            for who in ("erin", "frank", "grace"):
                address = f"{who}-{lang}-{theme}-{width}@example.com"
                await person(db, who.title(), "responder", email=address)
        self.db, self.clock = db, SYSTEM_CLOCK
        self.vault = self.whole.app.state.parts.vault
        await with_codes(self, self.alice)
        await db.close()

    async def require(self, required: bool) -> None:
        db = Database.open(self.settings.database)
        async with db.write() as tx:
            await policy.change(tx, self.alice, PolicyChange(mfa_required=required), SYSTEM_CLOCK)
        await db.close()

    def served_at(self, url: str) -> None:
        """The provider sends people back to where they came from."""
        state = self.whole.app.state
        known = replace(state.parts.settings, public_url=url)
        state.parts, self.url = replace(state.parts, settings=known), url


def apart(work: Any) -> None:
    """The browser's driver holds this thread's event loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def place(tmp_path_factory: Any, serve: Callable[[Any], str]) -> Iterator[Place]:
    with pytest.MonkeyPatch.context() as patch, running_provider() as issuer:
        patch.setenv("BONGSU_TEST_SECRET", "a secret of the test")
        made = Place(tmp_path_factory.mktemp("place"), issuer)
        apart(made.furnish())
        made.served_at(serve(made.whole))
        yield made


class Visitor:
    """One person at one screen."""

    def __init__(self, page: Page, looker: Looker, shoot: Any, look: tuple[str, str, int]) -> None:
        self.page, self.looker, self.shoot, self.look = page, looker, shoot, look
        self.words = WORDS[look[0]]

    def address(self, who: str) -> str:
        return f"{who}-{'-'.join(map(str, self.look))}@example.com"

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=self.words[name], exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=self.words[name], exact=True).click()

    def see(self, name: str, mark: str) -> None:
        """Once there is what only this page shows."""
        lang, theme, width = self.look
        expect(self.page.locator(mark).first).to_be_visible()
        self.page.wait_for_load_state()
        self.looker.judge(name)
        self.shoot(self.page, f"factor-{name}-{lang}-{width}-{theme}", whole=True)

    def forget(self) -> None:
        """A browser that was closed: first the page, whose parts would else ask without a cookie."""
        self.page.goto("about:blank")
        self.page.context.clear_cookies(name="bongsu")

    def give_password(self, who: str, after: str = "/me") -> None:
        self.page.goto(f"/sign-in?next={after}")
        self.page.fill("[name=email]", self.address(who))
        self.page.fill("[name=password]", PASSWORD)
        self.press("sign in")

    def give_code(self, secret: str, steps: int = 0) -> None:
        step = totp.step_at(SYSTEM_CLOCK.now()) + steps
        self.page.fill("[name=code]", totp.code_at(secret.replace(" ", ""), step))


@pytest.fixture(params=[FIRST[0], pytest.param(FIRST[1], marks=pytest.mark.long)], ids=str)
def visitor(
    request: Any, place: Place, page_factory: Any, axe: Any, shoot: Any
) -> Iterator[Visitor]:
    look = request.param
    page = page_factory(*look, base_url=place.url)
    made = Visitor(page, Looker(page, axe, shoot, look), shoot, look)
    yield made
    assert "\n".join(made.looker.wrong) == ""


def test_one_sets_it_up_signs_in_with_it_and_comes_in_without_the_device(visitor: Visitor) -> None:
    page = visitor.page
    page.errors.expect("status of 4")  # type: ignore[attr-defined]
    visitor.give_password("erin")
    visitor.see("me-without", "#tokens")
    visitor.follow("set")
    visitor.see("intro", ".steps")
    visitor.press("begin")
    expect(page.locator(".scan img")).to_have_js_property("complete", True)
    assert page.locator(".scan img").evaluate("one => one.naturalWidth") > 100
    visitor.see("scan", ".scan")
    page.get_by_text(visitor.words["type"]).click()
    visitor.see("scan-letters", "details .out")
    secret = page.locator("details .out").inner_text().strip().splitlines()[0]
    page.fill("[name=code]", "000000")
    visitor.press("confirm")
    visitor.see("scan-wrong", ".field[data-bad]")
    visitor.give_code(secret)
    visitor.press("confirm")
    expect(page.locator(".recovery li")).to_have_count(10)
    recovery = page.locator(".recovery li").all_inner_texts()
    visitor.see("recovery-codes", ".recovery")
    visitor.follow("kept")
    visitor.see("me-with", "#tokens")
    page.goto("/me/second-factor")
    visitor.see("manage", "#codes")

    visitor.forget()
    visitor.give_password("erin", "/people")
    expect(page.locator("[name=code]")).to_be_focused()
    visitor.see("code", ".code-field")
    page.fill("[name=code]", "000000")
    visitor.press("sign in")
    visitor.see("code-wrong", ".field[data-bad]")
    visitor.give_code(secret, 1)
    visitor.press("sign in")
    expect(page).to_have_url(re.compile(r"/people$"))

    visitor.forget()
    visitor.give_password("erin", "/people")
    visitor.follow("recovery")
    visitor.see("recovery", "form:has([name=recovery]) [name=code]")
    page.fill("[name=code]", recovery[0])
    visitor.press("sign in")
    expect(page.locator("#people")).to_be_visible()


def test_one_comes_through_the_provider_and_links_it(visitor: Visitor) -> None:
    page = visitor.page
    page.errors.expect("/css/pico.min.css", "/favicon.ico")  # of the provider's own page
    page.goto("/sign-in")
    visitor.see("sign-in-provider", "#email")
    visitor.give_password("frank")
    visitor.see("me-provider", "#link-password")
    page.fill("#link-password", PASSWORD)
    visitor.press("link")
    page.wait_for_url(
        "**/oauth2/authorize**"
    )  # by itself: neither form-action nor a click stops it
    page.fill("[name=sub]", visitor.address("frank"))
    page.get_by_role("button", name="Authorize").click()
    expect(page.locator("#identities li")).to_have_count(1)
    visitor.see("me-linked", "#identities")

    visitor.forget()
    page.goto("/sign-in?next=/people")
    visitor.follow("provider")
    page.fill("[name=sub]", visitor.address("frank"))
    page.get_by_role("button", name="Authorize").click()
    expect(page.locator("#people")).to_be_visible()

    visitor.forget()
    page.errors.expect("status of 4")  # type: ignore[attr-defined]
    page.goto("/sign-in")
    visitor.follow("provider")
    page.fill("[name=sub]", "stranger@example.net")
    page.get_by_role("button", name="Authorize").click()
    expect(page.locator("[role=alert]")).to_contain_text("Example Login")
    visitor.see("sign-in-refused", "[role=alert]")


def test_where_it_is_compulsory_an_open_page_moves_to_setting_one_up(
    visitor: Visitor, place: Place
) -> None:
    page = visitor.page
    page.errors.expect("status of 4")  # type: ignore[attr-defined]
    visitor.give_password("grace", "/people")
    expect(page.locator("html[data-stream=open]")).to_be_attached()
    apart(place.require(True))
    try:
        expect(page).to_have_url(re.compile("/me/second-factor"))  # nobody pressed anything
        visitor.see("compulsory", ".steps")
    finally:
        apart(place.require(False))

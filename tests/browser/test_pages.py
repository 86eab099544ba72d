"""Every page of the real application in both languages, light and dark, on a phone and a desk.

A page is right when it is the page that was asked for, the console and the content security policy are silent, axe
finds nothing, nothing is wider than the screen, and it is live.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import PASSWORD, House, furnished
from tests.browser.looks import each_look
from tests.journeys.world import Browser

Make = Callable[..., Page]
# name, address, and something that only this page shows once it is whole
MAIN = [
    ("wall", "/", "tr.row"),
    ("service", "/services/checkout", "#percentiles .panel, #percentiles .banner"),
    ("incidents", "/incidents", ".incs"),
    ("opened", "{opened}", ".bottom"),
    ("resolved", "{resolved}", ".time li"),
    ("deliveries", "/deliveries", ".sent"),
]
REST = [
    ("grid", "/?view=grid", "monitor-grid canvas"),
    ("long", "/services/customs", "#percentiles .panel, #percentiles .banner"),
    ("services", "/services", ".svcs"),
    ("service-new", "/services/new", "[name=title]"),
    ("service-edit", "/services/checkout/edit", "[name=title]"),
    ("check-new", "/services/checkout/checks/new", "[name='options.url']"),
    ("check-tls", "/services/checkout/checks/new?kind=tls", "[name='options.address']"),
    ("check-edit", "/services/checkout/checks/pay/edit", "[name='options.url']"),
    ("evidence", "{evidence}", ".cond .bad"),
    ("events", "/events", ".events"),
    ("event", "{event}", "pre.out"),
    ("delivery", "/deliveries/1", ".tries, .standing"),
    ("channels", "/channels", ".channels"),
    ("channel-new", "/channels/new", "[name='options.url']"),
    ("channel-edit", "/channels/ops", "[name='options.url']"),
    ("rules", "/rules", ".rules"),
    ("rule", "/rules/tell-owner", "[name=when]"),
    ("people", "/people", "#people"),
    ("person", "/people/2", "[name=role]"),
    ("person-new", "/people/new", "[name=email]"),
    ("team", "/people/teams/1", "[name=title]"),
    ("me", "/me", "#sessions"),
]
OUTSIDE = [("sign-in", "/sign-in", "[name=password]"), ("door", "{door}", "[name=password]")]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("house")).running() as started:
        started.places = furnished(started)
        yield started


@pytest.fixture(scope="module")
def cookies(house: House) -> dict[str, str]:
    return house.cookies()


class Looker:
    """Opens pages one after the other and collects what is wrong with each."""

    def __init__(self, page: Page, axe: Any, shoot: Any, look: tuple[str, str, int]) -> None:
        self.page, self.axe, self.shoot, self.look = page, axe, shoot, look
        self.wrong: list[str] = []

    def see(self, name: str, address: str, mark: str, live: bool = True) -> None:
        lang, theme, width = self.look
        self.page.goto(address)
        expect(self.page.locator(mark).first).to_be_attached()
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)
        if live:
            expect(self.page.locator("html[data-stream=open]")).to_be_attached()
            expect(self.page.locator("#overall .say")).to_be_visible()
        self.shoot(self.page, f"page-{name}-{lang}-{width}-{theme}")
        self.judge(name)

    def judge(self, name: str) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.look[2]:
            self.wrong.append(f"{name}: {wide} px wide")
        if self.page.evaluate("document.documentElement.lang") != self.look[0]:
            self.wrong.append(f"{name}: not in {self.look[0]}")
        try:
            self.axe(self.page)
        except AssertionError as error:
            self.wrong.append(f"{name}: {error}")
        self.wrong += [f"{name}: {text}" for text in self.page.errors.unexpected()]
        self.page.errors.seen.clear()


@pytest.mark.timeout(600)
@each_look
def test_every_page_is_whole_silent_and_accessible(
    house: House,
    cookies: dict[str, str],
    page_factory: Make,
    axe: Any,
    shoot: Any,
    lang: str,
    theme: str,
    width: int,
) -> None:
    page = page_factory(lang, theme, width, base_url=house.url, cookies=cookies)
    looker = Looker(page, axe, shoot, (lang, theme, width))

    for name, address, mark in MAIN + REST:
        looker.see(name, address.format(**house.places), mark)

    assert "\n".join(looker.wrong) == ""


@each_look
def test_the_gate_is_whole_silent_and_accessible(
    house: House, page_factory: Make, axe: Any, shoot: Any, lang: str, theme: str, width: int
) -> None:
    page = page_factory(lang, theme, width, base_url=house.url)
    looker = Looker(page, axe, shoot, (lang, theme, width))

    for name, address, mark in OUTSIDE:
        looker.see(name, address.format(**house.places), mark, live=False)
    page.goto("/incidents")
    page.wait_for_url(re.compile(r"/sign-in\?next=/incidents$"))

    assert "\n".join(looker.wrong) == ""


@each_look
def test_what_is_not_there_or_not_allowed_says_so(
    house: House,
    viewer: dict[str, str],
    page_factory: Make,
    axe: Any,
    shoot: Any,
    lang: str,
    theme: str,
    width: int,
) -> None:
    page = page_factory(lang, theme, width, base_url=house.url, cookies=viewer)
    page.errors.expect("status of 404", "status of 403")
    looker = Looker(page, axe, shoot, (lang, theme, width))

    looker.see("404", "/services/nowhere", ".failure")
    looker.see("403", "/services/new", ".failure")
    looker.see("channel-seen", "/channels/ops", ".facts")
    looker.see("people-seen", "/people", "#people")

    assert "\n".join(looker.wrong) == ""


@pytest.fixture(scope="module")
def viewer(house: House) -> dict[str, str]:
    """Somebody who may only look."""
    door = house.invited(house.signed_in, "Lee Seoyeon", "seoyeon@example.com", "viewer")
    form = {"name": "Lee Seoyeon", "password": PASSWORD}
    Browser(house.url).post(door, form)
    return house.cookies("seoyeon@example.com")


def test_editing_a_check_keeps_what_was_not_touched(
    house: House, cookies: dict[str, str], page_factory: Make
) -> None:
    page = page_factory(base_url=house.url, cookies=cookies)
    address = f"http://{house.site.address(4)}/"

    page.goto("/services/checkout/checks/pay/edit")
    expect(page.locator("[name='options.url']")).to_have_value(address)
    expect(page.locator("[name=warn]")).to_be_visible()
    page.fill("[name=every]", "2s")
    page.locator("button.main-act").click()
    page.wait_for_url("**/services/checkout")

    [check] = house.bongsu.call("GET", "/checks?service=checkout")["checks"]
    assert (2.0, address) == (check["every_s"], check["target"])


def test_the_palette_finds_incidents_services_and_checks(
    house: House, cookies: dict[str, str], page_factory: Make
) -> None:
    page = page_factory(lang="ko", base_url=house.url, cookies=cookies)
    page.goto("/people")
    page.keyboard.press("Control+k")
    number = house.places["opened"].rpartition("/")[2]

    page.locator("#palette input").fill(f"inc-{number}")
    expect(page.locator("#found a").first).to_contain_text(f"INC-{number} 결제 중단")
    page.locator("#palette input").fill("checkout/")
    page.locator("#palette input").fill("pay")
    expect(page.locator("#found a").first).to_contain_text("checkout/pay")
    page.locator("#palette input").fill(f"inc-{number}")
    expect(page.locator("#found a").first).to_contain_text(f"INC-{number} 결제 중단")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{house.places['opened']}")


def test_a_channel_is_made_tested_and_deleted_by_hand(
    house: House, cookies: dict[str, str], page_factory: Make
) -> None:
    page = page_factory(base_url=house.url, cookies=cookies)
    page.goto("/channels/new")
    page.select_option("[name=kind]", "mail")
    page.fill("[name='options.to']", "night@example.com\nduty@example.com")
    page.fill("[name=name]", "night")
    page.locator("button.main-act").click()
    page.wait_for_url("**/channels/night")
    expect(page.locator("[name='options.to']")).to_have_value("night@example.com\nduty@example.com")

    page.get_by_role("button", name="Send a test").click()

    expect(page.locator(".standing")).to_contain_text("Delivered")
    expect(page.locator(".tries li")).to_have_count(1)
    _, mail = house.mailbox.wait(lambda m: "night@example.com" in str(m["To"]))
    assert "Test of the channel night" == mail["Subject"]
    page.goto("/channels/night")
    page.get_by_role("button", name="Delete the channel").click()
    page.wait_for_url("**/channels")
    expect(page.locator("#channels")).not_to_contain_text("night")


def test_a_channel_that_cannot_be_says_what_is_wrong_in_its_field(
    house: House, cookies: dict[str, str], page_factory: Make
) -> None:
    page = page_factory(base_url=house.url, cookies=cookies)
    page.errors.expect("status of 422")
    page.goto("/channels/new")
    page.fill("[name=name]", "bad")
    page.fill("[name='options.url']", "ftp://example.com/")
    page.locator("button.main-act").click()

    expect(page.locator(".problems")).to_contain_text("The channel bad cannot be saved.")
    expect(page.locator("[name='options.url']")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name='options.url']")).to_have_value("ftp://example.com/")


def test_a_dead_letter_is_sent_again(
    house: House, cookies: dict[str, str], page_factory: Make
) -> None:
    """The secret that the channel names is not there, so each attempt fails until it is taken away."""
    page = page_factory(base_url=house.url, cookies=cookies)
    hook = f"http://{house.site.address(5)}/hook"
    call = house.bongsu.call
    call(
        "POST",
        "/channels",
        {"name": "hush", "kind": "webhook", "options": {"url": hook, "secret": "env:NO_SUCH"}},
    )
    page.goto("/channels/hush")
    page.get_by_role("button", name="Send a test").click()

    expect(page.locator(".standing")).to_contain_text("NO_SUCH")
    page.goto("/deliveries")
    letter = page.locator(".letters li").filter(has_text="hush")
    expect(letter).to_contain_text("The environment variable NO_SUCH is not set.")
    letter.get_by_role("button", name="Send again").click()

    expect(page.locator(".toast")).to_have_text("It is sent again now.")
    expect(page.locator(".tries li").nth(1)).to_be_attached()

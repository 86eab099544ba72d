"""A newcomer's first outage in a real browser, in both languages: from the one-time link to "resolved"."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import EMAIL, PASSWORD, House
from tests.journeys.world import text_of

WORDS = {
    "en": {
        "first": "You are the first here",
        "begin": "Begin",
        "invite": "Invite",
        "make link": "Invite",
        "new team": "New team",
        "create team": "Create the team",
        "no service": "No service yet",
        "new service": "New service",
        "register": "Register the service",
        "save check": "Save the check",
        "ok now": "OK now",
        "up": "Up",
        "one down": "^1 down",
        "is down": "Checkout is down",
        "nobody": "Severity 4, nobody has it",
        "seen": "what was seen",
        "status": "[STATUS] (500) == 200",
        "what was seen": "What was seen",
        "reason": "Answered 500, expected 200.",
        "take": "Take it",
        "taken": "Severity 4, acknowledged",
        "note": "Comment",
        "add": "Add comment",
        "resolved": "Resolved",
        "resolved mail": "Resolved after",
        "began": "It began",
    },
    "ko": {
        "first": "처음 오셨습니다",
        "begin": "시작하기",
        "invite": "초대하기",
        "make link": "초대하기",
        "new team": "새 팀",
        "create team": "팀 만들기",
        "no service": "아직 서비스 없음",
        "new service": "새 서비스",
        "register": "서비스 등록",
        "save check": "검사 저장",
        "ok now": "지금 정상",
        "up": "정상",
        "one down": "^중단 1",
        "is down": "결제 중단",
        "nobody": "심각도 4, 담당자 없음",
        "seen": "본 것",
        "status": "[STATUS] (500) == 200",
        "what was seen": "본 것",
        "reason": "응답은 500, 기대한 값은 200입니다.",
        "take": "내가 맡기",
        "taken": "심각도 4, 확인함",
        "note": "댓글",
        "add": "댓글 달기",
        "resolved": "해결됨",
        "resolved mail": "해결되었습니다",
        "began": "시작되었습니다",
    },
}
TITLES = {"en": "Checkout", "ko": "결제"}
NAMES = {"en": ("Kim Dana", "Park Minsu"), "ko": ("김다나", "박민수")}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("lang", ["en", pytest.param("ko", marks=pytest.mark.long)])
def test_from_the_first_door_to_a_resolved_outage(
    tmp_path: Path, page_factory: Callable[..., Page], shoot: Any, lang: str
) -> None:
    with House(tmp_path, language=lang).running() as house:
        page = page_factory(lang=lang, theme="light", width=1440, base_url=house.url)
        walk = Walk(house, page, lang, shoot)
        walk.come_in()
        walk.make_a_team()
        walk.register_a_service_and_a_check()
        walk.see_it_checked_at_once()
        walk.see_it_go_red_without_a_reload()
        first = walk.understand_the_incident()
        walk.take_it_and_say_so()
        walk.see_it_end_without_a_reload(first)


class Walk:
    """What one person does and sees; each step begins on the page where the one before ended."""

    def __init__(self, house: House, page: Page, lang: str, shoot: Any) -> None:
        self.house, self.page, self.lang, self.words = house, page, lang, WORDS[lang]
        self.me, self.other = NAMES[lang]
        self._shoot = shoot

    def button(self, word: str) -> Any:
        return self.page.get_by_role("button", name=self.words[word], exact=True)

    def shoot(self, name: str) -> None:
        self._shoot(self.page, f"walk-{self.lang}-{name}")

    def live(self) -> None:
        """The stream is open, and from here on a reload would be seen."""
        expect(self.page.locator("html[data-stream=open]")).to_be_attached()
        self.page.evaluate("window.notReloaded = true")

    def title_of_incident(self) -> Any:
        """Among the open ones on the wall; on a busy machine there may be one about ourselves."""
        return self.page.locator("#open-incidents").get_by_role("link", name=self.words["is down"])

    def not_reloaded(self) -> None:
        assert self.page.evaluate("window.notReloaded") is True

    def come_in(self) -> None:
        self.page.goto(f"/door/{self.house.bongsu.door}")
        expect(self.page.locator("h1")).to_have_text(self.words["first"])
        self.page.fill("[name=email]", EMAIL)
        self.page.fill("[name=name]", self.me)
        self.page.fill("[name=password]", PASSWORD)
        self.button("begin").click()
        expect(self.page.locator(".empty")).to_contain_text(self.words["no service"])
        self.shoot("1-empty")

    def make_a_team(self) -> None:
        self.page.goto("/people")
        self.page.get_by_role("link", name=self.words["invite"], exact=True).click()
        self.page.fill("[name=email]", "minsu@example.com")
        self.page.fill("[name=name]", self.other)
        self.button("make link").click()
        expect(self.page.locator("pre.out")).to_contain_text("/door/")
        self.page.goto("/people")
        self.page.get_by_role("link", name=self.words["new team"], exact=True).click()
        self.page.fill("[name=name]", "shop-team")
        self.page.fill("[name=title]", "Shop")
        self.page.get_by_label(self.me).check()
        self.button("create team").click()
        expect(self.page.locator("#people")).to_contain_text("shop-team")

    def register_a_service_and_a_check(self) -> None:
        self.page.goto("/")
        self.page.locator(".empty").get_by_role("link", name=self.words["new service"]).click()
        self.page.fill("[name=title]", TITLES[self.lang])
        self.page.fill("[name=name]", "checkout")
        self.page.get_by_label("Shop").check()
        self.button("register").click()
        self.page.wait_for_url(re.compile("/services/checkout/checks/new$"))
        self.page.fill("[name=name]", "page")
        self.page.fill("[name=every]", "1s")
        self.page.fill("[name='options.url']", f"http://{self.house.site.address(4)}/")
        self.page.fill("[name=expect]", "[STATUS] == 200\n[BODY].state == ok")
        self.button("save check").click()
        self.page.wait_for_url(re.compile("/services/checkout$"))

    def see_it_checked_at_once(self) -> None:
        expect(self.page.locator("#checks .look")).to_have_text(self.words["ok now"])
        state = self.page.locator("#service-state .tag")
        expect(state).to_have_text(self.words["up"])
        self.shoot("2-service")

    def see_it_go_red_without_a_reload(self) -> None:
        self.page.goto("/")
        row = self.page.locator("tr.row")
        expect(row).to_have_attribute("data-s", "up")
        self.live()
        self.house.site.switch("shop-checkout", "500")
        expect(row).to_have_attribute("data-s", "down")
        expect(self.page.locator("#overall")).to_have_attribute("data-s", "down")
        expect(self.page.locator("tr.why")).to_contain_text(self.words["reason"])
        expect(self.title_of_incident()).to_be_visible()
        expect(self.page).to_have_title(re.compile(self.words["one down"]))
        self.not_reloaded()
        self.shoot("3-red")

    def understand_the_incident(self) -> EmailMessage:
        self.title_of_incident().click()
        expect(self.page.locator("h1")).to_have_text(self.words["is down"])
        expect(self.page.locator(".top .tag")).to_have_text(self.words["nobody"])
        expect(self.page.locator(".top b.num")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
        why = self.page.locator(".why li").first
        expect(why).to_contain_text(self.words["reason"])
        expect(why).to_contain_text(self.words["status"])
        self.shoot("4-incident")
        why.get_by_role("link", name=self.words["seen"]).click()
        expect(self.page.locator(".cond .bad").first).to_have_text(self.words["status"])
        expect(self.page.locator("pre.out").first).to_contain_text('"state": "failed"')
        self.shoot("5-evidence")
        self.page.go_back()
        self.page.wait_for_url(re.compile(r"/incidents/\d+$"))
        return self.mail(self.words["began"])

    def mail(self, words: str) -> EmailMessage:
        _, mail = self.house.mailbox.wait(lambda m: words in text_of(m), what=words)
        assert self.words["is down"] in str(mail["Subject"])
        assert mail["To"] == EMAIL
        assert mail["List-Id"] == "<checkout.example.com>"
        number = self.page.url.rpartition("/")[2]
        assert mail["References"] == f"<incident-{number}@example.com>"
        assert f"{self.house.url}/incidents/{number}" in text_of(mail)
        return mail

    def take_it_and_say_so(self) -> None:
        self.page.locator(".next").get_by_role("button", name=self.words["take"]).click()
        expect(self.page.locator(".top .tag")).to_have_text(self.words["taken"])
        expect(self.page.locator(".hold b")).to_have_text(self.me)
        expect(self.page.locator("note-form:defined")).to_be_attached()  # else it is a plain form
        self.page.get_by_label(self.words["note"], exact=True).fill("결제사에 문의함 <b>503</b>")
        self.button("add").click()
        expect(self.page.locator(".time li").first).to_contain_text(
            f"{self.me}: 결제사에 문의함 <b>503</b>"
        )
        self.shoot("6-taken")

    def see_it_end_without_a_reload(self, first: EmailMessage) -> None:
        self.live()
        self.house.site.switch("shop-checkout", "ok")
        expect(self.page.locator(".top .tag")).to_have_text(self.words["resolved"])
        expect(self.page.locator(".time")).to_contain_text(self.words["resolved"])
        self.not_reloaded()
        last = self.mail(self.words["resolved mail"])
        assert last["References"] == first["References"]
        assert last["Message-ID"] != first["Message-ID"]
        assert str(last["Subject"]) == str(first["Subject"])
        self.shoot("7-resolved")

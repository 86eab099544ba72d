"""System 001 without a person: two people share work, each in a browser of their own, in English and in Korean.

`make journey-001` runs it, and `make test` at its end. It starts Bongsu, a real SMTP
server and Chromium, does what the team does, and prints what it saw and which mails arrived. Exit status 1 when
anything is not as it must be. `BONGSU_SHOTS=folder` keeps pictures.
"""

import io
import os
import re
import sys
import tempfile
import time
import urllib.request
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyotp
from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from tests.journeys.journey_000 import Report
from tests.journeys.world import Bongsu, Mailbox, Site, text_of, wait_until

CHROMIUM = os.environ.get("BONGSU_CHROMIUM", "/usr/bin/chromium")
ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
PASSWORD = "correct horse battery"
DANA, MINSU = "dana@example.com", "minsu@example.com"
NAMES = {"en": ("Kim Dana", "Park Minsu"), "ko": ("김다나", "박민수")}
WORDS = {
    "en": {
        "columns": ("Waiting", "In progress", "Done"),
        "title": "Pin the client’s TLS version",
        "moved": "Waiting → In progress",
        "finished": "In progress → Done",
        "picked up": "picked up",
        "incident": "Write up INC-1",
    },
    "ko": {
        "columns": ("대기 중", "진행 중", "완료"),
        "title": "클라이언트 TLS 버전 고정하기",
        "moved": "대기 중 → 진행 중",
        "finished": "진행 중 → 완료",
        "picked up": "집었습니다",
        "incident": "INC-1 기록",
    },
}


class Person:
    """One person in one browser."""

    def __init__(self, chromium: Chromium, url: str, lang: str, name: str, email: str) -> None:
        self.lang, self.name, self.email, self.url = lang, name, email, url
        locale = {"ko": "ko-KR"}.get(lang, "en-GB")
        self.context = chromium.new_context(
            base_url=url,
            locale=locale,
            viewport={"width": 1440, "height": 900},
            reduced_motion="reduce",
        )
        self.page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))

    def _console(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.problems.append(message.text)

    def go(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def submit(self, action: str = "") -> None:
        """The filled button of the form that goes to `action`."""
        form = f"form[action*='{action}'] " if action else "main form "
        self.follow(f"{form}button.main-act[type=submit]")

    def follow(self, selector: str) -> None:
        """What leads to another page, or to this one anew: it is there when this is over."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def live(self, path: str) -> Page:
        page = self.go(path)
        expect(page.locator("html[data-stream=open]")).to_be_attached()
        return page

    def card(self, key: str) -> Any:
        return self.page.locator(f"[data-card='{key}']")

    def cards(self, column: str) -> Any:
        return self.page.locator(f"[data-column][data-name='{column}'] [data-card]")


class Journey:
    def __init__(
        self, report: Report, bongsu: Bongsu, mails: Mailbox, site: Site, lang: str
    ) -> None:
        self.report, self.bongsu, self.mails, self.site, self.lang = (
            report,
            bongsu,
            mails,
            site,
            lang,
        )
        self.words = WORDS[lang]
        self.shown = 0
        self.shots = Path(os.environ["BONGSU_SHOTS"]) if os.environ.get("BONGSU_SHOTS") else None

    def run(self, chromium: Chromium) -> None:
        names = NAMES[self.lang]
        self.dana = Person(chromium, self.bongsu.url, self.lang, names[0], DANA)
        self.minsu = Person(chromium, self.bongsu.url, self.lang, names[1], MINSU)
        for step in (
            self.come_in,
            self.sign_up,
            self.share_a_project,
            self.assign,
            self.move_by_mouse,
            self.move_by_keyboard,
            self.write_quickly,
            self.attach,
            self.say_something,
            self.unsubscribe,
            self.follow_an_incident,
            self.demand_a_second_factor,
        ):
            step()
        problems = self.dana.problems + self.minsu.problems
        self.report.must("nothing was said on the browsers’ consoles", not problems, problems or "")

    # --- mails

    def mail(self, to: str, what: str, *parts: str) -> EmailMessage:
        """The newest mail to `to` whose text holds all parts; printed as it arrived."""

        def fits(mail: EmailMessage) -> bool:
            words = f"{mail['Subject']}\n{text_of(mail)}"
            return to in str(mail["To"]) and all(part in words for part in parts)

        started = time.monotonic()
        at, mail = self.mails.wait(fits, 20, what)
        self.report.saw(what, f"to {to} after {max(0.0, at - started):.2f} s: {mail['Subject']}")
        for line in text_of(mail).strip().splitlines():
            if "→" in line:
                print(f"        {line.strip()}", flush=True)
        return mail

    def count(self, to: str) -> int:
        return sum(to in str(mail["To"]) for _, mail, _ in self.mails.received)

    def shoot(self, who: Person, name: str) -> None:
        if self.shots:
            self.shots.mkdir(parents=True, exist_ok=True)
            who.page.screenshot(path=self.shots / f"journey-001-{self.lang}-{name}.png")

    # --- steps

    def come_in(self) -> None:
        self.report.chapter(
            f"1. The first person is the administrator and lets others sign up ({self.lang})"
        )
        page = self.dana.go(f"/door/{self.bongsu.door}")
        page.fill("[name=email]", DANA)
        page.fill("[name=name]", self.dana.name)
        page.fill("[name=password]", PASSWORD)
        page.locator("button.main-act[type=submit]").click()
        page.wait_for_url(re.compile(r"/(tasks)?$"))
        page = self.dana.go("/people/joining")
        page.check("[name=join][value=open]")
        self.dana.submit("/people/joining")
        self.report.must("sign-up is open", "sign-up" in self.minsu.go("/sign-in").content())
        made = page.request.post(
            "/api/v1/tokens",
            data={"name": "journey", "scopes": ["*"]},
            headers={"x-csrf-token": str(page.locator("meta[name=csrf]").get_attribute("content"))},
        )
        self.bongsu.token = made.json()["token"]

    def sign_up(self) -> None:
        self.report.chapter(
            "2. A second person signs up and proves the address with the link of a mail"
        )
        page = self.minsu.go("/sign-up")
        page.fill("[name=name]", self.minsu.name)
        page.fill("[name=email]", MINSU)
        page.fill("[name=password]", PASSWORD)
        page.locator("button.main-act[type=submit]").click()
        mail = self.mail(MINSU, "the mail with the link", "/door/")
        link = re.search(r"/door/\S+", text_of(mail))
        assert link, text_of(mail)
        page.goto(link[0])
        page.fill("[name=password]", PASSWORD)
        page.locator("button.main-act").first.click()
        page.wait_for_url(lambda url: "/door/" not in url)
        self.report.saw("signed in", page.url.removeprefix(self.bongsu.url))

    def share_a_project(self) -> None:
        self.report.chapter("3. A project for both")
        page = self.dana.go("/projects/new")
        page.fill("[name=key]", "TSK")
        page.fill("[name=title]", "Shop")
        page.select_option("[name=everyone]", "member")
        self.dana.submit("/projects/new")
        page.wait_for_url(re.compile("/projects/TSK"))
        columns = self.dana.go("/projects/TSK").locator("[data-column] h2").all_inner_texts()
        self.report.must("its columns", tuple(columns) == self.words["columns"], ", ".join(columns))

    def assign(self) -> None:
        self.report.chapter("4. A task for the other: both are told at once")
        page = self.dana.go("/tasks/new?project=TSK")
        page.fill("[name=title]", str(self.words["title"]))
        page.fill("[name=description]", "The provider wants **TLS 1.3**.")
        mine = page.locator(".choose label", has_text=self.minsu.name)
        mine.locator("[name=assignees]").check()
        page.fill("[name=due_on]", "2031-01-15")
        self.dana.submit("/tasks/new")
        page.wait_for_url(re.compile("/tasks/TSK-1"))
        first = self.mail(MINSU, "the assignee’s mail", str(self.words["title"]))
        self.mail(DANA, "and the creator’s", str(self.words["title"]))
        self.thread = str(first["References"])
        self.report.must("the mail belongs to a thread", bool(self.thread), self.thread)
        self.report.must(
            "it names a way out", bool(first["List-Unsubscribe"]), first["List-Unsubscribe"]
        )
        expect(self.minsu.go("/tasks").locator("main")).to_contain_text(str(self.words["title"]))
        self.report.saw("it stands among what is assigned to the other")
        self.shoot(self.minsu, "home")

    def move_by_mouse(self) -> None:
        self.report.chapter(
            "5. Moved by mouse: the other board moves, a mail says from where to where"
        )
        waiting, doing, _ = self.words["columns"]
        self.dana.live("/projects/TSK")
        page = self.minsu.live("/projects/TSK")
        target = page.locator(f"[data-column][data-name='{doing}'] .cards")
        self.minsu.card("TSK-1").drag_to(target)
        expect(self.dana.cards(doing)).to_have_count(1)
        self.report.saw(
            f"without a reload the card is in “{doing}” for both, no longer in “{waiting}”"
        )
        mail = self.mail(DANA, "the mail", str(self.words["moved"]))
        self.report.must("in the same thread", str(mail["References"]) == self.thread)
        self.shoot(self.dana, "board")

    def move_by_keyboard(self) -> None:
        self.report.chapter("6. Moved by keyboard")
        done = self.words["columns"][2]
        page = self.dana.page
        self.dana.card("TSK-1").focus()
        page.keyboard.press("Space")
        expect(page.locator("#board-says")).to_contain_text(str(self.words["picked up"]))
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        expect(self.minsu.cards(done)).to_have_count(1)
        self.report.saw(f"Space, →, Space: it is in “{done}” for both")
        self.mail(MINSU, "the mail", str(self.words["finished"]))

    def write_quickly(self) -> None:
        self.report.chapter("7. Three edits of one text within seconds are one mail")
        before = self.count(MINSU)
        for text in ("First", "First and second", "First, second and third"):
            self.bongsu.call("PATCH", "/tasks/TSK-1", {"description": text})
            time.sleep(0.3)
        ended = time.monotonic()
        at, _ = self.mails.wait(
            lambda mail: MINSU in str(mail["To"]) and "First, second and third" in text_of(mail), 25
        )
        time.sleep(1.0)
        arrived = self.count(MINSU) - before
        self.report.must("one mail for three edits", arrived == 1, arrived)
        self.report.must("at most 10 s after the last", at - ended <= 10, f"{at - ended:.1f} s")

    def attach(self) -> None:
        self.report.chapter("8. An attachment and its thumbnail")
        picture = io.BytesIO()
        Image.linear_gradient("L").resize((1600, 1200)).convert("RGB").save(picture, "PNG")
        page = self.minsu.live("/tasks/TSK-1")
        expect(page.locator("note-form:defined")).to_be_attached()
        chooser = page.locator("#notes input[type=file]").first
        file = {"name": "graph.png", "mimeType": "image/png", "buffer": picture.getvalue()}
        chooser.set_input_files([file])  # type: ignore[list-item]
        button = page.locator("#notes form:has(input[type=file]) button[type=submit]")
        if button.count() and button.first.is_visible():
            button.first.click()
        thumb = page.locator("#notes img").first
        expect(thumb).to_be_visible(timeout=30_000)
        wide = wait_until("the thumbnail", lambda: thumb.evaluate("e => e.naturalWidth"))
        self.report.must("the thumbnail is drawn", wide > 0, f"{wide} px wide")
        self.mail(DANA, "the mail", "graph.png")
        self.shoot(self.minsu, "task")

    def say_something(self) -> None:
        self.report.chapter("9. A comment that mentions somebody")
        page = self.minsu.page
        page.locator("#notes textarea").first.fill(f"@{self.dana.name} look at `graph.png`")
        page.locator("#notes form:has(textarea) button[type=submit]").first.click()
        expect(page.locator("#notes")).to_contain_text("look at graph.png")
        mail = self.mail(DANA, "the mail", "graph.png", f"@{self.dana.name}")
        self.report.must("in the same thread", str(mail["References"]) == self.thread)

    def unsubscribe(self) -> None:
        self.report.chapter("10. One click in a mail ends the mails about this task")
        mail = self.mail(MINSU, "a mail of the task", str(self.words["finished"]))
        address = re.search(r"<(https?://[^>]+)>", str(mail["List-Unsubscribe"]))
        assert address, mail["List-Unsubscribe"]
        body = b"List-Unsubscribe=One-Click"
        with urllib.request.urlopen(
            urllib.request.Request(address[1], data=body), timeout=10
        ) as answer:
            self.report.must("without a session", answer.status == 200, answer.status)
        before = self.count(MINSU)
        self.bongsu.call("PATCH", "/tasks/TSK-1", {"priority": 4})
        self.mail(DANA, "the other is still told", "Urgent" if self.lang == "en" else "긴급")
        time.sleep(1.0)
        self.report.must(
            "no mail any more", self.count(MINSU) == before, self.count(MINSU) - before
        )

    def follow_an_incident(self) -> None:
        self.report.chapter("11. An incident becomes a task by rule, and both end together")
        call = self.bongsu.call
        call("POST", "/teams", {"name": "shop-team", "title": "Shop team", "members": [1, 2]})
        call("POST", "/services", {"name": "shop", "title": "Shop", "owners": ["shop-team"]})
        template = {"title": "Write up {incident}: {title}" if self.lang == "en" else "{incident} 기록: {title}",
                    "assign": "owners", "due": "2d"}  # fmt: skip
        do = [{"task": {"project": "TSK", "tasks": [template], "close": True}}]
        call(
            "POST", "/rules", {"name": "follow-up", "when": {"type": ["incident.opened"]}, "do": do}
        )
        address = f"http://{self.site.address(3)}/"
        check = {"service": "shop", "name": "page", "http": address, "every": "1s", "timeout": "900ms",
                 "expect": ["[STATUS] == 200"], "confirm": 2}  # fmt: skip
        call("POST", "/checks", check)
        page = self.dana.live("/projects/TSK")
        self.site.switch("shop-front", "500")
        self.mail(MINSU, "the new task’s mail", str(self.words["incident"]))
        expect(page.locator("[data-card='TSK-2'] .beacons")).to_be_visible()
        self.report.saw(
            "the card shows its incident", page.locator("[data-card='TSK-2'] h3").inner_text()
        )
        self.shoot(self.dana, "incident")
        self.site.switch("shop-front", "ok")
        expect(self.dana.cards(self.words["columns"][2])).to_have_count(2, timeout=30_000)
        self.report.saw("the incident is over and the task is done, without a reload")

    def demand_a_second_factor(self) -> None:
        self.report.chapter("12. A second factor is made compulsory")
        token = self._token_of(self.minsu)
        secret = self._enrol(self.dana)
        page = self.dana.go("/people/joining")
        page.check("[name=mfa_required]")
        self.dana.submit("/people/joining")
        self.minsu.page.wait_for_url(re.compile("/second-factor"))
        self.report.saw("the other’s open page goes to the way to one by itself")
        other = self.minsu.go("/projects/TSK")
        self.report.must(
            "a session opened by password alone reaches nothing but the way to one",
            "/second-factor" in other.url,
            other.url.removeprefix(self.bongsu.url),
        )
        status, answer = self.bongsu.ask("GET", "/tasks", token=token)
        code = str(answer.get("error", answer).get("code", ""))
        self.report.must("nor does the person’s token", status == 403, f"{status} {code}")
        fresh = self.minsu.context.browser
        assert fresh is not None
        again = Person(fresh, self.bongsu.url, self.lang, self.minsu.name, MINSU)
        again.go("/sign-in")
        again.page.fill("[name=email]", MINSU)
        again.page.fill("[name=password]", PASSWORD)
        again.follow("button.main-act[type=submit]")
        locked = again.go("/tasks")
        self.report.must(
            "nor does signing in anew by password",
            "/second-factor" in locked.url,
            locked.url.removeprefix(self.bongsu.url),
        )
        self._enrol(again)
        expect(again.live("/projects/TSK").locator("[data-card]").first).to_be_visible()
        self.report.saw("with a second factor everything opens again")
        self._sign_in_with_code(fresh, secret)

    def _token_of(self, who: Person) -> str:
        csrf = str(who.go("/me").locator("meta[name=csrf]").get_attribute("content"))
        made = who.page.request.post(
            "/api/v1/tokens", data={"name": "mine"}, headers={"x-csrf-token": csrf}
        )
        return str(made.json()["token"])

    def _enrol(self, who: Person) -> str:
        page = who.go("/me/second-factor")
        begin = page.locator("form[action*='/begin'] button.main-act")
        if begin.count():
            begin.first.click()
        page.wait_for_selector("[name=code]")
        secret = page.locator("pre.out").first.text_content() or ""
        plain = re.sub(r"\s", "", secret)
        page.fill("[name=code]", pyotp.TOTP(plain).now())
        if page.locator("[name=password]").count():
            page.fill("[name=password]", PASSWORD)
        page.locator("form button.main-act[type=submit]").first.click()
        page.wait_for_selector(".recovery li")
        codes = page.locator(".recovery li").count()
        self.report.must(f"{who.name} has a second factor and recovery codes", codes == 10, codes)
        who.follow("a.main-act, button.main-act")
        return plain

    def _sign_in_with_code(self, chromium: Chromium, secret: str) -> None:
        who = Person(chromium, self.bongsu.url, self.lang, self.dana.name, DANA)
        page = who.go("/sign-in")
        page.fill("[name=email]", DANA)
        page.fill("[name=password]", PASSWORD)
        page.locator("button.main-act[type=submit]").click()
        page.wait_for_url(re.compile("/sign-in/code"))
        used = pyotp.TOTP(secret).now()
        wait_until("the next code", lambda: pyotp.TOTP(secret).now() != used, 35, 0.5)
        page.fill("[name=code]", pyotp.TOTP(secret).now())
        page.locator("button.main-act[type=submit]").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        self.report.saw("password and code sign in", page.url.removeprefix(self.bongsu.url))


def run(report: Report, folder: Path, lang: str, chromium: Chromium) -> None:
    """One language, from nothing to a compulsory second factor."""
    folder.mkdir(parents=True, exist_ok=True)
    with Mailbox() as mails:
        site = Site(folder)
        try:
            bongsu = Bongsu(folder, mails, language=lang, time_zone="Asia/Seoul")
            with bongsu.running():
                Journey(report, bongsu, mails, site, lang).run(chromium)
            report.saw("mails that the SMTP server took", len(mails.received))
        finally:
            site.stop()


def main() -> int:
    started, report = time.monotonic(), Report()
    languages = sys.argv[1:] or ["en", "ko"]
    expect.set_options(timeout=20_000)
    with (
        tempfile.TemporaryDirectory(prefix="bongsu-001-") as folder,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        for lang in languages:
            run(report, Path(folder) / lang, lang, chromium)
        chromium.close()
    print(f"\n{report.wrong} wrong, {time.monotonic() - started:.0f} s", flush=True)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

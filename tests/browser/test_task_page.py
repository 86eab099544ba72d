"""examples/apps/task-page on one port, Bongsu on another: what a listed origin can do, and any other cannot."""

import io
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from bongsu.accounts import totp
from bongsu.kit.clock import SYSTEM_CLOCK
from tests.browser.looks import each_look
from tests.journeys.world import ROOT, Bongsu, Browser, wait_until
from tests.ports import free_port

EMAIL, PASSWORD = "dana@example.com", "correct horse battery"
ROOMS = "accounts,notes,tasks,tell"
FOLDER = ROOT / "examples/apps/task-page"
WORDS = {
    "en": {
        "sign in": "Sign in", "mail": "Mail address", "password": "Password", "code": "Code",
        "new": "New task", "title": "Title", "make": "Create the task", "save": "Save",
        "waiting": "Waiting", "going": "In progress", "done": "Done", "priority": "Priority",
        "urgent": "Urgent", "say": "Write a comment", "comment": "Comment", "close": "Close",
        "attach": "Attach a file", "out": "Sign out", "away": "does not let this page in",
        "task": "Pin the client", "renamed": "Pin the client’s version", "dark": "Light or dark",
        "words": "It works again since the pin.", "move": "Move to In progress",
        "other": "한국어", "faster": "Show what is there now",
    },
    "ko": {
        "sign in": "로그인", "mail": "메일 주소", "password": "비밀번호", "code": "인증 코드",
        "new": "새 작업", "title": "제목", "make": "작업 만들기", "save": "저장",
        "waiting": "대기 중", "going": "진행 중", "done": "완료", "priority": "우선순위",
        "urgent": "긴급", "say": "댓글 쓰기", "comment": "댓글 달기", "close": "닫기",
        "attach": "파일 첨부", "out": "로그아웃", "away": "이 페이지", "dark": "밝게 또는 어둡게",
        "task": "클라이언트 고정", "renamed": "클라이언트 버전 고정",
        "words": "고정한 뒤로 다시 작동합니다.", "move": "진행 중(으)로 옮기기",
        "other": "English", "faster": "지금 내용 보기",
    },
}  # fmt: skip


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def page_at(folder: Path, port: int, api: str) -> Iterator[str]:
    """The files of the page on a port of their own, told where the API is."""
    files = folder / f"page-{port}"
    shutil.copytree(FOLDER, files)
    (files / "config.js").write_text(f'export const API = "{api}";\n', encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=str(files)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class World:
    def __init__(self, bongsu: Bongsu, page: str, stranger: str) -> None:
        self.bongsu, self.page, self.stranger = bongsu, page, stranger

    def tasks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.bongsu.call("GET", "/tasks?project=SHOP")["tasks"]
        return found

    def second_factor(self) -> str:
        """Switches one on for Dana; gives its secret."""
        browser = Browser(self.bongsu.url)
        browser.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
        secret = browser.json("POST", "/api/v1/me/second-factor", {})["secret"]
        step = totp.step_at(SYSTEM_CLOCK.now())
        browser.json(
            "POST", "/api/v1/me/second-factor/confirm", {"code": totp.code_at(secret, step)}
        )
        return str(secret)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("task-page")
    listed, other = free_port(), free_port()
    bongsu = Bongsu(folder, cors_origins=f"http://127.0.0.1:{listed}", rooms=ROOMS)
    pages = page_at(folder, listed, bongsu.url), page_at(folder, other, bongsu.url)
    with ExitStack() as held:
        held.callback(bongsu.stop)
        bongsu.start(timeout_s=90)
        page, stranger = (held.enter_context(one) for one in pages)
        bongsu.become_admin(email=EMAIL)
        bongsu.call("POST", "/projects", {"key": "SHOP", "title": "Shop", "everyone": "member"})
        yield World(bongsu, page, stranger)


class Visit:
    """One person at the page."""

    def __init__(self, world: World, page: Page, lang: str) -> None:
        self.world, self.page, self.words = world, page, WORDS[lang]
        # Asking whether somebody is signed in, and signing in without the code, are answered by 401.
        page.errors.expect("status of 401")  # type: ignore[attr-defined]

    def open(self, origin: str = "") -> None:
        self.page.goto(origin or self.world.page)

    def button(self, word: str) -> Any:
        return self.page.get_by_role("button", name=self.words[word], exact=True)

    def fill(self, word: str, text: str) -> None:
        self.page.get_by_label(self.words[word], exact=True).fill(text)

    def sign_in(self, secret: str = "") -> None:
        self.fill("mail", EMAIL)
        self.fill("password", PASSWORD)
        self.button("sign in").click()
        if secret:
            code = self.page.get_by_label(self.words["code"], exact=True)
            expect(code).to_be_visible()
            # The next one: no code counts twice, and this one is not over when it arrives late.
            code.fill(totp.code_at(secret, totp.step_at(SYSTEM_CLOCK.now()) + 1))
            self.button("sign in").click()
        expect(self.button("new")).to_be_visible()

    def column(self, word: str) -> Any:
        return self.page.get_by_role("region", name=self.words[word])

    def card(self, column: str, title: str) -> Any:
        return self.column(column).get_by_role("button", name=title, exact=True)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("lang", ["en", pytest.param("ko", marks=pytest.mark.long)])
def test_a_person_works_with_tasks_from_another_origin(
    world: World, page_factory: Callable[..., Page], axe: Any, lang: str, tmp_path: Path
) -> None:
    page = page_factory(lang=lang)
    one = Visit(world, page, lang)
    one.open()
    one.sign_in()
    axe(page)

    one.button("new").click()
    one.fill("title", one.words["task"])
    axe(page)
    one.button("make").click()
    expect(one.card("waiting", one.words["task"])).to_be_visible()
    (made,) = [task for task in world.tasks() if task["title"] == one.words["task"]]
    assert [1] == [person["id"] for person in made["assignees"]]

    one.column("waiting").get_by_role("button", name=one.words["move"]).click()
    card = one.card("going", one.words["task"])
    expect(card).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    expect(one.card("done", one.words["task"])).to_be_focused()
    assert "done" == world.bongsu.call("GET", f"/tasks/{made['key']}")["status"]

    page.keyboard.press("Enter")
    one.fill("title", one.words["renamed"])
    page.get_by_label(one.words["priority"]).select_option(label=one.words["urgent"])
    one.button("save").click()
    expect(one.card("done", one.words["renamed"])).to_be_visible()
    saved = world.bongsu.call("GET", f"/tasks/{made['key']}")
    assert (one.words["renamed"], 4) == (saved["title"], saved["priority"])

    _talk_and_attach(one, made, tmp_path)
    axe(page)
    one.button("close").click()
    one.button("out").click()
    expect(one.button("sign in")).to_be_visible()
    page.reload()
    expect(one.button("sign in")).to_be_visible()


def _talk_and_attach(one: Visit, made: dict[str, Any], folder: Path) -> None:
    """A comment, and a picture whose small one comes over from the other origin."""
    picture = folder / "red flower.png"
    out = io.BytesIO()
    Image.linear_gradient("L").resize((900, 600)).save(out, "PNG")
    picture.write_bytes(out.getvalue())
    one.card("done", one.words["renamed"]).click()
    one.fill("say", one.words["words"])
    one.button("comment").click()
    expect(one.page.get_by_role("listitem").filter(has_text=one.words["words"])).to_be_visible()
    one.page.get_by_label(one.words["attach"]).set_input_files(picture)
    small = one.page.locator("img.thumb")
    expect(small).to_be_visible(timeout=30_000)
    wait_until(
        "the small picture is there", lambda: small.evaluate("one => one.naturalWidth") == 320
    )
    subject = f"/notes?subject=task/{made['id']}"
    (note,) = one.world.bongsu.call("GET", subject)["notes"]
    assert one.words["words"] == note["text"]


def test_somebody_who_was_faster_is_not_overwritten_and_the_page_says_so(
    world: World, page_factory: Callable[..., Page]
) -> None:
    made = world.bongsu.call(
        "POST", "/tasks", {"project": "SHOP", "title": "Renew it", "assignees": [1]}
    )
    page = page_factory()
    page.errors.expect("status of 409")  # type: ignore[attr-defined]
    one = Visit(world, page, "en")
    one.open()
    one.sign_in()
    one.card("waiting", "Renew it").click()
    one.fill("title", "Renew it today")
    world.bongsu.call("PATCH", f"/tasks/{made['key']}", {"title": "Renewed by another"})
    one.button("save").click()
    again = page.get_by_role("button", name=one.words["faster"])
    expect(again).to_be_visible()
    again.click()

    expect(page.get_by_label("Title", exact=True)).to_have_value("Renewed by another")
    assert "Renewed by another" == world.bongsu.call("GET", f"/tasks/{made['key']}")["title"]


def test_what_another_person_does_is_seen_without_a_reload(
    world: World, page_factory: Callable[..., Page]
) -> None:
    page = page_factory(width=390)
    one = Visit(world, page, "en")
    one.open()
    one.sign_in()
    world.bongsu.call("POST", "/tasks", {"project": "SHOP", "title": "From afar", "assignees": [1]})

    expect(one.card("waiting", "From afar")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_an_origin_that_is_not_listed_cannot(
    world: World, page_factory: Callable[..., Page], lang: str
) -> None:
    page = page_factory(lang=lang)
    page.errors.expect("CORS policy", "net::ERR_FAILED")  # type: ignore[attr-defined]
    one = Visit(world, page, lang)
    one.open(world.stranger)
    expect(page.get_by_role("alert")).to_contain_text(one.words["away"])
    one.fill("mail", EMAIL)
    one.fill("password", PASSWORD)
    one.button("sign in").click()
    expect(page.get_by_role("alert")).to_contain_text(world.bongsu.url)
    names = {cookie["name"] for cookie in page.context.cookies(world.bongsu.url)}

    assert "bongsu" not in names
    expect(one.button("new")).to_have_count(0)


def test_the_page_asks_no_other_address_than_that_of_its_configuration(
    world: World, page_factory: Callable[..., Page]
) -> None:
    page = page_factory()
    page.errors.expect("Content Security Policy", "status of 401")  # type: ignore[attr-defined]
    page.goto(world.page)
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    said = page.evaluate(
        """async other => {
             const seen = new Promise(told =>
               document.addEventListener("securitypolicyviolation", e => told(e.effectiveDirective)));
             await fetch(other).catch(() => {});
             return seen;
           }""",
        world.stranger,
    )

    assert "connect-src" == said


@pytest.fixture(scope="module")
def furnished(world: World) -> World:
    """A board as it looks after a week."""
    call = world.bongsu.call
    call("POST", "/projects", {"key": "WEB", "title": "Web shop", "everyone": "member"})
    known = {"project": "WEB", "assignees": [1]}
    talked = call("POST", "/tasks", known | {
        "title": "Pin the payment client’s TLS version", "due": "2020-03-04", "priority": 4,
        "description": "From the incident: the provider stopped taking 1.2.\n\n- pin\n- release",
    })  # fmt: skip
    call("POST", f"/notes?subject=task/{talked['id']}", {"text": "Tried on **staging**: it holds."})
    for title, more in {
        "Second location that can reach the partner network": {"due": "2099-11-25 14:00"},
        "결제 실패 알림을 담당 팀 채널로도 보내기": {"status": "in_progress", "priority": 3},
        "International-customs-declaration-and-clearance-gateway-for-parcels": {
            "status": "in_progress", "due": "2099-01-01",
        },
        "Archive failed-check bodies for 90 days": {"status": "done"},
    }.items():  # fmt: skip
        call("POST", "/tasks", known | {"title": title} | more)
    return world


@pytest.mark.timeout(120)
@each_look
def test_it_is_readable_in_every_look(
    furnished: World, page_factory: Any, axe: Any, shoot: Any, lang: str, theme: str, width: int
) -> None:
    page = page_factory(lang=lang, theme=theme, width=width)
    one, name = Visit(furnished, page, lang), f"{lang}-{width}-{theme}"
    one.open()
    expect(one.button("sign in")).to_be_visible()
    axe(page)
    shoot(page, f"task-page-signin-{name}")
    one.sign_in()
    page.get_by_role("combobox").select_option("WEB")
    card = one.card("waiting", "Pin the payment client’s TLS version")
    expect(card).to_be_visible()
    axe(page)
    shoot(page, f"task-page-board-{name}", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card.click()
    expect(page.get_by_text("it holds", exact=False)).to_be_visible()
    axe(page)
    shoot(page, f"task-page-task-{name}")


@pytest.mark.timeout(120)
def test_with_a_second_factor_the_code_is_asked_for(
    world: World, page_factory: Callable[..., Page]
) -> None:
    """The last of this file: from here on Dana has one."""
    secret = world.second_factor()
    page = page_factory()
    one = Visit(world, page, "en")
    one.open()
    one.sign_in(secret)

    expect(page.get_by_role("heading", name="Shop")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Shop")).to_be_visible()

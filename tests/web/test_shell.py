"""Whole pages: who reads, in which language, and what the frame around a page holds."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from fastapi import FastAPI, Request, Response
from jinja2 import TemplateNotFound, UndefinedError
from starlette.testclient import TestClient

from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import BongsuError
from bongsu.kit.i18n import say
from bongsu.web import preferences
from bongsu.web.assets import static_app
from bongsu.web.failures import render_error
from bongsu.web.security import SecurityHeaders
from bongsu.web.shell import NavItem, Person, Shell, ShellState, fragment, redirect, render, toast
from bongsu.web.view import attrs, t, tn, viewing
from tests.web.pages import NOW, SHELL, view

NAV = (
    NavItem("wall", say("Rooms"), "/", "i-wall"),
    NavItem(
        "incidents",
        say("State"),
        "/incidents",
        "i-incident",
        count_fragment="/n",
        count_topics="incidents",
    ),
    NavItem("people", say("Keys"), "/people", "i-people", section="setup", needs_role="admin"),
)
PAGE = """{% extends "web/base.html" %}{% import "web/components.html" as c %}{% set here = "incidents" %}
{% block title %}{{ t("State") }}{% endblock %}{% block main %}<p>{{ fmt.since(now) }}</p>{% endblock %}"""


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    (tmp_path / "page.html").write_text(PAGE)
    (tmp_path / "part.html").write_text("<b>{{ what }}</b>")
    app = FastAPI()
    app.state.shell = Shell(clock=ManualClock(NOW), extra={"probe": tmp_path})
    app.state.who = ShellState(
        Person("Park Minsu", "PM", "editor"), "t0ken", "ko", "dark", "Asia/Seoul", NAV
    )
    app.mount("/static", static_app())
    app.include_router(preferences.router)
    app.add_middleware(SecurityHeaders)

    @app.middleware("http")
    async def say_who(request: Request, call_next: Any) -> Any:
        if app.state.who:
            request.state.shell = app.state.who
        return await call_next(request)

    @app.get("/page")
    def page(request: Request) -> Response:
        return render(request, "probe/page.html")

    @app.get("/part")
    def part(request: Request) -> Response:
        return toast(
            fragment(request, "probe/part.html", 422, what="<x>"), request, say("Up"), undo="/undo"
        )

    @app.post("/save")
    def save(request: Request) -> Response:
        return redirect(request, "/page", toast=say("Down"), look="/x")

    return app


def soup(app: FastAPI, path: str = "/page", **headers: str) -> BeautifulSoup:
    return BeautifulSoup(TestClient(app).get(path, headers=headers).text, "html.parser")


def test_a_page_speaks_the_persons_language_and_zone(app: FastAPI) -> None:
    page = soup(app)

    assert page.html["lang"] == "ko"
    assert (page.html["data-theme"], page.html["data-zone"]) == ("dark", "Asia/Seoul")
    assert page.title.get_text() == "상태 · Bongsu"
    assert page.main.p.get_text() == "10:04 · 0초째"
    assert page.select_one("meta[name=csrf]")["content"] == "t0ken"


def test_the_rail_shows_what_the_person_may_see_and_where_they_are(app: FastAPI) -> None:
    page = soup(app)

    assert [a["href"] for a in page.select(".rail .nav a")] == ["/", "/incidents"]
    assert page.select_one(".rail [aria-current=page]")["href"] == "/incidents"
    assert page.select_one(".rail .n")["data-src"] == "/n"
    assert page.select_one("main")["id"] == page.select_one("a.skip")["href"].removeprefix("#")


def test_an_administrator_sees_the_whole_rail(app: FastAPI) -> None:
    app.state.who = ShellState(Person("A", role="admin"), nav=NAV)

    assert [a["href"] for a in soup(app).select(".rail .nav a")] == ["/", "/incidents", "/people"]


def test_on_a_phone_there_are_four_rooms_and_more(app: FastAPI) -> None:
    app.state.who = ShellState(Person("A", role="admin"), nav=NAV * 3)
    tabs = soup(app).select_one("nav.tabs")

    assert len(tabs.select("a")) == 4
    assert tabs.button["data-open"] == "more"


def test_the_signed_in_can_sign_out_and_the_others_can_sign_in(app: FastAPI) -> None:
    form = soup(app).select_one("form[action='/sign-out']")
    app.state.who = None

    assert form.select_one("[name=csrf]")["value"] == "t0ken"
    assert soup(app).select_one("a[href='/sign-in']") is not None


def test_without_an_application_the_browser_decides(app: FastAPI) -> None:
    app.state.who = None

    page = soup(app, **{"accept-language": "ko-KR,en;q=0.5"})

    assert page.html["lang"] == "ko"
    assert "data-theme" not in page.html.attrs


def test_cookies_of_the_browser_are_believed_only_where_they_make_sense(app: FastAPI) -> None:
    app.state.who = None
    client = TestClient(app, cookies={"bongsu_language": "tlh", "bongsu_theme": "neon"})

    page = BeautifulSoup(client.get("/page").text, "html.parser")

    assert page.html["lang"] == "en"
    assert "data-theme" not in page.html.attrs


def test_pages_are_not_kept_by_caches_and_carry_the_policy(app: FastAPI) -> None:
    headers = TestClient(app).get("/page").headers

    assert headers["cache-control"] == "no-store"
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_a_fragment_has_no_shell_and_may_say_something(app: FastAPI) -> None:
    answer = TestClient(app).get("/part")

    assert (answer.status_code, answer.text) == (422, "<b>&lt;x&gt;</b>")
    assert json.loads(answer.headers["hx-trigger"]) == {"toast": {"text": "정상", "post": "/undo"}}
    assert answer.headers["hx-trigger"].isascii()


def test_after_a_write_the_next_page_says_what_was_done(app: FastAPI) -> None:
    client = TestClient(app, follow_redirects=False)
    plain, htmx = client.post("/save"), client.post("/save", headers={"hx-request": "true"})

    assert (plain.status_code, plain.headers["location"]) == (303, "/page")
    assert (htmx.status_code, htmx.headers["hx-redirect"]) == (200, "/page")
    cookie = plain.headers["set-cookie"].split(";")[0].partition("=")[2].strip('"')
    assert json.loads(unquote(cookie)) == {"text": "중단", "href": "/x"}


def test_a_name_that_nobody_gave_is_a_bug() -> None:
    with pytest.raises(UndefinedError), viewing(view()):
        SHELL.env.from_string("{{ nobody_gave_this }}").render()


@pytest.mark.parametrize(
    "name",
    [
        "web/nothing.html",
        "nothing.html",
        "../web/base.html",
        "web/../shell.py",
        "web/components/../shell.py",
    ],
)
def test_templates_are_found_only_in_their_rooms(name: str) -> None:
    with pytest.raises(TemplateNotFound):
        SHELL.env.get_template(name)


def test_sentences_escape_plain_values_and_keep_html() -> None:
    with viewing(view("ko")):
        assert t("Severity {n} of 5", n=3) == "심각도 5단계 중 3"
        assert tn("{n} check", "{n} checks", 1200) == "1,200 checks"
        made = SHELL.env.from_string(
            '{{ t("{now}, was {was}", now="<i>"|safe, was="<u>") }}'
        ).render()
    assert made == "<i>, 이전 &lt;u&gt;"


def test_attributes_are_bare_named_or_absent() -> None:
    made = attrs(
        {
            "hx_post": "/a?b&c",
            "class_": "",
            "hidden": True,
            "open": False,
            "id": None,
            "data-x": 0,
            "title": "",
        }
    )

    assert made == ' hx-post="/a?b&amp;c" hidden data-x="0" title=""'
    assert attrs({}) == ""


def test_an_unknown_time_zone_is_utc(app: FastAPI) -> None:
    app.state.who = ShellState(Person("A"), time_zone="Mars/Olympus")

    assert soup(app).main.p.get_text().startswith("01:04")


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/services?x=1", "/services?x=1"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("", "/"),
        ("/a\nb", "/"),
    ],
)
def test_preferences_go_back_to_a_path_of_this_server(
    app: FastAPI, wanted: str, given: str
) -> None:
    answer = TestClient(app, follow_redirects=False).post(
        "/-/preferences", data={"language": "ko", "next": wanted}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, given)
    assert "bongsu_language=ko" in answer.headers["set-cookie"]
    assert "samesite=lax" in answer.headers["set-cookie"].lower()


def test_preferences_ignore_what_they_do_not_know(app: FastAPI) -> None:
    answer = TestClient(app).post(
        "/-/preferences", data={"language": "xx", "theme": "neon"}, headers={"hx-request": "true"}
    )

    assert answer.status_code == 204
    assert "set-cookie" not in answer.headers


def test_another_site_cannot_change_preferences(app: FastAPI) -> None:
    app.add_exception_handler(BongsuError, render_error)
    answer = TestClient(app).post(
        "/-/preferences", data={"theme": "dark"}, headers={"sec-fetch-site": "cross-site"}
    )

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers

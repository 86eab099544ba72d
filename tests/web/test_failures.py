"""Errors: what happened, to which thing, what to do next; as a page, in place, or as a toast."""

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from fastapi import FastAPI, Request, Response
from starlette.testclient import TestClient

from bongsu.kit import errors
from bongsu.kit.errors import Problem
from bongsu.kit.i18n import say
from bongsu.web.failures import advice, render_error, render_status
from bongsu.web.shell import Person, ShellState

FAILURES = {
    401: errors.NotSignedIn(say("Sign in first")),
    403: errors.NotAllowed(say("Only {who} may.", who="Hana")),
    404: errors.NotFound(say("There is no service {name}.", name="shop")),
    409: errors.Conflict(say("Changed.")),
    413: errors.TooLarge(say("Large.")),
    422: errors.Invalid(
        say("Wrong."), (Problem("url", say("No scheme."), say("Write https."), "b.yaml", 3),)
    ),
    429: errors.TooMany(say("Slow down."), 61.4),
    500: errors.BongsuError(say("Broke.")),
    503: errors.LakeAway(),
}


@pytest.fixture(params=["en", "ko"])
def client(request: pytest.FixtureRequest) -> TestClient:
    app = FastAPI()

    @app.middleware("http")
    async def who(req: Request, call_next: Any) -> Any:
        req.state.shell = ShellState(
            None if "out" in req.query_params else Person("A"), language=request.param
        )
        return await call_next(req)

    @app.api_route("/fail/{status}", methods=["GET", "POST"])
    def fail(req: Request, status: int) -> Response:
        return render_error(req, FAILURES[status])

    @app.get("/status/{status}")
    def status(req: Request, status: int) -> Response:
        return render_status(req, status)

    found = TestClient(app)
    found.headers["accept-language"] = request.param
    return found


@pytest.mark.parametrize("status", FAILURES)
def test_a_failure_is_a_whole_page_with_a_next_step(client: TestClient, status: int) -> None:
    language = client.headers["accept-language"]

    answer = client.get(f"/fail/{status}")
    page = BeautifulSoup(answer.text, "html.parser")

    assert answer.status_code == status
    assert page.h1.get_text() == advice(status).title.to(language)
    assert page.select_one(".lead").get_text() == FAILURES[status].said.to(language)
    assert advice(status).next.to(language) in page.get_text()
    assert page.select_one(".acts a")["href"] == advice(status).href


def test_the_signed_out_see_no_rail(client: TestClient) -> None:
    page = BeautifulSoup(client.get("/fail/404?out").text, "html.parser")

    assert page.select_one(".rail") is None
    assert page.select_one("main#main h1") is not None


def test_a_link_that_leads_nowhere_sends_who_is_outside_to_nothing_that_only_others_see(
    client: TestClient,
) -> None:
    page = BeautifulSoup(client.get("/fail/404?out").text, "html.parser")

    assert "/sign-in" == page.select_one(".acts a")["href"]
    assert advice(404).next.to(client.headers["accept-language"]) not in page.get_text()


def test_problems_of_an_input_are_listed_with_file_and_line(client: TestClient) -> None:
    page = BeautifulSoup(client.get("/fail/422").text, "html.parser")

    assert page.select_one(".problems li").get_text() == "b.yaml:3 url No scheme. Write https."


def test_too_many_says_when_to_come_back(client: TestClient) -> None:
    assert client.get("/fail/429").headers["retry-after"] == "61"


def test_a_part_that_fails_says_so_in_its_place(client: TestClient) -> None:
    answer = client.get("/fail/503", headers={"hx-request": "true"})
    page = BeautifulSoup(answer.text, "html.parser")

    assert answer.status_code == 503
    assert page.select_one("[role=alert]").get_text().strip() == FAILURES[503].said.to(
        client.headers["accept-language"]
    )
    assert page.html is None
    assert answer.headers["x-part"] == "1"


def test_a_write_that_fails_leaves_the_form_and_says_so_in_a_toast(client: TestClient) -> None:
    answer = client.post("/fail/409", headers={"hx-request": "true"})

    assert (answer.status_code, answer.text, answer.headers["hx-reswap"]) == (409, "", "none")
    assert json.loads(answer.headers["hx-trigger"])["toast"]["bad"] is True


def test_who_is_not_signed_in_loads_the_page_again(client: TestClient) -> None:
    assert client.get("/fail/401", headers={"hx-request": "true"}).headers["hx-refresh"] == "true"


@pytest.mark.parametrize("status", [404, 405, 500, 502, 418])
def test_failures_that_are_not_ours_have_a_page_too(client: TestClient, status: int) -> None:
    answer = client.get(f"/status/{status}")

    assert answer.status_code == status
    assert f"/status/{status}" in answer.text

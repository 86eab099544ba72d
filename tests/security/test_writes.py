"""Every write on things that exist: who may does it, who may not changes nothing at all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from bongsu.accounts.http import CSRF_HEADER
from bongsu.app import build_app
from bongsu.requests import store_lake
from bongsu.watch import service_pages
from tests.security import factors
from tests.security.house import CALLERS, ROLES, House, settings_of
from tests.security.writes import KEEPS_NOTHING, WRITES, Write

OPEN = {  # for people outside
    "POST /in/{kind}/{token}", "POST /unsubscribe/{token}", "POST /unsubscribe/{token}/back",
    "POST /sign-in", "POST /door/{token}", "POST /-/preferences", "POST /sign-up", "POST /sign-up/again",
    "POST /sign-in/code", "POST /sign-in/again", "POST /api/v1/session",
    "POST /forgot", "POST /api/v1/sign-up", "POST /api/v1/sign-up/again", "POST /api/v1/forgot",
}  # fmt: skip
SAFE = {"GET", "HEAD", "OPTIONS"}
Fresh = Callable[[], House]


@pytest.fixture(autouse=True)
def _nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no watch role here that would answer "check now"."""
    monkeypatch.setattr(service_pages, "NOW_WAIT_S", 0.0)


@pytest.fixture(autouse=True)
def _nobody_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no lake here in which a trigger could be tried."""

    async def nothing(*_: object) -> AsyncIterator[list[object]]:
        for rows in ():
            yield rows

    monkeypatch.setattr(store_lake, "every", nothing)


def filled(house: House, caller: str, value: Any) -> Any:
    """Addresses and bodies with the numbers of this house in them."""
    role = caller.partition("_")[0]
    other = next(one for one in ROLES if one != role)
    numbers = house.template.ids | {
        "token_of_caller": house.template.ids.get(f"token_{role}_full", 1),
        "session_of_caller": house.template.ids.get(f"session_{role}", "x"),
        "session_of_other": house.template.ids[f"session_{other}"],
        "code_of_pending": factors.code_now(house.template.ids, role),
    }
    if isinstance(value, dict):
        return {key: filled(house, caller, inner) for key, inner in value.items()}
    if isinstance(value, str) and value.startswith("{") and value.strip("{}") in numbers:
        return numbers[value.strip("{}")]
    return value


def address(house: House, caller: str, url: str) -> str:
    parts = (str(filled(house, caller, part)) for part in url.split("/"))
    return "/".join(parts)


async def send(
    client: httpx2.AsyncClient, house: House, caller: str, one: Write, url: str = ""
) -> Any:
    body = filled(house, caller, one.body)
    kind: dict[str, Any] = {"json": body} if one.is_api else {"data": body or {}}
    if one.file:
        kind = {"files": [("file", (one.file, b"seen"))]}
    headers = {} if one.is_api else {"accept": "text/html"}
    target = address(house, caller, url or one.url)
    return await client.request(one.method, target, headers=headers, **kind)


def may(caller: str, one: Write) -> bool:
    return caller in ROLES and ROLES.index(caller) >= ROLES.index(one.least)


def is_refused(answer: httpx2.Response, caller: str, one: Write) -> bool:
    if caller == "nobody" and not one.is_api:
        return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    return answer.status_code == (401 if caller == "nobody" else 403)


def test_every_write_of_the_application_is_in_the_table(tmp_path):
    app, _ = build_app(settings_of(tmp_path), asyncio.Event())

    found = {
        f"{method} {one.path}"
        for one in iter_route_contexts(app.routes)
        for method in set(getattr(one, "methods", None) or ()) - SAFE
    }

    assert {one.route for one in WRITES} | OPEN == found


@pytest.mark.parametrize("one", WRITES, ids=lambda one: one.route)
async def test_who_may_not_changes_nothing_and_who_may_does_it(fresh: Fresh, one: Write):
    house = fresh()
    before = house.dump()
    for caller in [c for c in CALLERS if not may(c, one)]:
        async with house.client(caller) as client:
            answer = await send(client, house, caller, one)
        assert is_refused(answer, caller, one), (caller, answer.status_code, answer.text[:300])
        assert house.dump() == before, caller
    async with house.client(one.least) as client:
        answer = await send(client, house, one.least, one)

    assert answer.status_code < 400, (answer.status_code, answer.text[:500])
    assert one.route in KEEPS_NOTHING or house.dump() != before


@pytest.mark.parametrize("one", WRITES, ids=lambda one: one.route)
async def test_without_the_pages_token_or_from_another_site_nothing_happens(
    fresh: Fresh, one: Write
):
    house = fresh()
    before = house.dump()
    async with house.client("admin") as client:
        own = client.headers.pop(CSRF_HEADER)
        answers = {"no token": await send(client, house, "admin", one)}
        client.headers[CSRF_HEADER] = own[:-2] + "xx"
        answers["wrong token"] = await send(client, house, "admin", one)
        client.headers[CSRF_HEADER] = own
        client.headers["origin"] = "https://evil.example.net"
        answers["foreign origin"] = await send(client, house, "admin", one)
        client.headers["origin"] = "null"
        answers["no origin to be seen"] = await send(client, house, "admin", one)
        del client.headers["origin"]
        client.headers["sec-fetch-site"] = "same-site"
        answers["a neighbouring site"] = await send(client, house, "admin", one)

    assert dict.fromkeys(answers, 403) == {why: one.status_code for why, one in answers.items()}
    assert house.dump() == before


@pytest.mark.parametrize("one", [one for one in WRITES if one.foreign], ids=lambda one: one.route)
@pytest.mark.parametrize("caller", ["viewer", "admin"])
async def test_what_is_somebody_elses_own_stays_theirs(fresh: Fresh, one: Write, caller: str):
    house = fresh()
    before = house.dump()
    async with house.client(caller) as client:
        answer = await send(client, house, caller, one, one.foreign)

    assert answer.status_code == 404, answer.text[:300]
    assert house.dump() == before


API = [one for one in WRITES if one.is_api]


@pytest.mark.parametrize("one", API, ids=lambda one: one.route)
async def test_tokens_reach_as_far_as_their_owner_and_their_scopes(fresh: Fresh, one: Write):
    house = fresh()
    before = house.dump()
    answers = {}
    for caller in (
        "expired",
        "admin_reading",
        *(f"{role}_full" for role in ROLES[: ROLES.index(one.least)]),
    ):
        async with house.client(caller) as client:
            answers[caller] = (await send(client, house, caller, one)).status_code
    assert answers.pop("expired") == 401
    reading = answers.pop("admin_reading")
    assert reading == (200 if one.route == "POST /api/v1/rules/backtest" else 403)
    assert set(answers.values()) <= {403}
    assert house.dump() == before
    async with house.client(f"{one.least}_full") as client:
        answer = await send(client, house, f"{one.least}_full", one)

    assert (answer.status_code < 400) is one.tokens, (answer.status_code, answer.text[:300])


async def test_a_token_opens_no_page_and_its_session_no_foreign_api(fresh: Fresh):
    house = fresh()
    async with house.client("admin_full") as client:
        page = await client.get("/people", headers={"accept": "text/html"})

    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/people")

"""Signing in behind API Gateway: the same steps, answers and cookies as the server's, in both formats."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from bongsu.accounts import entry, factors, passwords, session_api, store, totp
from bongsu.accounts.inputs import SignIn
from bongsu.accounts.inputs_factors import ConfirmFactor, NewFactor
from bongsu.accounts.sessions import Visit
from bongsu.accounts.sessions import sign_in as open_session
from bongsu.accounts.vault import Vault
from bongsu.db.session import Database
from bongsu.functions import sign_in
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import Invalid
from bongsu.kit.secretref import SecretAway, Secrets
from bongsu.kit.settings import Settings
from tests.functions.shapes import proxy_1, proxy_2
from tests.people import PASSWORD, app_with, bob_responder, visitor

PAGE, API = "https://tasks.example.com", "https://api.example.com"
SEALING_KEY = "k" * 40
SHAPES = pytest.mark.parametrize("shape", [proxy_1, proxy_2])
Shape = Callable[..., dict[str, Any]]


@pytest.fixture
def bob(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Any]]:
    """`bob(work)` runs `await work(db, actor)`; Bob is there, and so is the function."""
    path = tmp_path / "state.db"
    shutil.copy(sqlite_template, path)
    with _bob(f"sqlite:///{path}", monkeypatch) as run:
        yield run


@pytest.fixture
def bob_on_either(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Any]]:
    with _bob(database_url, monkeypatch) as run:
        yield run


@contextmanager
def _bob(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords.PASSWORDS, "hasher", cheap)
    monkeypatch.setattr(passwords.PASSWORDS, "_nobody", "")
    for name, value in {
        "DATABASE_URL": url, "PUBLIC_URL": API, "CORS_ORIGINS": PAGE,
        "SECRET_KEY": "env:TEST_SECRET_KEY",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"BONGSU_{name}", value)
    monkeypatch.setenv("TEST_SECRET_KEY", SEALING_KEY)
    sign_in._house.cache_clear()

    def run(work: Callable[[Database, Any], Coroutine[Any, Any, Any]]) -> Any:
        async def inside() -> Any:
            database = Database.open(url)
            try:
                async with database.read() as tx:
                    known = await store.user_by_email(tx, "bob@example.com")
                return await work(database, known)
            finally:
                await database.close()

        return asyncio.run(inside())

    run(lambda database, _: bob_responder(database))
    yield run
    if sign_in._house.cache_info().currsize:
        house = sign_in._house()
        house.loop.run(house.db.close())
        house.loop.close()
    sign_in._house.cache_clear()


def asked(shape: Shape, given: Any = None, **values: Any) -> dict[str, Any]:
    known = {"email": "bob@example.com", "password": PASSWORD}
    body = given if isinstance(given, str) else json.dumps(known | (given or {}))
    return sign_in.handler(shape(body, **values), None)


def cookie_of(answer: dict[str, Any]) -> str:
    (text,) = answer.get("cookies") or answer["multiValueHeaders"]["Set-Cookie"]
    return str(text)


def value_of(text: str) -> str:
    return next(iter(SimpleCookie(text).values())).value


def error_of(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer["body"])["error"]
    return found


@SHAPES
def test_the_right_password_opens_a_session_that_the_server_knows(bob_on_either, shape):
    answer = asked(shape, headers={"user-agent": "a phone"})

    assert 200 == answer["statusCode"]
    assert "bob@example.com" == json.loads(answer["body"])["user"]["email"]

    async def look(database: Database, _: Any) -> Any:
        return await entry.signed_in(database, value_of(cookie_of(answer)), SYSTEM_CLOCK.now())

    found = bob_on_either(look)
    assert ("Bob", "203.0.113.7", "a phone") == (
        found.actor.name,
        found.session.address,
        found.session.agent,
    )
    assert found.session.accepts_csrf(json.loads(answer["body"])["csrf"])


@SHAPES
def test_answer_and_cookie_are_those_of_the_server(bob, shape):
    mine = asked(shape)

    async def at_the_server(database: Database, _: Any) -> Any:
        settings = Settings(public_url=API, cors_origins=PAGE)
        vault = Vault(settings, Secrets(SYSTEM_CLOCK))
        app = app_with(
            database, session_api.router, clock=SYSTEM_CLOCK, settings=settings, vault=vault
        )
        async with visitor(app, base=API) as client:
            form = {"email": "bob@example.com", "password": PASSWORD}
            wrong = form | {"password": "wrong"}
            return (
                await client.post("/api/v1/session", json=form),
                await client.post("/api/v1/session", json=wrong),
                await client.post("/api/v1/session", json={"email": 5, "x": 1}),
            )

    theirs, wrong, invalid = bob(at_the_server)
    assert (theirs.status_code, theirs.json()["user"]) == (
        mine["statusCode"],
        json.loads(mine["body"])["user"],
    )
    assert attributes(theirs.headers["set-cookie"]) == attributes(cookie_of(mine))
    assert shown(wrong) == shown_of(asked(shape, {"password": "wrong"}), left="3", is_left="4")
    assert shown(invalid) == shown_of(asked(shape, json.dumps({"email": 5, "x": 1})))


def attributes(text: str) -> set[str]:
    """Without the value, which is secret and another each time."""
    name, *rest = (part.strip().lower() for part in text.split(";"))
    return {name.partition("=")[0], *rest}


def shown(answer: Any) -> tuple[int, Any, str]:
    return answer.status_code, answer.json(), answer.headers["cache-control"]


def shown_of(answer: dict[str, Any], left: str = "", is_left: str = "") -> tuple[int, Any, str]:
    """The function was asked after the server, so one try less is left."""
    body = answer["body"].replace(f"{left} tr", f"{is_left} tr") if left else answer["body"]
    return answer["statusCode"], json.loads(body), answer["headers"]["cache-control"]


@SHAPES
def test_a_wrong_password_is_refused_in_the_callers_language_and_the_tries_are_counted(bob, shape):
    korean = {"accept-language": "ko-KR,ko;q=0.9"}
    answers = [asked(shape, {"password": "wrong"}, headers=korean) for _ in range(6)]

    assert [401] * 5 + [429] == [answer["statusCode"] for answer in answers]
    assert "맞지 않습니다" in error_of(answers[0])["message"]
    assert "ko" == answers[0]["headers"]["content-language"]
    assert int(answers[5]["headers"]["retry-after"]) > 0
    assert all("multiValueHeaders" not in one and "cookies" not in one for one in answers)
    assert 429 == asked(shape)["statusCode"]


@SHAPES
def test_tries_are_counted_by_the_address_that_api_gateway_saw(bob, shape):
    """A header can say anything."""
    for number in range(6):
        headers = {"x-forwarded-for": f"198.51.100.{number}"}
        answer = asked(shape, {"password": "wrong"}, headers=headers)

    assert 429 == answer["statusCode"]
    assert 200 == asked(shape, source="192.0.2.4")["statusCode"]


@SHAPES
def test_with_a_second_factor_the_code_comes_along(bob, shape):
    async def set_up(database: Database, user: Any) -> str:
        settings = Settings(secret_key="env:TEST_SECRET_KEY")
        vault, here = Vault(settings, Secrets(SYSTEM_CLOCK)), Visit("203.0.113.7")
        form = SignIn(email=user.email, password=PASSWORD)
        cookie = await open_session(database, form, here, SYSTEM_CLOCK)
        found = await entry.signed_in(database, cookie, SYSTEM_CLOCK.now())
        assert found is not None
        actor = found.actor
        await factors.begin(database, actor, NewFactor(), here, SYSTEM_CLOCK, vault)
        secret = await factors.shown_secret(database, actor, SYSTEM_CLOCK, vault)
        code = totp.code_at(secret, totp.step_at(SYSTEM_CLOCK.now()) - 1)
        given = ConfirmFactor(code=code)
        await factors.confirm(database, actor, found.session, given, here, SYSTEM_CLOCK, vault)
        return secret

    secret = bob(set_up)
    without = asked(shape)
    code = totp.code_at(secret, totp.step_at(SYSTEM_CLOCK.now()))

    assert (401, "second_factor_needed") == (without["statusCode"], error_of(without)["code"])
    assert 401 == asked(shape, {"code": "000000"})["statusCode"]
    assert 200 == asked(shape, {"code": code})["statusCode"]


@SHAPES
def test_a_session_that_came_along_is_ended(bob, shape):
    first = value_of(cookie_of(asked(shape)))
    asked(shape, cookies=["other=1", f"__Host-bongsu={first}"])

    async def look(database: Database, _: Any) -> Any:
        return await entry.signed_in(database, first, SYSTEM_CLOCK.now())

    assert bob(look) is None


@SHAPES
def test_a_body_in_base64_is_read(bob, shape):
    assert 200 == asked(shape, encoded=True)["statusCode"]


@SHAPES
@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 422), ("[]", 422), ("", 422), ("{}", 422), ('{"email": "a\\ud800"}', 422),
     ('{"password": "' + "x" * 70_000 + '"}', 413), ("[" * 30_000, 422)],
)  # fmt: skip
def test_what_is_no_form_is_refused_in_words(bob, shape, body, status):
    answer = asked(shape, body)

    assert status == answer["statusCode"]
    assert error_of(answer)["message"]


@SHAPES
def test_a_wrong_form_names_each_place_and_never_repeats_the_password(bob, shape):
    answer = asked(shape, {"password": "hunter2" * 100, "email": 5})

    assert {"email", "password"} == {one["where"] for one in error_of(answer)["problems"]}
    assert "hunter2" not in json.dumps(answer)


# --- pages of other origins


@SHAPES
def test_a_listed_origin_may_sign_in_and_its_browser_is_told_so_before(bob, shape):
    headers = {"origin": PAGE, "sec-fetch-site": "same-site"}
    answer = asked(shape, headers=headers)
    ask = {"access-control-request-method": "POST"} | headers
    before = sign_in.handler(shape(method="OPTIONS", headers=ask), None)

    assert (200, 204) == (answer["statusCode"], before["statusCode"])
    for one in (answer, before):
        assert PAGE == one["headers"]["access-control-allow-origin"]
        assert "true" == one["headers"]["access-control-allow-credentials"]
        assert "Origin" == one["headers"]["vary"]
    assert "600" == before["headers"]["access-control-max-age"]


@SHAPES
def test_a_refusal_can_be_read_by_a_listed_origin(bob, shape):
    answer = asked(shape, {"password": "wrong"}, headers={"origin": PAGE})

    assert (401, PAGE) == (answer["statusCode"], answer["headers"]["access-control-allow-origin"])


@SHAPES
def test_any_other_origin_gets_neither_headers_nor_a_session(bob, shape):
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = asked(shape, headers=headers)
    ask = {"access-control-request-method": "POST"} | headers
    before = sign_in.handler(shape(method="OPTIONS", headers=ask), None)

    assert 403 == answer["statusCode"]
    for one in (answer, before):
        assert not [name for name in one["headers"] if name.startswith("access-control")]


@SHAPES
def test_only_post_signs_in(bob, shape):
    answer = sign_in.handler(shape(method="GET"), None)

    assert (405, "POST, OPTIONS") == (answer["statusCode"], answer["headers"]["allow"])


# --- its environment


def test_what_is_not_configured_is_named(bob, monkeypatch):
    monkeypatch.delenv("BONGSU_DATABASE_URL")

    with pytest.raises(Invalid, match="BONGSU_DATABASE_URL"):
        asked(proxy_2)


def test_the_database_may_be_a_reference_as_lambda_gives_no_secret(bob, monkeypatch):
    monkeypatch.setenv("KEPT_ELSEWHERE", os.environ["BONGSU_DATABASE_URL"])
    monkeypatch.setenv("BONGSU_DATABASE_URL", "env:KEPT_ELSEWHERE")

    assert asked(proxy_2)["statusCode"] == 200


def test_a_secret_that_is_away_is_named_without_its_value(bob, monkeypatch):
    monkeypatch.setenv("BONGSU_DATABASE_URL", "env:NOBODY_KEPT_IT")

    with pytest.raises(SecretAway, match="NOBODY_KEPT_IT"):
        asked(proxy_2)


def test_an_origin_that_is_not_exact_is_refused_at_once(bob, monkeypatch):
    monkeypatch.setenv("BONGSU_CORS_ORIGINS", "*")

    with pytest.raises(Invalid, match="no exact origin"):
        asked(proxy_2)

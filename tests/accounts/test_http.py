"""What a request must carry, and how a refusal looks."""

import logging

import pytest
from fastapi import APIRouter, Request
from pydantic import BaseModel

from bongsu.accounts import entry, store_keys, tokens
from bongsu.accounts.http import ApiCaller, Caller, Csrf, Parts, still_signed_in
from bongsu.accounts.inputs import NewToken
from bongsu.accounts.keys import TOKEN_PREFIX
from bongsu.accounts.model import require
from bongsu.db.session import Database
from bongsu.kit.errors import Conflict, Invalid, Problem, TooMany
from bongsu.kit.i18n import say
from tests.people import (
    BASE,
    CLOCK,
    PASSWORD,
    alice_admin,
    app_with,
    bob_responder,
    charlie_viewer,
    client_of,
    visitor,
)

# What a database says differently is tested beside the stores; here one engine is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = {"accept": "text/html"}
SIGN_IN = {"email": "alice@example.com", "password": PASSWORD}
router = APIRouter()


class Lamp(BaseModel):
    lit: bool
    name: str = ""


@router.post("/lamp")
async def light(actor: Caller, _: Csrf) -> dict:
    require(actor, "incident.acknowledge")
    return {"by": actor.name}


@router.put("/api/v1/lamp")
async def put_lamp(lamp: Lamp, actor: ApiCaller) -> dict:
    require(actor, "check.pause")
    return {"lit": lamp.lit, "by": actor.ref}


@router.get("/api/v1/fail/{how}")
async def fail(how: str) -> None:
    if how == "many":
        raise TooMany(say("Too many people sign in at this moment. Try again in a few seconds."), 7)
    if how == "wrong":
        problem = Problem(
            "checks.home", say("This is missing."), say("A name is needed."), "a.yaml", 3
        )
        raise Invalid(say("Nothing was changed."), (problem,))
    if how == "busy":
        raise Conflict(say("The account was changed at this very moment. Sign in again."))
    raise ZeroDivisionError("canary-in-a-bug")


@router.get("/stream")
async def stream(request: Request, actor: Caller, other: bool = False) -> dict:
    return {"still": await still_signed_in(request), "who": actor.name, "other": other}


@router.get("/open")
async def nobody(request: Request) -> dict:
    return {"still": await still_signed_in(request)}


def room(house):
    house.app.include_router(router)
    return house


async def test_a_page_sends_a_stranger_to_sign_in_and_back(house):
    async with house() as h, visitor(h.app) as stranger:
        answer = await stranger.get("/people?after=3", headers=PAGE)

        assert (303, "/sign-in?next=/people%3Fafter%3D3") == (
            answer.status_code,
            answer.headers["location"],
        )


async def test_the_api_tells_a_stranger_in_json_and_in_their_language(house):
    async with house() as h, visitor(h.app) as stranger:
        english = await stranger.get("/api/v1/me")
        korean = await stranger.get("/api/v1/me", headers={"accept-language": "ko-KR,ko;q=0.9"})

        assert (401, "Bearer") == (english.status_code, english.headers["www-authenticate"])
        assert "not_signed_in" == english.json()["error"]["code"]
        assert "Sign in and go on." in english.json()["error"]["message"]
        assert "로그인하고 이어서 하세요." in korean.json()["error"]["message"]


async def test_a_part_of_a_page_asks_for_the_page_again_when_the_session_has_ended(house):
    async with house() as h, visitor(h.app) as stranger:
        answer = await stranger.get("/-/people", headers={"hx-request": "true"})

        assert (401, "true") == (answer.status_code, answer.headers["hx-refresh"])


# --- CSRF


async def test_a_write_with_the_token_of_the_page_goes_through(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(room(h).app, bob) as client:
            assert {"by": "Bob"} == (await client.post("/lamp")).json()


async def test_the_token_may_come_as_a_field_of_the_form(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(room(h).app, bob) as client:
            token = client.headers.pop("x-csrf-token")

            assert 200 == (await client.post("/lamp", data={"csrf": token})).status_code
            files = {"file": ("a.txt", b"x")}
            assert (
                200 == (await client.post("/lamp", data={"csrf": token}, files=files)).status_code
            )


@pytest.mark.parametrize(
    "sent", [{}, {"data": {"csrf": "wrong"}}, {"files": {"csrf": b"x"}}, {"json": {}}]
)
async def test_a_write_without_the_token_changes_nothing(house, sent):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(room(h).app, bob) as client:
            del client.headers["x-csrf-token"]

            answer = await client.post("/lamp", headers=PAGE, **sent)

            assert 403 == answer.status_code
            assert "did not carry the token of this page" in answer.text


async def test_the_token_of_somebody_else_is_refused(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        async with await client_of(room(h).app, alice) as one, await client_of(h.app, bob) as other:
            other.headers["x-csrf-token"] = one.headers["x-csrf-token"]

            assert 403 == (await other.post("/lamp")).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": BASE},
    ],
)
async def test_a_write_from_another_site_is_refused_whatever_it_carries(house, headers):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(room(h).app, bob) as client:
            answer = await client.post("/lamp", headers=headers)

            assert 403 == answer.status_code
            assert "Another site asked" in answer.text


@pytest.mark.parametrize("path", ["/sign-in", "/door/door_x"])
async def test_another_site_can_sign_nobody_in(house, path):
    async with house() as h:
        await alice_admin(h.db)
        async with visitor(h.app) as stranger:
            answer = await stranger.post(
                path, data=SIGN_IN, headers={"origin": "https://evil.example"}
            )

            assert 403 == answer.status_code
            assert "set-cookie" not in answer.headers


async def test_no_get_of_the_room_changes_anything(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(h.app, alice) as client:
            before = len(await h.events())
            for route in _routes(h.app, "GET"):
                await client.get(route)
            assert before == len(await h.events())


def _routes(app, method: str) -> list[str]:
    """All but those for people outside."""
    paths = app.openapi()["paths"]
    outside = ("/api/v1/sign-up", "/api/v1/forgot", "/api/v1/session")
    api = [path for path, found in paths.items() if method.lower() in found]
    api = [path for path in api if not path.endswith(outside) and "/sign-up/" not in path]
    own = {
        "GET": [
            "/people",
            "/people/new",
            "/people/1",
            "/people/teams/new",
            "/people/teams/1",
            "/people/joining",
            "/me",
            "/me/email",
            "/me/delete",
            "/me/export",
        ],
        "POST": [
            "/sign-out",
            "/people/new",
            "/people/1",
            "/people/1/disable",
            "/people/1/enable",
            "/people/1/link",
            "/people/1/delete",
            "/people/joining",
            "/people/teams/new",
            "/people/teams/1",
            "/people/teams/1/delete",
            "/me",
            "/me/password",
            "/me/email",
            "/me/delete",
            "/me/tokens",
            "/me/tokens/1/revoke",
            "/me/sessions/abc/end",
        ],
    }
    filled = [path.replace("{session_id}", "abc") for path in api]
    return [_numbered(path) for path in filled] + own.get(method, [])


def _numbered(path: str) -> str:
    for name in ("user_id", "team_id", "token_id"):
        path = path.replace(f"{{{name}}}", "1")
    return path


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
async def test_no_route_answers_a_stranger(house, method):
    async with house() as h:
        await alice_admin(h.db)
        async with visitor(h.app) as stranger:
            for path in _routes(h.app, method):
                answer = await stranger.request(method, path, json={} if "/api/" in path else None)
                assert answer.status_code in {303, 401}, f"{method} {path}: {answer.status_code}"


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_charlie_changes_nobody_but_himself(house, method):
    own = ("/sign-out", "/me", "/api/v1/me", "/api/v1/sessions", "/api/v1/tokens")
    async with house() as h:
        await alice_admin(h.db)
        charlie = await charlie_viewer(h.db)
        async with await client_of(h.app, charlie) as client:
            before = await h.types("user.") + await h.types("team.")
            for path in _routes(h.app, method):
                if path.startswith(own):
                    continue
                body = {"json": _body(path)} if "/api/" in path else {"data": _body(path)}
                answer = await client.request(method, path, **({} if method == "DELETE" else body))
                assert 403 == answer.status_code, (
                    f"{method} {path}: {answer.status_code} {answer.text}"
                )
            assert before == await h.types("user.") + await h.types("team.")


def _body(path: str) -> dict:
    if path.endswith(("/users", "/people/new")):
        return {"email": "x@example.com", "name": "X", "role": "admin"}
    if path.endswith(("/teams", "/teams/new")):
        return {"name": "shop", "title": "Shop"}
    if path.endswith(("/policy", "/joining")):
        return {"join": "open"}
    return {"title": "Shop"} if "/teams/" in path else {"name": "Eve"}


# --- cookies and addresses


async def test_the_cookie_is_for_this_server_alone_and_out_of_reach_of_scripts(house):
    async with house() as h:
        await alice_admin(h.db)
        async with visitor(h.app) as browser:
            answer = await browser.post("/sign-in", data=SIGN_IN)

        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("bongsu=session_")
        assert {"HttpOnly", "Path=/", "SameSite=lax"} == set(cookie.split("; ")[1:])


@pytest.mark.parametrize("how", ["by itself", "behind a proxy"])
async def test_by_https_the_cookie_is_secure_and_another_one_is_not_read(house, how):
    async with house(trusted_proxies="192.0.2.1", public_url="https://bongsu.test") as h:
        await alice_admin(h.db)
        base = "https://bongsu.test" if how == "by itself" else "http://bongsu.test"
        proxy = {} if how == "by itself" else {"x-forwarded-proto": "https"}
        async with visitor(h.app, address="192.0.2.1", base=base) as browser:
            browser.headers.update(proxy)
            answer = await browser.post(
                "/sign-in", data=SIGN_IN, headers={"origin": "https://bongsu.test"}
            )
            cookie = answer.headers["set-cookie"]
            token = cookie.partition("=")[2].partition(";")[0]
            plain = await browser.get("/api/v1/me", headers={"cookie": f"bongsu={token}"})
            host = await browser.get("/api/v1/me", headers={"cookie": f"__Host-bongsu={token}"})

        assert cookie.startswith("__Host-bongsu=")
        assert "Secure" in cookie
        assert "Domain" not in cookie
        assert (401, 200) == (plain.status_code, host.status_code)


async def test_an_address_is_taken_from_a_trusted_proxy_only(house):
    async with house(trusted_proxies="192.0.2.1") as h:
        await alice_admin(h.db)
        for peer in ("192.0.2.1", "203.0.113.7"):
            async with visitor(h.app, address=peer) as browser:
                await browser.post(
                    "/sign-in", data=SIGN_IN, headers={"x-forwarded-for": "198.51.100.5"}
                )

        seen = [event.data["address"] for event in await h.events("session.")]
        assert ["198.51.100.5", "203.0.113.7"] == seen


async def test_a_visit_is_noted_after_the_answer_at_most_once_a_minute(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client:
            h.clock.advance(59)
            await client.get("/people")
            async with h.db.read() as tx:
                (early,) = await store_keys.sessions_of(tx, bob.id)
            h.clock.advance(1)
            await client.get("/people")
            async with h.db.read() as tx:
                (later,) = await store_keys.sessions_of(tx, bob.id)

        assert (60, h.clock.now()) == (
            (later.seen_at - early.seen_at).total_seconds(),
            later.seen_at,
        )


# --- tokens


async def test_a_token_needs_no_csrf_and_is_held_to_its_scopes(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with h.db.write() as tx:
            _, wide = await tokens.create(
                tx, alice, NewToken(name="a", scopes=["check.*"]), h.clock
            )
            row, narrow = await tokens.create(tx, alice, NewToken(name="b"), h.clock)
        async with visitor(room(h).app) as program:
            put = {"json": {"lit": True}}
            yes = await program.put(
                "/api/v1/lamp", headers={"authorization": f"Bearer {wide}"}, **put
            )
            no = await program.put(
                "/api/v1/lamp", headers={"authorization": f"bearer {narrow}"}, **put
            )

        assert {"lit": True, "by": f"token/{row.id - 1}"} == yes.json()
        assert (403, "not_allowed") == (no.status_code, no.json()["error"]["code"])
        assert "Make a token with the scope check.pause." in no.json()["error"]["message"]


@pytest.mark.parametrize("given", ["Bearer bgs_unknown", "Basic YTpi", "Bearer", ""])
async def test_a_wrong_token_is_refused_and_the_session_is_not_asked(house, given):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(h.app, alice) as client:
            answer = await client.get("/api/v1/me", headers={"authorization": given})

        assert 401 == answer.status_code
        assert "This token is unknown, expired or revoked." in answer.json()["error"]["message"]


async def test_a_token_opens_no_page(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with h.db.write() as tx:
            _, token = await tokens.create(tx, alice, NewToken(name="a", scopes=["*"]), h.clock)
        async with visitor(h.app) as program:
            answer = await program.get(
                "/people", headers=PAGE | {"authorization": f"Bearer {token}"}
            )

        assert token.startswith(TOKEN_PREFIX)
        assert 303 == answer.status_code


# --- streams


async def test_a_stream_learns_that_its_session_has_ended(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(room(h).app, bob) as client:
            assert {"still": True, "who": "Bob", "other": False} == (
                await client.get("/stream")
            ).json()
            assert {"still": False} == (await client.get("/open")).json()


# --- refusals


async def test_a_refusal_of_the_api_says_where_what_and_what_to_do(house):
    async with house() as h, visitor(room(h).app) as program:
        wrong = await program.get("/api/v1/fail/wrong", headers={"accept-language": "ko"})
        many = await program.get("/api/v1/fail/many")

        assert {
            "error": {
                "code": "invalid",
                "message": "바뀐 것은 없습니다.",
                "problems": [
                    {
                        "where": "checks.home",
                        "what": "빠져 있습니다.",
                        "todo": "이름이 필요합니다.",
                        "file": "a.yaml",
                        "line": 3,
                    }
                ],
            }
        } == wrong.json()
        assert (422, "ko") == (wrong.status_code, wrong.headers["content-language"])
        assert (429, "7") == (many.status_code, many.headers["retry-after"])


async def test_a_person_who_chose_korean_is_refused_in_korean(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(h.app, alice) as client:
            await client.patch("/api/v1/me", json={"language": "ko"})
            answer = await client.get("/api/v1/users/99", headers={"accept-language": "en"})

        assert "번호가 99인 사람이 없습니다." == answer.json()["error"]["message"]


async def test_wrong_input_is_named_field_by_field_and_never_repeated(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(room(h).app, alice) as client:
            answer = await client.put("/api/v1/lamp", json={"lit": "canary-value", "name": 3})
            broken = await client.put(
                "/api/v1/lamp", content=b'{"lit": tru', headers={"content-type": "application/json"}
            )

        problems = {one["where"]: one["what"] for one in answer.json()["error"]["problems"]}
        assert {"lit": "This must be true or false.", "name": "This must be text."} == problems
        assert "canary-value" not in answer.text
        assert (422, "This is not valid JSON.") == (
            broken.status_code,
            broken.json()["error"]["problems"][0]["what"],
        )


async def test_an_unknown_address_and_a_wrong_method_are_told_in_kind(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(h.app, alice) as client:
            page = await client.get("/nowhere", headers=PAGE)
            json = await client.get("/api/v1/nowhere")
            method = await client.put("/api/v1/users", json={})

        assert 404 == page.status_code
        assert "Alice" in page.text  # the rail of who is signed in
        assert ("not_found", "There is nothing at /api/v1/nowhere.") == (
            json.json()["error"]["code"],
            json.json()["error"]["message"],
        )
        assert (405, "method_not_allowed") == (method.status_code, method.json()["error"]["code"])
        assert "allow" in method.headers


async def test_a_bug_is_told_as_ours_without_its_trace_and_logged_once_by_its_route(house, caplog):
    async with house() as h, visitor(room(h).app) as program:
        with caplog.at_level(logging.ERROR, "bongsu.http"):
            json = await program.get("/api/v1/fail/bug")

        assert (500, "internal") == (json.status_code, json.json()["error"]["code"])
        assert "canary" not in json.text
        assert ["a bug at GET /api/v1/fail/{how}"] == [
            r.getMessage() for r in caplog.records if r.name == "bongsu.http"
        ]


async def test_a_failure_of_a_part_is_told_on_the_page(house):
    async with house() as h:
        charlie = await charlie_viewer(h.db)
        async with await client_of(room(h).app, charlie) as client:
            answer = await client.post("/lamp", headers={"hx-request": "true"})

        assert (403, "none") == (answer.status_code, answer.headers["hx-reswap"])
        assert "needs the role Responder" in answer.headers["hx-trigger"]


async def test_the_state_being_away_does_not_hide_that_an_address_is_unknown(house, monkeypatch):
    async with house() as h:
        alice = await alice_admin(h.db)

        async def away(*_):
            raise Conflict(say("The account was changed at this very moment. Sign in again."))

        async with await client_of(h.app, alice) as client:
            monkeypatch.setattr(entry, "signed_in", away)
            assert 404 == (await client.get("/nowhere", headers=PAGE)).status_code


def test_the_parts_of_an_application_stand_for_themselves(database_url):
    app = app_with(Database.open(database_url))
    parts: Parts = app.state.parts

    assert parts.clock is CLOCK
    assert "http://bongsu.test/door/abc" == parts.door_url("abc")

"""A compulsory second factor: without it nothing works but setting one up, by whatever way in."""

import asyncio

import pytest
from fastapi import APIRouter, Request
from fastapi.routing import iter_route_contexts

from bongsu.accounts import policy, store_identities, tokens, totp
from bongsu.accounts.http import ApiCaller, Caller, still_signed_in
from bongsu.accounts.inputs import NewToken, PolicyChange
from bongsu.accounts.second_step import HOW_TO_ENROL
from bongsu.live.hub import Hub
from tests.accounts.second import client_of, with_codes
from tests.people import PASSWORD, alice_admin, bob_responder, charlie_viewer, visitor
from tests.people import client_of as plain_client

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = {"accept": "text/html"}
ENROL = "/me/second-factor"
OPEN_FOR_NEWCOMERS = {
    ("GET", ENROL),
    ("GET", f"{ENROL}/qr.svg"),
    ("POST", f"{ENROL}/begin"),
    ("POST", f"{ENROL}/confirm"),
    ("POST", "/sign-out"),
}
# For people outside as well: nothing of the house is in them.
PUBLIC = {
    "/sign-in", "/sign-in/code", "/sign-in/again", "/sign-in/oidc", "/sign-in/oidc/back", "/sign-up",
    "/sign-up/again", "/forgot", "/door/{token}", "/-/preferences", "/api/v1/session", "/api/v1/sign-up",
    "/api/v1/sign-up/again", "/api/v1/forgot", "/api/v1/openapi.json",
}  # fmt: skip

room = APIRouter()


@room.get("/room")
async def page(actor: Caller) -> dict:
    return {"who": actor.name}


@room.get("/stream")
async def stream(request: Request, actor: Caller) -> dict:
    before = await still_signed_in(request)
    await require_it(request.app.state.house)
    return {"before": before, "after": await still_signed_in(request)}


@room.post("/api/v1/room")
async def api(actor: ApiCaller) -> dict:
    return {"who": actor.name}


async def require_it(h):
    async with h.db.write() as tx:
        await policy.change(tx, h.alice, PolicyChange(mfa_required=True), h.clock)


async def furnished(h):
    """Alice has a second factor and may make it compulsory."""
    h.app.include_router(room)
    h.app.state.house = h
    h.alice = await alice_admin(h.db)
    await with_codes(h, h.alice)
    return h


@pytest.fixture
def strict(house, monkeypatch):
    monkeypatch.setattr("tests.accounts.conftest.House.alice", None, raising=False)
    return house


async def test_a_session_of_the_password_alone_stops_working_at_once(strict):
    async with strict() as h:
        await furnished(h)
        bob = await bob_responder(h.db)
        async with await plain_client(h.app, bob) as client:
            assert 200 == (await client.get("/room", headers=PAGE)).status_code

            await require_it(h)

            answer = await client.get("/room", headers=PAGE)
            assert (303, ENROL) == (answer.status_code, answer.headers["location"])


async def test_every_page_leads_to_setting_one_up_and_every_call_is_refused(strict):
    """All routes of the room, by what the application itself lists."""
    async with strict() as h:
        await furnished(h)
        bob = await bob_responder(h.db)
        await require_it(h)
        wrong = {}
        async with await plain_client(h.app, bob) as client:
            for method, path in _routes(h.app):
                if path in PUBLIC or (method, path) in OPEN_FOR_NEWCOMERS:
                    continue
                address = path.replace("{name}", "x").replace("{session_id}", "x")
                for part in ("user_id", "team_id", "token_id", "identity_id"):
                    address = address.replace(f"{{{part}}}", "1")
                answer = await client.request(method, address, headers=PAGE)
                if "/api/" in path:
                    good = (403, "second_factor_required") == (
                        answer.status_code,
                        _code(answer),
                    )
                else:
                    good = (303, ENROL) == (answer.status_code, answer.headers.get("location"))
                if not good:
                    wrong[f"{method} {path}"] = (answer.status_code, answer.text[:200])

        assert {} == wrong


def _routes(app):
    """Without FastAPI's own pages, which the real application has switched off."""
    return [
        (method, one.path)
        for one in iter_route_contexts(app.routes)
        for method in set(getattr(one, "methods", None) or ()) - {"HEAD"}
        if not one.path.startswith(("/docs", "/redoc"))
    ]


def _code(answer):
    try:
        return answer.json()["error"]["code"]
    except ValueError:
        return None


async def test_the_refusal_of_the_api_says_what_to_do_in_both_languages(strict):
    async with strict() as h:
        await furnished(h)
        bob = await bob_responder(h.db)
        await require_it(h)
        async with await plain_client(h.app, bob) as client:
            english = (await client.post("/api/v1/room")).json()["error"]
            korean = await client.post("/api/v1/room", headers={"accept-language": "ko"})

        assert str(HOW_TO_ENROL) == english["message"]
        assert ENROL in english["message"]
        assert HOW_TO_ENROL.to("ko") == korean.json()["error"]["message"] != english["message"]


async def test_a_part_of_a_page_that_is_open_moves_the_whole_page(strict):
    async with strict() as h:
        await furnished(h)
        bob = await bob_responder(h.db)
        await require_it(h)
        async with await plain_client(h.app, bob) as client:
            answer = await client.get("/room", headers={"hx-request": "true"})

        assert (401, "true") == (answer.status_code, answer.headers["hx-refresh"])


async def test_a_token_works_only_for_who_has_a_second_factor(strict):
    async with strict() as h:
        await furnished(h)
        bob, charlie = await bob_responder(h.db), await charlie_viewer(h.db)
        await with_codes(h, charlie)
        async with h.db.write() as tx:
            made = [
                (await tokens.create(tx, who, NewToken(name="t", scopes=["*"]), h.clock))[1]
                for who in (bob, charlie)
            ]
        await require_it(h)

        async with visitor(h.app) as program:
            answers = [
                await program.post("/api/v1/room", headers={"authorization": f"Bearer {token}"})
                for token in made
            ]

        assert [403, 200] == [one.status_code for one in answers]
        error = answers[0].json()["error"]
        assert "second_factor_required" == error["code"]
        assert "owner of this token" in error["message"]


@pytest.mark.parametrize(
    ("strong", "trusted", "status"),
    [(False, False, 403), (True, False, 200), (False, True, 200)],
)
async def test_a_token_of_who_comes_through_the_provider_counts_as_the_provider_does(
    strict, strong, trusted, status
):
    async with strict() as h:
        await furnished(h)
        bob = await bob_responder(h.db)
        now = h.clock.now()
        linked = {
            "user_id": bob.id, "issuer": "https://id.example.com", "subject": "b", "email": "",
            "strong": strong, "created_at": now, "used_at": now,
        }  # fmt: skip
        async with h.db.write() as tx:
            await store_identities.insert_identity(tx, linked)
            _, token = await tokens.create(tx, bob, NewToken(name="t", scopes=["*"]), h.clock)
            form = PolicyChange(mfa_required=True, oidc_trusted=trusted)
            await policy.change(tx, h.alice, form, h.clock)

        async with visitor(h.app) as program:
            answer = await program.post(
                "/api/v1/room", headers={"authorization": f"Bearer {token}"}
            )

        assert status == answer.status_code


async def test_a_stream_that_is_open_ends(strict):
    async with strict() as h:
        await furnished(h)
        bob = await bob_responder(h.db)
        async with await plain_client(h.app, bob) as client:
            answer = await client.get("/stream")

        assert {"before": True, "after": False} == answer.json()


async def test_a_stream_is_asked_about_at_once_when_who_may_stay_has_changed(strict):
    """Not only at the next keep-alive, a quarter of a minute later."""
    async with strict() as h:
        await furnished(h)
        hub, stop, asked = Hub(h.db), asyncio.Event(), []
        await client_of(h, h.alice)  # an event, so that the log has begun
        await hub._step()

        async def may_stay():
            asked.append(1)
            return False

        frames = hub.stream(frozenset({"checks"}), None, stop, may_stay)
        assert "hello" in await anext(frames)
        await require_it(h)
        await hub._step()

        async with asyncio.timeout(5):
            (last,) = [frame async for frame in frames]
        assert "event: reset" in last  # whose parts then say that there is somewhere else to go
        assert asked == [1]


async def test_somebody_who_has_one_goes_on_as_before(strict):
    async with strict() as h:
        await furnished(h)
        async with await client_of(h, h.alice) as client:
            await require_it(h)

            assert 200 == (await client.get("/room", headers=PAGE)).status_code
            assert 200 == (await client.post("/api/v1/room")).status_code


async def test_from_the_password_to_the_first_page_through_setting_one_up(strict):
    async with strict() as h, visitor(h.app) as browser:
        await furnished(h)
        await bob_responder(h.db)
        await require_it(h)

        form = {"email": "bob@example.com", "password": PASSWORD, "next": "/room"}
        await browser.post("/sign-in", data=form)
        lost = await browser.get("/room", headers=PAGE)
        page = await browser.get(ENROL, headers=PAGE)
        assert (303, ENROL) == (lost.status_code, lost.headers["location"])
        assert "It is compulsory here." in page.text
        assert "/people" not in page.text  # no rail: there is nowhere to go
        csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
        await browser.post(f"{ENROL}/begin", data={"csrf": csrf, "next": "/room"})
        page = await browser.get(f"{ENROL}?next=/room", headers=PAGE)
        secret = page.text.partition("secret=")[2].partition("&")[0]
        code = totp.code_at(secret, totp.step_at(h.clock.now()))
        done = await browser.post(
            f"{ENROL}/confirm", data={"csrf": csrf, "code": code, "next": "/room"}
        )

        assert 200 == done.status_code
        assert 'href="/room"' in done.text
        assert {"who": "Bob"} == (await browser.get("/room")).json()


async def test_who_must_set_one_up_may_also_leave(strict):
    async with strict() as h:
        await furnished(h)
        bob = await bob_responder(h.db)
        await require_it(h)
        async with await plain_client(h.app, bob) as client:
            answer = await client.post("/sign-out")

            assert "/sign-in" == answer.headers["location"]
            assert 401 == (await client.get("/api/v1/me")).status_code


async def test_static_files_are_there_for_the_page(strict):
    async with strict() as h:
        await furnished(h)
        bob = await bob_responder(h.db)
        await require_it(h)
        async with await plain_client(h.app, bob) as client:
            page = await client.get(ENROL, headers=PAGE)
            address = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]

            assert 200 == (await client.get(address)).status_code

"""/api/v1/session, also for pages of other origins; and what the cookie says to browsers."""

import pytest

from tests.accounts.second import client_of, with_codes
from tests.people import PASSWORD, alice_admin, bob_responder, visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PUBLIC = "https://bongsu.example.com"
PAGE = "https://tasks.example.net"
BOB = {"email": "bob@example.com", "password": PASSWORD}


def code_of(answer):
    return answer.json()["error"]["code"]


async def test_one_signs_in_looks_and_signs_out(house):
    async with house() as h, visitor(h.app) as browser:
        await bob_responder(h.db)

        opened = await browser.post("/api/v1/session", json=BOB)
        again = await browser.get("/api/v1/session")

        assert (200, "bob@example.com", "user") == (
            opened.status_code,
            opened.json()["user"]["email"],
            opened.json()["user"]["kind"],
        )
        assert opened.json()["user"] == again.json()["user"]
        assert "set-cookie" not in again.headers
        for csrf in (opened.json()["csrf"], again.json()["csrf"]):
            answer = await browser.patch(
                "/api/v1/me", json={"name": "Bob"}, headers={"x-csrf-token": csrf}
            )
            assert 200 == answer.status_code
        assert 403 == (await browser.delete("/api/v1/session")).status_code
        browser.headers["x-csrf-token"] = again.json()["csrf"]
        assert 204 == (await browser.delete("/api/v1/session")).status_code
        assert 401 == (await browser.get("/api/v1/session")).status_code


async def test_a_wrong_password_and_a_wanted_code_are_told_apart_by_their_codes(house):
    async with house() as h, visitor(h.app) as browser:
        bob = await with_codes(h, await bob_responder(h.db))

        wrong = await browser.post("/api/v1/session", json=BOB | {"password": "wrong wrong"})
        wanted = await browser.post("/api/v1/session", json=BOB)
        off = await browser.post("/api/v1/session", json=BOB | {"code": "000000"})
        right = await browser.post("/api/v1/session", json=BOB | {"code": bob.code()})

        assert [(401, "not_signed_in"), (401, "second_factor_needed"), (401, "not_signed_in")] == [
            (one.status_code, code_of(one)) for one in (wrong, wanted, off)
        ]
        assert not any("set-cookie" in one.headers for one in (wrong, wanted, off))
        assert 200 == right.status_code


async def test_where_one_is_compulsory_no_session_is_opened_without(house):
    async with house() as h:
        alice = await with_codes(h, await alice_admin(h.db))
        await bob_responder(h.db)
        async with await client_of(h, alice.actor) as client:
            answer = await client.patch("/api/v1/policy", json={"mfa_required": True})
            assert 200 == answer.status_code, answer.text

        async with visitor(h.app) as browser:
            answer = await browser.post("/api/v1/session", json=BOB)

        assert (403, "second_factor_required") == (answer.status_code, code_of(answer))
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("body", [{}, {"email": 1}, BOB | {"role": "admin"}, BOB | {"code": 5}])
async def test_what_is_no_sign_in_is_refused_and_not_repeated(house, body):
    async with house() as h, visitor(h.app) as browser:
        answer = await browser.post("/api/v1/session", json=body)

        assert 422 == answer.status_code
        assert PASSWORD not in answer.text


async def test_a_token_has_no_session_to_show_or_end(house):
    async with house() as h, visitor(h.app) as program:
        bob = await bob_responder(h.db)
        async with await client_of(h, bob, "password") as client:
            made = await client.post("/api/v1/tokens", json={"name": "t", "scopes": ["*"]})
        program.headers["authorization"] = f"Bearer {made.json()['token']}"

        assert 401 == (await program.get("/api/v1/session")).status_code
        assert 403 == (await program.delete("/api/v1/session")).status_code


# --- pages of other origins


async def sent_from(browser, origin, method="POST", path="/api/v1/session", **more):
    headers = {"origin": origin, "sec-fetch-site": "cross-site"}
    return await browser.request(method, path, headers=headers, **more)


def house_with(house, *origins, **settings):
    return house(public_url=PUBLIC, cors_origins=",".join(origins), **settings)


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (PAGE, 200),
        ("https://tasks.example.net:8443", 403),
        ("http://tasks.example.net", 403),
        ("https://evil.tasks.example.net", 403),
        ("https://tasks.example.net.evil.example", 403),
        ("https://TASKS.example.net", 403),
        ("null", 403),
        ("https://other.example.net", 200),
    ],
)
async def test_exactly_the_listed_origins_may_sign_in(house, origin, status):
    async with (
        house_with(house, PAGE, "https://other.example.net") as h,
        visitor(h.app, base=PUBLIC) as browser,
    ):
        await bob_responder(h.db)

        answer = await sent_from(browser, origin, json=BOB)

        assert status == answer.status_code


async def test_a_listed_page_writes_with_the_token_and_not_without(house):
    async with house_with(house, PAGE) as h, visitor(h.app, base=PUBLIC) as browser:
        await bob_responder(h.db)
        csrf = (await sent_from(browser, PAGE, json=BOB)).json()["csrf"]

        name = {"json": {"name": "Bobby"}}
        without = await sent_from(browser, PAGE, "PATCH", "/api/v1/me", **name)
        browser.headers["x-csrf-token"] = csrf
        with_it = await sent_from(browser, PAGE, "PATCH", "/api/v1/me", **name)
        evil = await sent_from(browser, "https://evil.example", "PATCH", "/api/v1/me", **name)

        assert [403, 200, 403] == [one.status_code for one in (without, with_it, evil)]


async def test_our_pages_forms_are_not_for_a_listed_origin(house):
    async with house_with(house, PAGE) as h, visitor(h.app, base=PUBLIC) as browser:
        await bob_responder(h.db)

        answer = await sent_from(browser, PAGE, path="/sign-in", data=BOB)

        assert 403 == answer.status_code


async def test_without_a_list_no_other_origin_is_let_in(house):
    async with house(public_url=PUBLIC) as h, visitor(h.app, base=PUBLIC) as browser:
        assert 403 == (await sent_from(browser, PAGE, json=BOB)).status_code


@pytest.mark.parametrize(
    ("origins", "base", "same_site"),
    [
        ((), PUBLIC, "lax"),
        ((PAGE,), PUBLIC, "none"),
        ((PAGE,), "http://bongsu.example.com", "lax"),  # None without Secure is dropped by browsers
        (("https://tasks.bongsu.example.com",), PUBLIC, "lax"),
        (("https://example.com",), PUBLIC, "lax"),
        (("https://tasks.example.com",), PUBLIC, "none"),  # a neighbour is taken for a stranger
        (("http://tasks.bongsu.example.com",), PUBLIC, "none"),  # another scheme is another site
    ],
)
async def test_the_cookie_goes_to_other_sites_only_where_they_are_listed(
    house, origins, base, same_site
):
    async with house_with(house, *origins) as h, visitor(h.app, base=base) as browser:
        await bob_responder(h.db)

        answer = await browser.post("/api/v1/session", json=BOB)

        cookie = answer.headers["set-cookie"]
        assert f"SameSite={same_site}" in cookie
        assert base.startswith("https") is ("Secure" in cookie)
        assert "HttpOnly" in cookie


async def test_the_half_sessions_cookie_never_goes_to_other_sites(house):
    async with house_with(house, PAGE) as h, visitor(h.app, base=PUBLIC) as browser:
        await with_codes(h, await bob_responder(h.db))

        answer = await browser.post("/sign-in", data=BOB)

        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-bongsu-half=half_")
        assert {"SameSite=lax", "Secure", "HttpOnly"} <= set(cookie.split("; "))


# --- one's own second factor through the API


async def test_a_program_sets_one_up_changes_its_codes_and_switches_it_off(house):
    from bongsu.accounts import totp

    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h, bob, "password") as client:
            before = (await client.get("/api/v1/me/second-factor")).json()
            made = await client.post("/api/v1/me/second-factor", json={})
            secret = made.json()["secret"]
            code = totp.code_at(secret, totp.step_at(h.clock.now()))
            wrong = await client.post("/api/v1/me/second-factor/confirm", json={"code": "000000"})
            done = await client.post("/api/v1/me/second-factor/confirm", json={"code": code})
            opened = (await client.get("/api/v1/session")).json()
            client.headers["x-csrf-token"] = opened["csrf"]
            now = (await client.get("/api/v1/me/second-factor")).json()
            first = done.json()["recovery_codes"][0]
            renewed = await client.post("/api/v1/me/second-factor/codes", json={"code": first})
            off = await client.post(
                "/api/v1/me/second-factor/off",
                json={"code": renewed.json()["recovery_codes"][0], "password": PASSWORD},
            )

        assert (False, True) == (before["on"], now["on"])
        assert (201, "no-store", 422, 200, 200, 204) == (
            made.status_code,
            made.headers["cache-control"],
            wrong.status_code,
            done.status_code,
            renewed.status_code,
            off.status_code,
        )
        assert f"secret={secret}" in made.json()["address"]
        assert 10 == now["recovery_codes_left"]


async def test_an_administrator_resets_somebodys_through_the_api(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await with_codes(h, await bob_responder(h.db))
        async with await client_of(h, alice, "password") as client:
            first = await client.delete(f"/api/v1/users/{bob.actor.id}/second-factor")
            second = await client.delete(f"/api/v1/users/{bob.actor.id}/second-factor")

        assert [204, 409] == [first.status_code, second.status_code]


async def test_all_other_sessions_end_at_once(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with (
            await client_of(h, bob, "password") as here,
            await client_of(h, bob, "password") as there,
        ):
            ended = await here.delete("/api/v1/sessions")

            assert {"ended": 1} == ended.json()
            assert 200 == (await here.get("/api/v1/me")).status_code
            assert 401 == (await there.get("/api/v1/me")).status_code

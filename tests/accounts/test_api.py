"""/api/v1: the same rules by program."""

import pytest

from tests.people import (
    PASSWORD,
    alice_admin,
    bob_responder,
    charlie_viewer,
    client_of,
    person,
    visitor,
)

# What a database says differently is tested beside the stores; here one engine is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_alice_invites_by_api_and_erin_comes_in(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(h.app, alice) as client:
            made = await client.post(
                "/api/v1/users", json={"email": "erin@example.com", "name": "Erin"}
            )
            body = made.json()
            async with visitor(h.app) as erin:
                path = body["link"].removeprefix("http://bongsu.test")
                entered = await erin.post(path, data={"name": "Erin Park", "password": PASSWORD})
                me = (await erin.get("/api/v1/me")).json()
            after = (await client.get(f"/api/v1/users/{body['id']}")).json()

        assert (201, True, "viewer") == (made.status_code, body["invited"], body["role"])
        assert 303 == entered.status_code
        assert ("Erin Park", "user", ["*"]) == (me["name"], me["kind"], me["scopes"])
        assert after["invited"] is False


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/api/v1/me", {"name": "Bob", "role": "admin"}),
        ("PATCH", "/api/v1/me", {"id": 1}),
        ("PATCH", "/api/v1/me", {"email": "alice@example.com"}),
        ("PATCH", "/api/v1/me", {"disabled_at": None}),
        ("POST", "/api/v1/tokens", {"name": "ci", "user_id": 1}),
        ("POST", "/api/v1/tokens", {"name": "ci", "scopes": ["token.own"]}),
        ("POST", "/api/v1/tokens", {"name": "ci", "days": 9999}),
        ("POST", "/api/v1/me/password", {"old": PASSWORD, "new": PASSWORD + "!", "role": "admin"}),
    ],
)
async def test_a_field_too_many_is_refused_whole(house, method, path, body):
    """Mass assignment: nobody gets a role by adding it to their profile."""
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client:
            answer = await client.request(method, path, json=body)
            me = (await client.get("/api/v1/me")).json()

        assert 422 == answer.status_code
        assert ("Bob", "responder") == (me["name"], me["role"])
        assert PASSWORD not in answer.text


async def test_the_form_of_the_page_takes_no_role_either(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client:
            answer = await client.post("/me", data={"name": "Bob", "role": "admin"})
            me = (await client.get("/api/v1/me")).json()

        assert (422, "responder") == (answer.status_code, me["role"])


async def test_people_and_teams_come_in_pages(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        for n in range(4):
            await person(h.db, f"P{n}", "viewer")
        async with await client_of(h.app, alice) as client:
            for n in range(3):
                await client.post("/api/v1/teams", json={"name": f"t{n}"})
            first = (await client.get("/api/v1/users?limit=3")).json()
            second = (await client.get(f"/api/v1/users?limit=3&after={first['next']}")).json()
            teams = (await client.get("/api/v1/teams?limit=2")).json()
            rest = (await client.get(f"/api/v1/teams?limit=2&after={teams['next']}")).json()
            too_many = await client.get("/api/v1/users?limit=100000")

        assert (["Alice", "P0", "P1"], ["P2", "P3"]) == tuple(
            [one["name"] for one in page["users"]] for page in (first, second)
        )
        assert second["next"] is None
        assert (["t0", "t1"], ["t2"]) == tuple(
            [one["name"] for one in page["teams"]] for page in (teams, rest)
        )
        assert 422 == too_many.status_code


async def test_alice_changes_a_person_and_makes_a_link(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        async with await client_of(h.app, alice) as client:
            changed = await client.patch(f"/api/v1/users/{bob.id}", json={"role": "editor"})
            link = await client.post(f"/api/v1/users/{bob.id}/link")
            last = await client.patch(f"/api/v1/users/{alice.id}", json={"disabled": True})

        assert "editor" == changed.json()["role"]
        assert link.json()["link"].startswith("http://bongsu.test/door/door_")
        assert (409, "conflict") == (last.status_code, last.json()["error"]["code"])


async def test_alice_keeps_teams_by_api(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        async with await client_of(h.app, alice) as client:
            made = (
                await client.post("/api/v1/teams", json={"name": "shop", "members": [bob.id]})
            ).json()
            path = f"/api/v1/teams/{made['id']}"
            changed = (await client.patch(path, json={"title": "The shop"})).json()
            seen = (await client.get(path)).json()
            gone = await client.delete(path)
            missing = await client.get(path)

        assert (
            {"id": made["id"], "name": "shop", "title": "The shop", "members": [bob.id]}
            == changed
            == seen
        )
        assert (204, 404) == (gone.status_code, missing.status_code)


async def test_a_role_that_is_taken_away_is_refused_at_the_next_request(house):
    async with house() as h:
        alice, eve = await alice_admin(h.db), await person(h.db, "Eve", "admin")
        async with await client_of(h.app, alice) as one, await client_of(h.app, eve) as other:
            before = await other.post("/api/v1/teams", json={"name": "before"})
            await one.patch(f"/api/v1/users/{eve.id}", json={"role": "viewer"})
            after = await other.post("/api/v1/teams", json={"name": "after"})

        assert (201, 403) == (before.status_code, after.status_code)
        assert "needs the role Administrator; yours is Viewer" in after.json()["error"]["message"]


async def test_tokens_are_made_shown_once_listed_and_revoked(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client, visitor(h.app) as program:
            made = (
                await client.post("/api/v1/tokens", json={"name": "ci", "scopes": ["check.now"]})
            ).json()
            program.headers["authorization"] = f"Bearer {made['token']}"
            me = (await program.get("/api/v1/me")).json()
            more = await program.post("/api/v1/tokens", json={"name": "more"})
            listed = await client.get("/api/v1/tokens")
            revoked = await client.delete(f"/api/v1/tokens/{made['id']}")
            after = await program.get("/api/v1/me")

        assert ("Bob", "token", ["check.now"]) == (me["name"], me["kind"], me["scopes"])
        assert made["token"] not in listed.text
        assert (403, 204, 401) == (more.status_code, revoked.status_code, after.status_code)


async def test_nobody_touches_the_keys_of_others(house):
    async with house() as h:
        bob, charlie = await bob_responder(h.db), await charlie_viewer(h.db)
        async with await client_of(h.app, bob) as one, await client_of(h.app, charlie) as other:
            token = (await one.post("/api/v1/tokens", json={"name": "ci"})).json()
            (session,) = (await one.get("/api/v1/sessions")).json()["sessions"]

            wrong = [
                await other.delete(f"/api/v1/tokens/{token['id']}"),
                await other.delete(f"/api/v1/sessions/{session['id']}"),
            ]

            assert [404, 404] == [answer.status_code for answer in wrong]
            assert session["current"] is True
            assert 1 == len((await one.get("/api/v1/tokens")).json()["tokens"])


async def test_a_session_is_ended_from_elsewhere(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as here, await client_of(h.app, bob) as lost:
            sessions = (await here.get("/api/v1/sessions")).json()["sessions"]
            (other,) = [one for one in sessions if not one["current"]]
            assert 204 == (await here.delete(f"/api/v1/sessions/{other['id']}")).status_code

            assert (200, 401) == (
                (await here.get("/api/v1/me")).status_code,
                (await lost.get("/api/v1/me")).status_code,
            )


async def test_a_new_password_by_api_renews_the_cookie_and_ends_the_rest(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as here, await client_of(h.app, bob) as lost:
            change = {"old": PASSWORD, "new": "ten herons now"}
            answer = await here.post("/api/v1/me/password", json=change)

            assert (204, 200, 401) == (
                answer.status_code,
                (await here.get("/api/v1/me")).status_code,
                (await lost.get("/api/v1/me")).status_code,
            )


@pytest.mark.parametrize("number", ["0", "-1", "9223372036854775808", "abc", "1.5"])
async def test_a_number_that_no_row_has_is_wrong_input_not_a_bug(house, number):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(h.app, alice) as client:
            assert 422 == (await client.get(f"/api/v1/users/{number}")).status_code
            assert 404 == (await client.get("/api/v1/users/9223372036854775807")).status_code


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "é" * 121])
async def test_odd_text_is_cleaned_or_refused_and_never_a_bug(house, text):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(h.app, alice) as client, visitor(h.app) as stranger:
            answers = [
                await client.patch("/api/v1/me", json={"name": text}),
                await client.post("/api/v1/users", json={"email": text, "name": text}),
                await client.post("/api/v1/teams", json={"name": text, "title": text}),
                await client.delete(f"/api/v1/sessions/{text!r}"),
                await stranger.post("/sign-in", data={"email": text, "password": text}),
            ]

        assert all(answer.status_code < 500 for answer in answers)

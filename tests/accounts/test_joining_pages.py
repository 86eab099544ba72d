"""The pages and the API of joining: what a stranger sees, and the whole way in by them alone."""

import pytest

from bongsu.accounts import policy
from bongsu.accounts.doors import first_door
from bongsu.accounts.inputs import PolicyChange
from tests.accounts.test_pages import Page
from tests.people import PASSWORD, alice_admin, bob_responder, charlie_viewer, client_of, visitor

# What a database says differently is tested beside the stores; here one engine is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CHOSEN = "a kingfisher in rain"
HTML = {"accept": "text/html"}
ERIN = {"email": "erin@example.com", "name": "Erin", "password": CHOSEN}


async def opened(h, **rules):
    alice = await alice_admin(h.db)
    async with h.db.write() as tx:
        await policy.change(tx, alice, PolicyChange(**({"join": "open"} | rules)), h.clock)
    return alice


async def test_erin_signs_up_opens_the_link_and_is_in(house):
    async with house() as h, visitor(h.app) as browser:
        await opened(h)
        door = Page((await browser.get("/sign-in", headers=HTML)).text)
        empty = await browser.get("/sign-up", headers=HTML)

        done = await browser.post("/sign-up", data=ERIN)
        (mail,) = await h.mails()
        early = await browser.post("/sign-in", data={"email": ERIN["email"], "password": CHOSEN})
        page = await browser.get(f"/door/{mail.token}", headers=HTML)
        wrong = await browser.post(f"/door/{mail.token}", data={"password": "not this one"})
        entered = await browser.post(f"/door/{mail.token}", data={"password": CHOSEN})
        me = await browser.get("/api/v1/me")

        assert {"/sign-up", "/forgot"} <= set(door.links)
        assert {"name", "email", "password"} <= set(Page(empty.text).inputs)
        assert (200, "erin@example.com") == (
            done.status_code,
            Page(done.text).inputs["email"]["value"],
        )
        assert "Look into your mail" in Page(done.text).text
        assert (401, True) == (early.status_code, "not verified yet" in early.text)
        assert 'formaction="/sign-up/again"' in early.text
        assert "erin@example.com" in Page(page.text).text
        assert (422, True) == (wrong.status_code, "not your password" in wrong.text)
        assert (303, "/") == (entered.status_code, entered.headers["location"])
        assert ("Erin", True) == (me.json()["name"], me.json()["verified"])


async def test_the_answers_are_the_same_whoever_it_is(house):
    async with house() as h, visitor(h.app) as browser:
        await opened(h)
        await bob_responder(h.db)
        for path in ("/sign-up", "/forgot", "/sign-up/again"):
            answers = [
                await browser.post(path, data=ERIN | {"email": f"{who}@example.com"})
                for who in ("bob", "who")
            ]

            known, unknown = (one.text.replace("bob@", "who@") for one in answers)
            assert known == unknown, path
            assert 200 == answers[0].status_code

        h.clock.advance(3600)
        for path in ("/api/v1/sign-up", "/api/v1/forgot", "/api/v1/sign-up/again"):
            body = ERIN if path == "/api/v1/sign-up" else {}
            answers = [
                await browser.post(path, json=body | {"email": f"{who}@example.com"})
                for who in ("bob", "new")
            ]

            assert 202 == answers[0].status_code
            assert answers[0].text == answers[1].text, path


@pytest.mark.parametrize(("join", "words"), [("invite", "by invitation"), ("closed", "Nobody new")])
async def test_where_it_is_not_open_pages_say_whom_to_ask_and_nothing_leads_there(
    house, join, words
):
    async with house() as h, visitor(h.app) as browser:
        await opened(h, join=join)

        door = Page((await browser.get("/sign-in", headers=HTML)).text)
        page = await browser.get("/sign-up", headers=HTML)
        posted = await browser.post("/sign-up", data=ERIN)
        api = await browser.post("/api/v1/sign-up", json=ERIN)

        assert "/sign-up" not in door.links
        for answer in (page, posted):
            assert (403, True) == (answer.status_code, words in Page(answer.text).text)
            assert [] == [name for name in Page(answer.text).inputs if name == "password"]
        assert (403, "not_allowed", True) == (
            api.status_code,
            api.json()["error"]["code"],
            words in api.json()["error"]["message"],
        )
        assert [] == await h.mails()


async def test_what_is_wrong_is_said_beside_the_field_and_the_rest_stays_typed(house):
    async with house() as h, visitor(h.app) as browser:
        await opened(h, domains=["example.org"])

        short = await browser.post("/sign-up", data=ERIN | {"password": "short"})
        elsewhere = await browser.post("/sign-up", data=ERIN)
        role = await browser.post("/sign-up", data=ERIN | {"role": "admin"})
        nothing = await browser.post("/forgot", data={"email": "no address"})

        assert [422] * 4 == [one.status_code for one in (short, elsewhere, role, nothing)]
        assert "Use at least 10 characters" in Page(short.text).text
        assert "erin@example.com" == Page(short.text).inputs["email"]["value"]
        assert "an address at example.org" in Page(elsewhere.text).text
        assert CHOSEN not in short.text + elsewhere.text + role.text
        assert "This is no mail address" in Page(nothing.text).text


async def test_too_many_mails_are_refused_with_the_wait(house):
    async with house() as h, visitor(h.app) as browser:
        await bob_responder(h.db)
        for _ in range(3):
            await browser.post("/forgot", data={"email": "bob@example.com"})

        page = await browser.post("/forgot", data={"email": "bob@example.com"})
        api = await browser.post("/api/v1/forgot", json={"email": "bob@example.com"})

        assert (429, "60") == (page.status_code, page.headers["retry-after"])
        assert "Too many tries" in Page(page.text).text
        assert (429, "60") == (api.status_code, api.headers["retry-after"])


async def test_another_site_can_order_nothing_through_a_browser(house):
    async with house() as h, visitor(h.app) as browser:
        await opened(h)
        browser.headers["sec-fetch-site"] = "cross-site"

        answers = [
            await browser.post(path, data=ERIN)
            for path in ("/sign-up", "/sign-up/again", "/forgot")
        ]

        assert [403] * 3 == [one.status_code for one in answers]
        assert [] == await h.mails()


async def test_in_korean_page_and_mail_are_korean(house):
    async with house() as h, visitor(h.app) as browser:
        await opened(h)
        browser.headers["accept-language"] = "ko-KR,ko;q=0.9"

        page = await browser.get("/sign-up", headers=HTML)
        done = await browser.post("/sign-up", data=ERIN)
        (mail,) = await h.mails()
        entered = await browser.post(f"/door/{mail.token}", data={"password": CHOSEN})
        me = (await browser.get("/api/v1/me")).json()

        assert "가입하기" in Page(page.text).text
        assert "메일을 확인하세요" in Page(done.text).text
        assert "메일 주소를 확인하세요" == mail.subject
        assert (303, "ko") == (entered.status_code, me["language"])


@pytest.mark.parametrize("way", ["sign-up", "invite", "admin"])
async def test_who_comes_in_brings_language_and_time_zone_of_their_browser(house, way):
    async with house() as h, visitor(h.app) as browser:
        browser.headers["accept-language"] = "ko"
        said = {"name": "Erin", "password": CHOSEN, "time_zone": "Asia/Seoul"}
        if way == "admin":
            path = f"/door/{await first_door(h.db, h.clock)}"
            form = await browser.get(path, headers=HTML)
            await browser.post(path, data=said | {"email": ERIN["email"]})
        elif way == "invite":
            async with await client_of(h.app, await alice_admin(h.db)) as client:
                await client.post("/people/new", data={"email": ERIN["email"], "name": "E"})
            (mail,) = await h.mails()
            form = await browser.get(f"/door/{mail.token}", headers=HTML)
            await browser.post(f"/door/{mail.token}", data=said)
        else:
            await opened(h)
            form = await browser.get("/sign-up", headers=HTML)
            await browser.post("/sign-up", data=said | {"email": ERIN["email"]})
            (mail,) = await h.mails()
            await browser.post(f"/door/{mail.token}", data={"password": CHOSEN})
        me = (await browser.get("/api/v1/me")).json()

        assert 'name="time_zone" data-own-zone' in form.text
        assert ("ko", "Asia/Seoul") == (me["language"], me["time_zone"])


@pytest.mark.parametrize("zone", ["", "Etc/Unknown", "../../etc/passwd"])
async def test_a_zone_that_nobody_knows_keeps_nobody_out(house, zone):
    async with house() as h, visitor(h.app) as browser:
        path = f"/door/{await first_door(h.db, h.clock)}"
        await browser.post(path, data=ERIN | {"time_zone": zone})
        me = await browser.get("/api/v1/me")

    assert (200, None) == (me.status_code, me.json()["time_zone"])


# --- who may join


async def test_alice_opens_the_door_by_page_and_by_api(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(h.app, alice) as client:
            page = await client.get("/people/joining", headers=HTML)
            form = {"join": "open", "role": "responder", "domains": "example.com, example.org"}
            saved = await client.post("/people/joining", data=form)
            wrong = await client.post(
                "/people/joining", data=form | {"domains": "a b@c", "role": "admin"}
            )
            seen = await client.get("/api/v1/policy")
            changed = await client.patch(
                "/api/v1/policy", json={"mfa_required": False, "domains": []}
            )

        assert (200, 303, 422) == (page.status_code, saved.status_code, wrong.status_code)
        assert "This is no mail domain" in Page(wrong.text).text
        expected = {
            "join": "open",
            "role": "responder",
            "domains": ["example.com", "example.org"],
            "mfa_required": False,
            "oidc_trusted": False,
        }
        assert expected == seen.json()
        assert expected | {"domains": []} == changed.json()
        assert ["policy.changed"] * 2 == await h.types("policy.")


async def test_charlie_neither_sees_nor_changes_who_may_join(house):
    async with house() as h:
        charlie = await charlie_viewer(h.db)
        async with await client_of(h.app, charlie) as client:
            answers = [
                await client.get("/people/joining"),
                await client.post("/people/joining", data={"join": "open"}),
                await client.get("/api/v1/policy"),
                await client.patch("/api/v1/policy", json={"join": "open"}),
            ]
            people = Page((await client.get("/people", headers=HTML)).text)

        assert [403] * 4 == [one.status_code for one in answers]
        assert "/people/joining" not in people.links


# --- invitations, addresses, leaving


async def test_an_invitation_is_shown_and_mailed_and_both_are_one_link(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(h.app, alice) as client:
            shown = await client.post("/people/new", data={"email": "e@example.com", "name": "E"})
            api = await client.post("/api/v1/users", json={"email": "f@example.com", "name": "F"})
            again = await client.post("/people/2/link")
        first, second, third = await h.mails()

        assert first.token in shown.text
        assert api.json()["link"].endswith(second.token)
        assert third.token in again.text
        assert ["e@example.com", "f@example.com", "e@example.com"] == [
            mail.to for mail in (first, second, third)
        ]


async def test_a_link_for_a_password_made_by_hand_is_not_mailed(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        async with await client_of(h.app, alice) as client:
            answer = await client.post(f"/people/{bob.id}/link")

        assert "/door/door_" in answer.text
        assert [] == await h.mails()


async def test_bob_changes_his_address(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client, visitor(h.app) as phone:
            page = await client.get("/me/email", headers=HTML)
            form = {"email": "robert@example.com", "password": PASSWORD}
            wrong = await client.post("/me/email", data=form | {"password": "not this one"})
            asked = await client.post("/me/email", data=form)
            (mail,) = await h.mails()
            door = await phone.get(f"/door/{mail.token}", headers=HTML)
            done = await phone.post(f"/door/{mail.token}", data={"password": PASSWORD})
            me = (await client.get("/api/v1/me")).json()
            api = await client.post("/api/v1/me/email", json=form | {"email": "bob@example.com"})

        assert "bob@example.com" in Page(page.text).text
        assert (422, "robert@example.com") == (
            wrong.status_code,
            Page(wrong.text).inputs["email"]["value"],
        )
        assert (303, "/me") == (asked.status_code, asked.headers["location"])
        assert "robert@example.com instead of bob@example.com" in Page(door.text).text
        assert (303, "robert@example.com", 202) == (done.status_code, me["email"], api.status_code)


async def test_bob_leaves_by_page_and_by_api(house):
    async with house() as h:
        await alice_admin(h.db)
        for path, kind, status in (("/me/delete", "data", 303), ("/api/v1/me/delete", "json", 204)):
            bob = await bob_responder(h.db)
            async with await client_of(h.app, bob) as client:
                page = await client.get("/me/delete", headers=HTML)
                wrong = await client.post(path, **{kind: {"password": "not this one"}})
                done = await client.post(path, **{kind: {"password": PASSWORD}})
                after = await client.get("/api/v1/me")

            assert (200, 422, status, 401) == tuple(
                one.status_code for one in (page, wrong, done, after)
            )
            assert "Max-Age=0" in done.headers["set-cookie"]


async def test_alice_deletes_bob_once_he_is_disabled(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        async with await client_of(h.app, alice) as client:
            early = await client.delete(f"/api/v1/users/{bob.id}")
            await client.post(f"/people/{bob.id}/disable")
            page = Page((await client.get(f"/people/{bob.id}", headers=HTML)).text)
            done = await client.post(f"/people/{bob.id}/delete")
            gone = await client.get(f"/people/{bob.id}", headers=HTML)
            shown = (await client.get(f"/api/v1/users/{bob.id}")).json()
            people = await client.get("/people", headers=HTML)

        assert f"/people/{bob.id}/delete" in page.forms
        assert (409, 303, 404) == (early.status_code, done.status_code, gone.status_code)
        assert ("Deleted person", True) == (shown["name"], shown["disabled"])
        assert "Deleted person" not in people.text


async def test_a_token_neither_leaves_nor_moves_nor_takes_data_out(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client:
            made = await client.post("/api/v1/tokens", json={"name": "all", "scopes": ["*"]})
        async with visitor(h.app) as program:
            program.headers["authorization"] = f"Bearer {made.json()['token']}"
            answers = [
                await program.post("/api/v1/me/delete", json={"password": PASSWORD}),
                await program.post(
                    "/api/v1/me/email", json={"email": "x@example.com", "password": PASSWORD}
                ),
                await program.get("/api/v1/me/export"),
            ]

        assert [403] * 3 == [one.status_code for one in answers]

"""Signing in through a provider: a real implementation, started by the suite."""

import pytest

from bongsu.accounts import policy, store, store_factors, totp
from bongsu.accounts.inputs import PersonChange, PolicyChange
from bongsu.accounts.service import update_user
from tests.accounts.provider import (
    ALICE,
    PAGE,
    come_back,
    let_in,
    reasons,
    set_out,
    sqlite_only,
    turned_away,
    whoami,
)
from tests.people import PASSWORD, alice_admin, bob_responder, client_of, person, visitor


async def open_to_all(h, admin, **more):
    async with h.db.write() as tx:
        await policy.change(tx, admin, PolicyChange(join="open", **more), h.clock)


async def test_alice_signs_in_through_the_provider_and_is_alice(at, provider):
    async with at(provider) as h, visitor(h.app) as browser:
        await alice_admin(h.db)

        answer = await come_back(browser, await let_in(await set_out(browser), "a-1", **ALICE))

        assert (303, "/people") == (answer.status_code, answer.headers["location"])
        assert "alice@example.com" == await whoami(browser)
        opened = (await browser.get("/api/v1/sessions")).json()["sessions"][0]["opened_by"]
        assert ["oidc"] == opened
        types = await h.types()
        assert "user.identity_linked" in types
        assert "session.signed_in" in types


async def test_the_second_time_the_link_counts_and_not_the_address(at, provider):
    async with at(provider) as h:
        await alice_admin(h.db)
        async with visitor(h.app) as browser:
            await come_back(browser, await let_in(await set_out(browser), "a-2", **ALICE))

        async with visitor(h.app) as browser:
            other = ALICE | {"email": "moved@example.com", "email_verified": False}
            await come_back(browser, await let_in(await set_out(browser), "a-2", **other))
            assert "alice@example.com" == await whoami(browser)

        assert 1 == (await h.types()).count("user.identity_linked")


@pytest.mark.parametrize("said", [{"email_verified": False}, {"email_verified": "true"}, {}])
@sqlite_only
async def test_an_address_that_the_provider_has_not_verified_links_to_nobody(at, provider, said):
    async with at(provider) as h, visitor(h.app) as browser:
        await alice_admin(h.db)
        claims = {"email": "alice@example.com"} | said

        given = await let_in(await set_out(browser), f"evil-{said}", **claims)
        answer = await come_back(browser, given)

        assert 403 == answer.status_code
        assert "gives no verified mail address for you" in answer.text
        assert 401 == await whoami(browser)
        assert ["provider_account"] == await reasons(h)


@sqlite_only
async def test_an_account_whose_address_was_never_verified_here_is_not_linked(at, provider):
    """Whoever typed in somebody else's address at sign-up would else wait in their account."""
    async with at(provider) as h, visitor(h.app) as browser:
        squatter = await person(h.db, "Alice", "viewer")
        async with h.db.write() as tx:
            await store.update_user(tx, squatter.id, verified_at=None)

        answer = await come_back(browser, await let_in(await set_out(browser), "a-3", **ALICE))

        assert 403 == answer.status_code
        assert "was never verified" in answer.text
        assert 401 == await whoami(browser)


@sqlite_only
async def test_where_people_join_by_invitation_a_stranger_is_told_whom_to_ask(at, provider):
    async with at(provider) as h, visitor(h.app) as browser:
        new = {"email": "new@example.com", "email_verified": True}

        answer = await come_back(browser, await let_in(await set_out(browser), "n-1", **new))

        assert 403 == answer.status_code
        assert "Ask an administrator of this place for one." in answer.text
        async with h.db.read() as tx:
            assert await store.user_by_email(tx, "new@example.com") is None


async def test_where_everybody_may_join_an_account_is_made_with_the_policys_role(at, provider):
    async with at(provider) as h, visitor(h.app) as browser:
        alice = await alice_admin(h.db)
        await open_to_all(h, alice, role="responder", domains=["example.com"])
        new = {"email": "New@example.com", "email_verified": True, "name": "New Person"}

        answer = await come_back(browser, await let_in(await set_out(browser, "/"), "n-2", **new))

        assert (303, "/") == (answer.status_code, answer.headers["location"])
        assert "new@example.com" == await whoami(browser)
        async with h.db.read() as tx:
            made = await store.user_by_email(tx, "new@example.com")
        assert ("New Person", "responder", False, True) == (
            made.name,
            made.role,
            made.has_password,
            made.active,
        )


@sqlite_only
async def test_a_domain_that_is_not_taken_joins_not_even_through_the_provider(at, provider):
    async with at(provider) as h, visitor(h.app) as browser:
        alice = await alice_admin(h.db)
        await open_to_all(h, alice, domains=["example.com"])
        new = {"email": "new@example.net", "email_verified": True}

        answer = await come_back(browser, await let_in(await set_out(browser), "n-3", **new))

        assert 403 == answer.status_code
        assert "example.com" in answer.text


@sqlite_only
async def test_a_disabled_account_stays_out_linked_or_not(at, provider):
    async with at(provider) as h, visitor(h.app) as browser:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        said = {"email": "bob@example.com", "email_verified": True}
        await come_back(browser, await let_in(await set_out(browser), "b-1", **said))
        assert "bob@example.com" == await whoami(browser)
        async with h.db.write() as tx:
            await update_user(tx, alice, bob.id, PersonChange(disabled=True), h.clock)
        assert 401 == await whoami(browser)

        for subject in ("b-1", "b-2"):
            answer = await come_back(browser, await let_in(await set_out(browser), subject, **said))
            assert 403 == answer.status_code
            assert "bob@example.com is disabled" in answer.text
        assert 401 == await whoami(browser)


@sqlite_only
async def test_who_says_no_over_there_is_told_in_words(at, provider):
    async with at(provider) as h, visitor(h.app) as browser:
        given = await turned_away(await set_out(browser))

        answer = await come_back(browser, given | {"state": given.get("state", "")})

        assert 401 == answer.status_code
        assert "401" not in answer.text.partition("<main")[2].partition("</main>")[0]


@sqlite_only
async def test_a_second_factor_of_ours_is_asked_for_after_a_provider_that_asked_for_none(
    at, provider
):
    async with at(provider) as h, visitor(h.app) as browser:
        alice = await alice_admin(h.db)
        secret = await with_codes(h, alice)

        answer = await come_back(browser, await let_in(await set_out(browser), "a-4", **ALICE))
        assert "/sign-in/code?next=/people" == answer.headers["location"]
        assert 401 == await whoami(browser)
        code = totp.code_at(secret, totp.step_at(h.clock.now()))
        answer = await browser.post("/sign-in/code", data={"code": code, "next": "/people"})

        assert (303, "/people") == (answer.status_code, answer.headers["location"])
        opened = (await browser.get("/api/v1/sessions")).json()["sessions"][0]["opened_by"]
        assert ["oidc", "totp"] == opened


@pytest.mark.parametrize("amr", [["mfa"], ["pwd", "otp"], ["hwk"]])
@sqlite_only
async def test_a_provider_that_asked_for_a_second_factor_counts_for_ours(at, provider, amr):
    async with at(provider) as h, visitor(h.app) as browser:
        alice = await alice_admin(h.db)
        await with_codes(h, alice)

        said = ALICE | {"amr": amr}
        answer = await come_back(browser, await let_in(await set_out(browser), "a-5", **said))

        assert "/people" == answer.headers["location"]
        opened = (await browser.get("/api/v1/sessions")).json()["sessions"][0]["opened_by"]
        assert ["oidc", "mfa"] == opened


@pytest.mark.parametrize(
    ("said", "trusted", "enters"),
    [
        ({}, False, False),
        ({"amr": ["pwd"]}, False, False),
        ({"amr": ["mfa"]}, False, True),
        ({}, True, True),
    ],
)
@sqlite_only
async def test_where_it_is_compulsory_the_provider_counts_when_it_says_so_or_is_trusted(
    at, provider, said, trusted, enters
):
    async with at(provider) as h, visitor(h.app) as browser:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        await with_codes(h, alice)
        async with h.db.write() as tx:
            form = PolicyChange(mfa_required=True, oidc_trusted=trusted)
            await policy.change(tx, alice, form, h.clock)
        claims = {"email": bob.email, "email_verified": True} | said

        given = await let_in(await set_out(browser), f"b-{said}-{trusted}", **claims)
        await come_back(browser, given)

        page = await browser.get("/people", headers=PAGE)
        if enters:
            assert 200 == page.status_code
        else:
            assert "/me/second-factor" == page.headers["location"]


async def with_codes(h, actor):
    """Gives the secret of a second factor that is on."""
    secret = totp.new_secret()
    ring = await h.vault.keyring()
    async with h.db.write() as tx:
        sealed = ring.seal(actor.id, secret)
        await store_factors.keep_pending(tx, actor.id, sealed, h.clock.now())
        await store_factors.confirm(tx, actor.id, sealed, 0, h.clock.now())
    return secret


# --- linking


async def to_link(client, password=PASSWORD):
    answer = await client.post("/me/identities", data={"password": password}, headers=PAGE)
    if answer.status_code != 200:
        return answer
    return answer.text.partition("0; url=")[2].partition('"')[0].replace("&amp;", "&")


async def test_bob_links_and_unlinks_an_account_over_there_with_another_address(at, provider):
    async with at(provider) as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client:
            elsewhere = {"email": "bob@corp.example.net"}
            given = await let_in(await to_link(client), "link-1", **elsewhere)

            answer = await come_back(client, given)

            assert (303, "/me") == (answer.status_code, answer.headers["location"])
            (own,) = (await client.get("/api/v1/me/identities")).json()["identities"]
            assert ("link-1", "bob@corp.example.net") == (own["subject"], own["email"])
            assert "can now be opened through Example Login" in (await h.mails())[-1].lead
            async with visitor(h.app) as other:
                await come_back(other, await let_in(await set_out(other), "link-1"))
                assert "bob@example.com" == await whoami(other)
            await client.post(f"/me/identities/{own['id']}/unlink")
            async with visitor(h.app) as other:
                answer = await come_back(other, await let_in(await set_out(other), "link-1"))
                assert 403 == answer.status_code


@sqlite_only
async def test_a_stolen_session_links_nothing_without_the_password(at, provider):
    async with at(provider) as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client:
            answer = await to_link(client, "a guess")

            assert 422 == answer.status_code
            assert "This is not your password now." in answer.text


@sqlite_only
async def test_what_one_person_began_another_does_not_end(at, provider):
    """The session changed in between: the account over there must not be linked to somebody else."""
    async with at(provider) as h:
        bob, charlie = await bob_responder(h.db), await person(h.db, "Charlie", "viewer")
        async with await client_of(h.app, bob) as client:
            given = await let_in(await to_link(client), "link-2", email="x@example.net")
            async with await client_of(h.app, charlie) as other:
                other.cookies.set("bongsu-way", client.cookies["bongsu-way"])

                answer = await come_back(other, given)

                assert 401 == answer.status_code
                assert "Nothing was linked; begin again." in answer.text
                assert [] == (await other.get("/api/v1/me/identities")).json()["identities"]
                assert [] == (await client.get("/api/v1/me/identities")).json()["identities"]


@sqlite_only
async def test_one_account_over_there_opens_one_account_here(at, provider):
    async with at(provider) as h:
        bob, charlie = await bob_responder(h.db), await person(h.db, "Charlie", "viewer")
        for actor, status in ((bob, 303), (charlie, 409)):
            async with await client_of(h.app, actor) as client:
                given = await let_in(await to_link(client), "link-3", email="x@example.net")
                assert status == (await come_back(client, given)).status_code


@sqlite_only
async def test_the_only_way_in_is_not_taken_away(at, provider):
    async with at(provider) as h, visitor(h.app) as browser:
        alice = await alice_admin(h.db)
        await open_to_all(h, alice)
        new = {"email": "only@example.com", "email_verified": True}
        await come_back(browser, await let_in(await set_out(browser), "only-1", **new))
        opened = (await browser.get("/api/v1/session")).json()
        browser.headers["x-csrf-token"] = opened["csrf"]
        (own,) = (await browser.get("/api/v1/me/identities")).json()["identities"]

        answer = await browser.delete(f"/api/v1/me/identities/{own['id']}")

        assert 409 == answer.status_code
        assert 1 == len((await browser.get("/api/v1/me/identities")).json()["identities"])

"""Signing in through a provider: a real implementation on loopback, and a lying one that is found out."""

import base64
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from joserfc.jwk import ECKey, RSAKey

from bongsu.accounts import policy, store, store_factors, totp
from bongsu.accounts.inputs import PersonChange, PolicyChange
from bongsu.accounts.service import update_user
from tests.accounts.provider import (
    CLIENT,
    let_in,
    query_of,
    running_liar,
    running_provider,
    turned_away,
)
from tests.people import PASSWORD, alice_admin, bob_responder, client_of, person, visitor

PAGE = {"accept": "text/html"}
BACK = "/sign-in/oidc/back"
ALICE = {"email": "alice@example.com", "email_verified": True, "name": "Alice"}
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def provider():
    with running_provider() as issuer:
        yield issuer


@pytest.fixture
def liar():
    with running_liar() as made:
        yield made


@pytest.fixture
def at(house, monkeypatch):
    """`async with at(issuer) as h`: a house that knows this provider, with the clock of the day."""

    monkeypatch.setenv("A2_SECRET", "s3cret:of+ours")

    @asynccontextmanager
    async def opened(issuer, **settings):
        known = {
            "oidc_issuer": issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": "env:A2_SECRET",
            "oidc_title": "Example Login",
            "outward_may_reach": "loopback",
        }
        async with house(**(known | settings)) as h:
            h.clock._now = datetime.now(UTC)
            yield h

    return opened


@asynccontextmanager
async def lied_to(at, liar, **settings):
    async with at(liar.issuer, **settings) as h:
        liar.now_s = h.clock.now().timestamp()
        await alice_admin(h.db)
        yield h


async def set_out(browser, after="/people"):
    """The address of the provider that the browser is sent to."""
    answer = await browser.get(f"/sign-in/oidc?next={quote(after)}")
    assert 303 == answer.status_code, answer.text[:500]
    return answer.headers["location"]


async def come_back(browser, given):
    return await browser.get(BACK, params=given, headers=PAGE)


async def whoami(browser):
    answer = await browser.get("/api/v1/session")
    return answer.json()["user"]["email"] if answer.status_code == 200 else answer.status_code


async def open_to_all(h, admin, **more):
    async with h.db.write() as tx:
        await policy.change(tx, admin, PolicyChange(join="open", **more), h.clock)


async def reasons(h):
    return [one.data["reason"] for one in await h.events("session.refused")]


# --- with a real implementation


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


# --- attacks


async def test_the_way_there_carries_state_nonce_and_an_s256_challenge(at, liar):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        asked = query_of(await set_out(browser))

        assert ("code", CLIENT, "S256") == (
            asked["response_type"],
            asked["client_id"],
            asked["code_challenge_method"],
        )
        assert f"http://bongsu.test{BACK}" == asked["redirect_uri"]
        assert 43 == len(asked["code_challenge"])
        assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3


def unsigned(claims):
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(_b64(json.dumps(one).encode()) for one in parts) + "."


def signed_with_the_public_key(liar):
    """The classic: HMAC with what everybody knows, in the hope that it is taken for a secret."""
    import hmac

    def make(claims):
        secret = liar.key.as_pem(private=False)
        parts = ({"alg": "HS256", "kid": liar.key.kid}, claims)
        text = ".".join(_b64(json.dumps(one).encode()) for one in parts)
        return f"{text}.{_b64(hmac.new(secret, text.encode(), 'sha256').digest())}"

    return make


def tampered(liar):
    def make(claims):
        header, _, signature = liar.sign(claims).split(".")
        other = _b64(json.dumps(claims | {"email": "root@example.com"}).encode())
        return f"{header}.{other}.{signature}"

    return make


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


WRONG_CLAIMS = {
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "aud": {"aud": "another-client"},
    "aud of several without azp": {"aud": [CLIENT, "another"]},
    "azp": {"aud": [CLIENT, "another"], "azp": "another"},
    "azp beside one aud": {"azp": "another"},
    "iss": {"iss": "https://evil.example.net"},
    "expired": {"exp": 1},
    "no exp": {"exp": None},
    "exp as text": {"exp": "4102444800"},
    "from tomorrow": {"iat": 4_102_444_800, "exp": 4_102_448_400},
    "not yet": {"nbf": 4_102_444_800},
    "no sub": {"sub": None},
    "empty sub": {"sub": ""},
}


@pytest.mark.parametrize("what", WRONG_CLAIMS)
@sqlite_only
async def test_a_token_that_is_not_for_us_now_lets_nobody_in(at, liar, what):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        liar.claims = WRONG_CLAIMS[what]

        answer = await come_back(browser, liar.let_in(await set_out(browser)))

        assert 401 == answer.status_code
        assert "is not valid here" in answer.text
        assert 401 == await whoami(browser)
        assert ["provider"] == await reasons(h)


FORGED = {
    "alg none": lambda liar: setattr(liar, "token", unsigned),
    "alg HS256 with the public key": lambda liar: setattr(
        liar, "token", signed_with_the_public_key(liar)
    ),
    "changed claims": lambda liar: setattr(liar, "token", tampered(liar)),
    "no token at all": lambda liar: setattr(liar, "token", lambda claims: "x"),
    "no JSON in it": lambda liar: setattr(liar, "token", lambda claims: "a.b.c"),
    "a key that was never published": lambda liar: setattr(
        liar, "published", [RSAKey.generate_key(2048, {"kid": "other"})]
    ),
    "a key of the same name": lambda liar: setattr(
        liar, "published", [RSAKey.generate_key(2048, {"kid": "one"})]
    ),
    "a key of another kind": lambda liar: setattr(
        liar, "published", [ECKey.generate_key("P-256", {"kid": "one"})]
    ),
    "a key for encryption": lambda liar: setattr(
        liar, "published", [liar.key.as_dict(private=False) | {"use": "enc"}]
    ),
    "keys that are none": lambda liar: setattr(liar, "published", [{"kty": "RSA"}, {"x": 1}]),
    "no name and two keys": lambda liar: (
        setattr(liar, "header", {"kid": None}),
        setattr(liar, "published", [liar.key, RSAKey.generate_key(2048, {"kid": "two"})]),
    ),
}


@pytest.mark.parametrize("what", FORGED)
@sqlite_only
async def test_a_forged_token_lets_nobody_in(at, liar, what):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        FORGED[what](liar)

        answer = await come_back(browser, liar.let_in(await set_out(browser)))

        assert 401 == answer.status_code
        assert "is not valid here" in answer.text
        assert 401 == await whoami(browser)


@sqlite_only
async def test_a_new_key_of_the_provider_is_looked_for_once(at, liar):
    async with lied_to(at, liar) as h:
        async with visitor(h.app) as browser:
            await come_back(browser, liar.let_in(await set_out(browser)))
            assert "alice@example.com" == await whoami(browser)
        liar.key = RSAKey.generate_key(2048, {"kid": "two"})
        h.clock.advance(60)

        async with visitor(h.app) as browser:
            await come_back(browser, liar.let_in(await set_out(browser)))

            assert "alice@example.com" == await whoami(browser)
        assert 2 == liar.count("/keys")
        liar.published = []
        liar.key = RSAKey.generate_key(2048, {"kid": "three"})
        for _ in range(3):
            async with visitor(h.app) as browser:
                answer = await come_back(browser, liar.let_in(await set_out(browser)))
                assert 401 == answer.status_code
        assert liar.count("/keys") <= 3


@sqlite_only
async def test_a_state_comes_back_once(at, liar):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        address = await set_out(browser)
        way = browser.cookies["bongsu-way"]
        await come_back(browser, liar.let_in(address))
        assert "alice@example.com" == await whoami(browser)

        async with visitor(h.app) as thief:
            thief.cookies.set("bongsu-way", way)  # even with the cookie itself
            answer = await come_back(thief, liar.let_in(address))

            assert 401 == answer.status_code
            assert "used already" in answer.text
            assert 401 == await whoami(thief)


@sqlite_only
async def test_a_code_counts_once_and_its_refusal_repeats_no_word_of_the_provider(at, liar):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        given = liar.let_in(await set_out(browser))
        liar.codes.clear()

        answer = await come_back(browser, given)

        assert 401 == answer.status_code
        assert "invalid_grant" in answer.text
        assert "canary-description" not in answer.text


@sqlite_only
async def test_another_browser_cannot_end_what_this_one_began(at, liar):
    """Who is made to open a link of somebody else's way is not signed in as them."""
    async with lied_to(at, liar) as h, visitor(h.app) as attacker, visitor(h.app) as victim:
        given = liar.let_in(await set_out(attacker))

        answer = await come_back(victim, given)
        await set_out(victim)
        with_a_way_of_its_own = await come_back(victim, liar.let_in(await set_out(attacker)))

        assert [401, 401] == [answer.status_code, with_a_way_of_its_own.status_code]
        assert 401 == await whoami(victim)


@sqlite_only
async def test_a_code_of_another_way_is_refused_by_its_verifier(at, liar):
    """An injected code: stolen from one browser, given with the state of another."""
    async with lied_to(at, liar) as h, visitor(h.app) as owner, visitor(h.app) as thief:
        stolen = liar.let_in(await set_out(owner))
        own = query_of(await set_out(thief))

        answer = await come_back(thief, {"code": stolen["code"], "state": own["state"]})

        assert 401 == answer.status_code
        assert 401 == await whoami(thief)


@sqlite_only
async def test_a_way_of_yesterday_leads_nowhere(at, liar):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        given = liar.let_in(await set_out(browser))
        h.clock.advance(601)

        answer = await come_back(browser, given)

        assert 401 == answer.status_code


@pytest.mark.parametrize("iss", ["https://evil.example.net", ""])
@sqlite_only
async def test_an_answer_of_another_provider_is_a_mix_up(at, liar, iss):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        given = liar.let_in(await set_out(browser))

        answer = await come_back(browser, given | {"iss": iss})

        assert 401 == answer.status_code
        assert "another provider" in answer.text
        assert 0 == liar.count("/token")


@sqlite_only
async def test_a_provider_that_says_it_names_itself_must(at, liar):
    async with lied_to(at, liar) as h:
        liar.said = {"authorization_response_iss_parameter_supported": True}
        async with visitor(h.app) as browser:
            answer = await come_back(browser, liar.let_in(await set_out(browser)))
            assert 401 == answer.status_code
        async with visitor(h.app) as browser:
            given = liar.let_in(await set_out(browser)) | {"iss": liar.issuer}
            await come_back(browser, given)
            assert "alice@example.com" == await whoami(browser)


BROKEN = {
    "another issuer": lambda liar: liar.said.update(issuer="https://evil.example.net"),
    "no token endpoint": lambda liar: liar.said.update(token_endpoint=None),
    "a file instead of an address": lambda liar: liar.said.update(jwks_uri="file:///etc/passwd"),
}


@pytest.mark.parametrize("what", BROKEN)
@sqlite_only
async def test_a_provider_that_says_wrong_things_of_itself_is_not_asked(at, liar, what):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        BROKEN[what](liar)

        answer = await browser.get("/sign-in/oidc", headers=PAGE)

        assert 503 == answer.status_code
        assert "Sign in" in answer.text


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"error": "<b>x</b>"}),
        (200, b"no json"),
        (200, []),
        (200, b"[" * 100_000),
        (302, {}),
        (200, {"access_token": "canary-access"}),
    ],
)
@sqlite_only
async def test_what_cannot_be_read_becomes_a_sentence_and_never_a_trace(at, liar, answer, caplog):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        given = liar.let_in(await set_out(browser))
        liar.answer = answer

        page = await come_back(browser, given)

        assert page.status_code in {401, 503}
        assert "Example Login" in page.text
        assert "<b>x</b>" not in page.text
        assert "Traceback" not in page.text + caplog.text


@sqlite_only
async def test_without_the_egress_policys_word_no_private_provider_is_reached(at, liar):
    async with lied_to(at, liar, outward_may_reach="") as h, visitor(h.app) as browser:
        answer = await browser.get("/sign-in/oidc", headers=PAGE)

        assert 503 == answer.status_code
        assert "not allowed to reach" in answer.text
        assert [] == liar.seen


@sqlite_only
async def test_a_provider_that_is_away_leaves_the_password(at):
    async with at("http://127.0.0.1:9") as h, visitor(h.app) as browser:
        answer = await browser.get("/sign-in/oidc", headers=PAGE)

        assert 503 == answer.status_code
        assert "sign in with your password" in answer.text
        assert 'name="password"' in answer.text


@pytest.mark.parametrize(
    ("methods", "how"),
    [(None, "basic"), (["client_secret_post"], "post"), (["client_secret_basic"], "basic")],
)
@sqlite_only
async def test_the_secret_goes_as_the_provider_wants_it(at, liar, methods, how):
    async with lied_to(at, liar) as h:
        liar.said = {"token_endpoint_auth_methods_supported": methods}
        async with visitor(h.app) as browser:
            await come_back(browser, liar.let_in(await set_out(browser)))

    _, form, sent = next(one for one in liar.seen if one[0] == "/token")
    headers = {name.lower(): value for name, value in sent.items()}
    basic = base64.b64encode(b"bongsu-client:s3cret%3Aof%2Bours").decode()
    if how == "basic":
        assert f"Basic {basic}" == headers["authorization"]
        assert "client_secret" not in form
    else:
        assert "s3cret:of+ours" == form["client_secret"]
        assert "authorization" not in headers


@sqlite_only
async def test_a_public_client_says_its_name_and_shows_no_secret(at, liar):
    async with lied_to(at, liar, oidc_client_secret="") as h, visitor(h.app) as browser:
        await come_back(browser, liar.let_in(await set_out(browser)))
        assert "alice@example.com" == await whoami(browser)

    _, form, sent = next(one for one in liar.seen if one[0] == "/token")
    assert CLIENT == form["client_id"]
    assert "authorization" not in {name.lower() for name in sent}


@sqlite_only
async def test_a_secret_that_is_away_is_said_without_its_value(at, liar):
    async with lied_to(at, liar, oidc_client_secret="env:A2_NO_SUCH") as h:
        async with visitor(h.app) as browser:
            answer = await come_back(browser, liar.let_in(await set_out(browser)))

        assert 503 == answer.status_code
        assert "A2_NO_SUCH" in answer.text


@pytest.mark.parametrize(("subject", "status"), [("s-1", 303), ("somebody-else", 403)])
@sqlite_only
async def test_an_address_may_come_from_userinfo_about_the_same_person_only(
    at, liar, subject, status
):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        liar.claims = {"email": None, "email_verified": None}
        liar.userinfo = {"sub": subject} | ALICE

        answer = await come_back(browser, liar.let_in(await set_out(browser)))

        assert status == answer.status_code


@sqlite_only
async def test_hammering_the_way_back_fills_no_log(at, liar):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        answers = [await come_back(browser, {"state": f"s{n}", "code": "x"}) for n in range(25)]

        assert {401, 429} == {one.status_code for one in answers}
        assert len(await reasons(h)) <= 20


@sqlite_only
async def test_a_next_of_another_site_is_not_gone_to(at, liar):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        given = liar.let_in(await set_out(browser, "https://evil.example.net/"))

        answer = await come_back(browser, given)

        assert "/" == answer.headers["location"]


@sqlite_only
async def test_without_a_provider_there_is_no_way_and_no_button(house):
    async with house() as h, visitor(h.app) as browser:
        answer = await browser.get("/sign-in/oidc", headers=PAGE)
        page = await browser.get("/sign-in", headers=PAGE)

        assert 404 == answer.status_code
        assert "/sign-in/oidc" not in page.text


@sqlite_only
async def test_with_a_provider_the_page_of_signing_in_leads_there(at, liar):
    async with lied_to(at, liar) as h, visitor(h.app) as browser:
        page = await browser.get("/sign-in?next=/people", headers=PAGE)

        assert "Sign in with Example Login" in page.text
        assert 'href="/sign-in/oidc?next=/people"' in page.text

"""A provider that lies, and browsers that cheat: found out, said in words, and nobody is let in."""

import base64
import json

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.accounts.provider import (
    ALICE,
    BACK,
    CLIENT,
    PAGE,
    come_back,
    lied_to,
    query_of,
    reasons,
    set_out,
    sqlite_only,
    whoami,
)
from tests.people import visitor


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

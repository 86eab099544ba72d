"""Secrets of second factors and of the provider are found nowhere: events, logs, answers, mails, the database."""

import logging
import re

import pytest

from bongsu.accounts import totp
from tests.accounts.provider import CLIENT, query_of, running_liar
from tests.accounts.test_canary import _everything
from tests.people import PASSWORD, alice_admin, bob_responder, visitor

# How a database keeps text makes no difference here; what is kept does.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = {"accept": "text/html"}


async def test_no_secret_of_a_second_factor_is_found_anywhere_once_it_is_on(house, caplog):
    """The secret, its codes, recovery codes and half tokens; the last are in the one answer that shows them."""
    caplog.set_level(logging.DEBUG, "bongsu")
    async with house() as h, visitor(h.app) as browser:
        await bob_responder(h.db)
        answers = []

        async def ask(method, path, **more):
            answers.append(await browser.request(method, path, **more))
            return answers[-1]

        bob = {"email": "bob@example.com", "password": PASSWORD}
        opened = (await browser.post("/api/v1/session", json=bob)).json()
        browser.headers["x-csrf-token"] = opened["csrf"]
        shown = (await browser.post("/api/v1/me/second-factor", json={})).json()
        secret, code = shown["secret"], _code(h, shown["secret"])
        await browser.get("/me/second-factor", headers=PAGE)
        confirmed = await browser.post("/api/v1/me/second-factor/confirm", json={"code": code})
        recovery = confirmed.json()["recovery_codes"]
        csrf = (await browser.get("/api/v1/session")).json()["csrf"]
        browser.headers["x-csrf-token"] = csrf
        for path in ("/me", "/me/second-factor", "/me/second-factor/qr.svg", "/me/export"):
            await ask("GET", path, headers=PAGE)
        for path in ("/api/v1/me/second-factor", "/api/v1/sessions", "/api/v1/me/identities"):
            await ask("GET", path)
        await ask("POST", "/me/second-factor/codes", data={"code": "000000"})
        browser.cookies.clear()
        await ask("POST", "/sign-in", data=bob)
        half = browser.cookies["bongsu-half"]
        await ask("GET", "/sign-in/code", headers=PAGE)
        await ask("POST", "/sign-in/code", data={"code": code})  # used already
        await ask("POST", "/sign-in/code", data={"code": recovery[0]})
        whole = browser.cookies["bongsu"]
        await ask("GET", "/me", headers=PAGE)
        events, mails = str(await h.events()), "".join(one.text for one in await h.mails())
        logged, stored = _ours(caplog), await _everything(h)

    said = "\n".join(one.text + str(one.headers.get("location")) for one in answers)
    plain = [one.replace("-", "") for one in recovery]
    for one in (secret, half, whole, *recovery, *plain):
        assert one not in events, "in the event log"
        assert one not in stored, "in the database"
        assert one not in logged, "in the log lines"
        assert one not in said, "in an answer"
        assert one not in mails, "in a mail"
    assert "user.recovery_code_used" in events
    assert '"reason": "second_factor"' in events.replace("'", '"')
    for digits in re.findall(r"(?<!\d)\d{6}(?!\d)", said):
        assert digits != code, "the code in an answer"


@pytest.mark.parametrize("ends", ["well", "badly"])
async def test_no_code_token_or_secret_of_the_provider_is_found_anywhere(
    house, caplog, monkeypatch, ends
):
    caplog.set_level(logging.DEBUG, "bongsu")
    monkeypatch.setenv("A2_SECRET", "canary-client-secret")
    tokens = []
    with running_liar() as liar:
        liar.token = lambda claims: tokens.append(liar.sign(claims)) or tokens[-1]
        if ends == "badly":
            liar.claims = {"aud": "another"}
        settings = {
            "oidc_issuer": liar.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": "env:A2_SECRET",
            "outward_may_reach": "loopback",
        }
        async with house(**settings) as h, visitor(h.app) as browser:
            liar.now_s = h.clock.now().timestamp()
            await alice_admin(h.db)
            way_there = (await browser.get("/sign-in/oidc")).headers["location"]
            way = browser.cookies["bongsu-way"]
            given = liar.let_in(way_there, "canary-code")
            answers = [await browser.get("/sign-in/oidc/back", params=given, headers=PAGE)]
            verifier = next(one for one in liar.seen if one[0] == "/token")[1]["code_verifier"]
            answers.append(await browser.get("/sign-in/oidc/back", params=given, headers=PAGE))
            answers += [await browser.get(path, headers=PAGE) for path in ("/me", "/sign-in")]
            signed_in = (await browser.get("/api/v1/session")).status_code == 200
            events, logged, stored = str(await h.events()), _ours(caplog), await _everything(h)

    asked = query_of(way_there)
    said = "\n".join(one.text + str(one.headers.get("location")) for one in answers)
    secrets = {
        "client secret": "canary-client-secret",
        "code": "canary-code",
        "access token": "canary-access",
        "ID token": tokens[0],
        "its signature": tokens[0].rpartition(".")[2],
        "verifier": verifier,
        "nonce": asked["nonce"],
        "state": asked["state"],
        "cookie": way,
    }
    for name, one in secrets.items():
        assert one not in events, f"{name} in the event log"
        assert one not in stored, f"{name} in the database"
        assert one not in logged, f"{name} in the log lines"
        assert one not in said, f"{name} in an answer"
    assert signed_in is (ends == "well")


def _code(h, secret) -> str:
    return totp.code_at(secret, totp.step_at(h.clock.now()))


def _ours(caplog) -> str:
    ours = [one for one in caplog.records if not one.name.startswith("http")]
    return "\n".join(one.getMessage() + str(one.exc_info) for one in ours)

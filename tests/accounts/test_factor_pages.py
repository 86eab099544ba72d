"""The pages of the second factor: what is on them, in both languages, and what their forms do."""

import re

import pytest

from bongsu.accounts import totp
from tests.accounts.second import client_of, with_codes
from tests.people import PASSWORD, alice_admin, bob_responder, visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = {"accept": "text/html"}
KO = PAGE | {"accept-language": "ko"}
ENROL = "/me/second-factor"
BOB = {"email": "bob@example.com", "password": PASSWORD}


def words(answer):
    """What stands on the page between its tags, without its head."""
    body = answer.text.partition("<body")[2]
    return " ".join(re.sub(r"<(script|svg)[\s\S]*?</\1>|<[^>]+>", " ", body).split())


def secret_on(answer):
    return answer.text.partition("secret=")[2].partition("&")[0]


def code_of(h, secret, steps=0):
    return totp.code_at(secret, totp.step_at(h.clock.now()) + steps)


# --- signing in


async def test_after_the_password_the_code_is_asked_for_and_leads_where_one_wanted(house):
    async with house() as h, visitor(h.app) as browser:
        bob = await with_codes(h, await bob_responder(h.db))

        to_code = await browser.post("/sign-in", data=BOB | {"next": "/me"})
        page = await browser.get(to_code.headers["location"], headers=PAGE)
        wrong = await browser.post("/sign-in/code", data={"code": "000000", "next": "/me"})
        done = await browser.post("/sign-in/code", data={"code": bob.code(), "next": "/me"})

        assert (303, "/sign-in/code?next=/me") == (to_code.status_code, to_code.headers["location"])
        assert "Six digits from your authenticator" in words(page)
        assert "bob@example.com" in words(page)
        assert 'autocomplete="one-time-code"' in page.text
        assert 401 == wrong.status_code
        assert "4 tries left" in words(wrong)
        assert (303, "/me") == (done.status_code, done.headers["location"])
        assert "Bob" in words(await browser.get("/me", headers=PAGE))
        assert "bongsu-half" not in browser.cookies


async def test_the_code_page_is_whole_in_korean_and_takes_recovery_codes(house):
    async with house() as h, visitor(h.app) as browser:
        bob = await with_codes(h, await bob_responder(h.db))
        await browser.post("/sign-in", data=BOB)

        page = await browser.get("/sign-in/code", headers=KO)
        letters = await browser.get("/sign-in/code?recovery=1", headers=KO)
        done = await browser.post("/sign-in/code", data={"code": bob.codes[0], "recovery": "1"})

        assert "인증 앱의 숫자 6자리" in words(page)
        assert "복구 코드 하나" in words(letters)
        assert 'inputmode="numeric"' in page.text
        assert 'inputmode="numeric"' not in letters.text
        assert (303, "/") == (done.status_code, done.headers["location"])


async def test_nothing_else_opens_with_half_a_session(house):
    async with house() as h, visitor(h.app) as browser:
        await with_codes(h, await bob_responder(h.db))
        await browser.post("/sign-in", data=BOB)
        half = browser.cookies["bongsu-half"]

        for path in ("/me", "/people", ENROL, f"{ENROL}/qr.svg"):
            answer = await browser.get(path, headers=PAGE)
            assert (303, True) == (answer.status_code, "/sign-in" in answer.headers["location"])
        for name in ("bongsu", "__Host-bongsu"):  # nor under another name, nor as a token
            browser.cookies.set(name, half)
        browser.headers["authorization"] = f"Bearer {half}"
        assert 401 == (await browser.get("/api/v1/me")).status_code


async def test_whoever_comes_back_to_sign_in_is_asked_for_the_code_until_they_start_over(house):
    async with house() as h, visitor(h.app) as browser:
        await with_codes(h, await bob_responder(h.db))
        await browser.post("/sign-in", data=BOB)

        again = await browser.get("/sign-in?next=/me", headers=PAGE)
        over = await browser.post("/sign-in/again")
        afresh = await browser.get("/sign-in", headers=PAGE)
        late = await browser.get("/sign-in/code?next=/me", headers=PAGE)

        assert "/sign-in/code?next=/me" == again.headers["location"]
        assert "/sign-in" == over.headers["location"]
        assert 200 == afresh.status_code
        assert "/sign-in?next=/me" == late.headers["location"]


async def test_a_code_that_comes_too_late_leads_back_to_the_password_with_a_reason(house):
    async with house() as h, visitor(h.app) as browser:
        bob = await with_codes(h, await bob_responder(h.db))
        await browser.post("/sign-in", data=BOB)
        h.clock.advance(301)

        answer = await browser.post("/sign-in/code", data={"code": bob.code()})

        assert 401 == answer.status_code
        assert "five minutes after the password" in words(answer)
        assert 'name="password"' in answer.text


async def test_another_site_gives_no_code_for_anybody(house):
    async with house() as h, visitor(h.app) as browser:
        bob = await with_codes(h, await bob_responder(h.db))
        await browser.post("/sign-in", data=BOB)

        for path in ("/sign-in/code", "/sign-in/again"):
            answer = await browser.post(
                path, data={"code": bob.code()}, headers={"sec-fetch-site": "cross-site"}
            )
            assert 403 == answer.status_code


async def test_too_many_codes_say_how_long_to_wait(house):
    async with house() as h, visitor(h.app) as browser:
        await with_codes(h, await bob_responder(h.db))
        await browser.post("/sign-in", data=BOB)
        for _ in range(5):
            await browser.post("/sign-in/code", data={"code": "000000"})

        answer = await browser.post("/sign-in/code", data={"code": "000000"})

        assert (429, "60") == (answer.status_code, answer.headers["retry-after"])


# --- setting up


async def test_bob_sets_one_up_and_sees_his_recovery_codes_once(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h, bob, "password") as client:
            before = await client.get("/me", headers=PAGE)
            intro = await client.get(ENROL, headers=PAGE)
            nothing = await client.get(f"{ENROL}/qr.svg", headers=PAGE)
            begun = await client.post(f"{ENROL}/begin", data={"next": "/me"})
            page = await client.get(begun.headers["location"], headers=PAGE)
            picture = await client.get(f"{ENROL}/qr.svg")
            secret = secret_on(page)
            wrong = await client.post(f"{ENROL}/confirm", data={"code": "000000", "next": "/me"})
            form = {"code": code_of(h, secret), "next": "/me"}
            done = await client.post(f"{ENROL}/confirm", data=form)
            after = await client.get("/me", headers=PAGE)
            gone = await client.get(f"{ENROL}/qr.svg", headers=PAGE)

        assert "Set it up" in words(before)
        assert "Scan the picture" in words(intro)
        assert 404 == nothing.status_code == gone.status_code
        assert f"{ENROL}?next=/me" == begun.headers["location"]
        assert totp.grouped(secret) in words(page)
        assert 'href="otpauth://totp/' in page.text
        assert 422 == wrong.status_code
        assert "4 tries left" in words(wrong)
        assert secret == secret_on(wrong)
        codes = re.findall(r"<li>([a-z0-9]{4}(?:-[a-z0-9]{4}){3})</li>", done.text)
        assert 10 == len(codes)
        assert 'href="/me"' in done.text
        assert "no-store" == done.headers["cache-control"]
        assert "10 recovery codes are left" in words(after)
        assert secret not in after.text
        assert codes[0] not in after.text
        assert "image/svg+xml" == picture.headers["content-type"]
        assert "no-store" == picture.headers["cache-control"]
        assert picture.text.startswith("<svg")
        assert "style=" not in picture.text


async def test_the_picture_says_what_the_link_says(house):
    """Read back by its modules: what a camera sees is what a person may type."""
    import segno

    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h, bob, "password") as client:
            await client.post(f"{ENROL}/begin")
            page = await client.get(ENROL, headers=PAGE)
            picture = (await client.get(f"{ENROL}/qr.svg")).text
        address = page.text.partition('href="otpauth')[2].partition('"')[0]

    said = "otpauth" + address.replace("&amp;", "&")
    drawn = re.search(r'class="qrline"[^>]* d="([^"]+)"', picture)
    import io

    out = io.BytesIO()
    segno.make(said, error="m", micro=False).save(out, kind="svg", scale=5, border=4, xmldecl=False)
    expected = re.search(r'class="qrline"[^>]* d="([^"]+)"', out.getvalue().decode())
    assert expected.group(1) == drawn.group(1)


async def test_a_session_of_an_hour_ago_is_asked_for_the_password(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h, bob, "password") as client:
            h.clock.advance(3600)
            await client.post(f"{ENROL}/begin")
            page = await client.get(ENROL, headers=PAGE)
            form = {"code": code_of(h, secret_on(page)), "password": "a guess"}
            wrong = await client.post(f"{ENROL}/confirm", data=form)
            done = await client.post(f"{ENROL}/confirm", data=form | {"password": PASSWORD})

        assert 'name="password"' in page.text
        assert "This is not your password now." in words(wrong)
        assert 200 == done.status_code


async def test_the_page_of_one_that_is_on_makes_codes_moves_it_and_switches_it_off(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        async with await client_of(h, bob.actor) as client:
            page = await client.get(ENROL, headers=KO)
            wrong = await client.post(f"{ENROL}/codes", data={"code": "000000"})
            made = await client.post(f"{ENROL}/codes", data={"code": bob.codes[0]})
            codes = re.findall(r"<li>([a-z0-9-]{19})</li>", made.text)
            no = await client.post(f"{ENROL}/begin", data={"code": codes[0], "password": "x"})
            moved = await client.post(
                f"{ENROL}/begin", data={"code": codes[0], "password": PASSWORD}
            )
            shown = await client.get(ENROL, headers=PAGE)
            left = await client.get(f"{ENROL}?as_it_is=1", headers=PAGE)
            off = await client.post(f"{ENROL}/off", data={"code": codes[1], "password": PASSWORD})
            after = await client.get("/me", headers=PAGE)

        assert "복구 코드" in words(page)
        assert "다른 기기" in words(page)
        assert 422 == wrong.status_code
        assert 'id="codes-code"' in wrong.text
        assert 10 == len(codes)
        assert 422 == no.status_code
        assert 303 == moved.status_code
        assert "Move it to another device" in words(shown)
        assert "Switch it off" in words(left)
        assert (303, "/me") == (off.status_code, off.headers["location"])
        assert "Set it up" in words(after)


async def test_an_administrator_sees_who_has_one_and_resets_it(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        bob = await with_codes(h, await bob_responder(h.db))
        async with await client_of(h, alice, "password") as client:
            address = f"/people/{bob.actor.id}"
            before = await client.get(address, headers=PAGE)
            own = await client.get(f"/people/{alice.id}", headers=PAGE)
            done = await client.post(f"{address}/second-factor/reset")
            again = await client.post(f"{address}/second-factor/reset")
            after = await client.get(address, headers=PAGE)

        assert "Reset the second factor" in words(before)
        assert "Reset the second factor" not in words(own)
        assert (303, address) == (done.status_code, done.headers["location"])
        assert 409 == again.status_code
        assert "Reset the second factor" not in words(after)


async def test_making_it_compulsory_without_ones_own_is_refused_beside_the_box(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(h, alice, "password") as client:
            form = {"join": "invite", "role": "viewer", "domains": "", "mfa_required": "on"}
            answer = await client.post("/people/joining", data=form)

        assert 422 == answer.status_code
        assert "You have no second factor yourself." in words(answer)


async def test_ones_own_page_says_how_sessions_were_opened_and_ends_all_others(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        async with await client_of(h, bob.actor) as here, await client_of(h, bob.actor) as there:
            page = await here.get("/me", headers=PAGE)
            done = await here.post("/me/sessions/end-others")
            lost = await there.get("/me", headers=PAGE)
            after = await here.get("/me", headers=PAGE)

        assert 2 == words(page).count("by password, with a code")
        assert "End all others" in words(page)
        assert "/me" == done.headers["location"]
        assert 303 == lost.status_code
        assert "End all others" not in words(after)


async def test_a_session_opened_by_a_way_of_a_newer_version_is_still_shown(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h, bob, "password passkey") as client:
            assert "by password, passkey" in words(await client.get("/me", headers=PAGE))

"""The gate, the people and one's own page: what is on them, in both languages, and what their forms do."""

from html.parser import HTMLParser

import pytest

from bongsu.accounts import service
from bongsu.accounts.inputs import NewTeam
from bongsu.accounts.service import first_door
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
PAGES = ("/people", "/people/new", "/people/1", "/people/teams/new", "/people/teams/1", "/me")


class Page(HTMLParser):
    """Titles, links, forms with their fields, and every word."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lang, self.forms, self.links, self.words = "", [], [], []
        self.inputs: dict[str, dict] = {}
        self.labels: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "html":
            self.lang = given["lang"]
        if tag == "form":
            self.forms.append(given.get("action"))
        if tag == "a":
            self.links.append(given.get("href"))
        if tag == "label" and "for" in given:
            self.labels.add(given["for"])
        if tag in {"input", "select"} and given.get("name"):
            self.inputs[given["name"]] = given

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


async def get(client, path, **headers) -> Page:
    answer = await client.get(path, headers={"accept": "text/html"} | headers)
    assert 200 == answer.status_code, f"{path}: {answer.status_code}"
    return Page(answer.text)


# --- the gate


async def test_the_sign_in_page_is_whole_in_both_languages(house):
    async with house() as h, visitor(h.app) as stranger:
        english = await get(stranger, "/sign-in?next=/people")
        korean = await get(stranger, "/sign-in", **{"accept-language": "ko"})

        assert ("en", "ko") == (english.lang, korean.lang)
        assert {"email", "password"} <= english.labels
        assert "/people" == english.inputs["next"]["value"]
        assert "bongsu.test" in english.text
        assert "One fire along the ridges: all is well." in english.text
        assert "능선마다 봉화 하나, 평안합니다." in korean.text
        assert "Password" not in korean.text


async def test_a_refusal_keeps_the_address_and_says_the_tries_left(house):
    async with house() as h, visitor(h.app) as stranger:
        form = {"email": "alice@example.com", "password": "canary-guess", "next": "/people"}

        answers = [await stranger.post("/sign-in", data=form) for _ in range(6)]

        first, last = Page(answers[0].text), Page(answers[5].text)
        assert (401, 429) == (answers[0].status_code, answers[5].status_code)
        assert "4 tries left, then a wait of one minute." in first.text
        assert "alice@example.com" == first.inputs["email"]["value"]
        assert "/people" == first.inputs["next"]["value"]
        assert "true" == first.inputs["password"]["aria-invalid"]
        assert "Wait 1 minute, then try again" in last.text
        assert "60" == answers[5].headers["retry-after"]
        assert "canary-guess" not in answers[0].text + answers[5].text


@pytest.mark.parametrize(
    ("wanted", "gone_to"),
    [
        ("/people?after=3", "/people?after=3"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
async def test_signing_in_leads_to_a_page_of_this_server_only(house, wanted, gone_to):
    async with house() as h:
        alice = await alice_admin(h.db)
        form = {"email": "alice@example.com", "password": PASSWORD, "next": wanted}
        async with visitor(h.app) as stranger:
            answer = await stranger.post("/sign-in", data=form)
        async with await client_of(h.app, alice) as client:
            again = await client.get("/sign-in", params={"next": wanted})

        assert (303, gone_to) == (answer.status_code, answer.headers["location"])
        assert (303, gone_to) == (again.status_code, again.headers["location"])


async def test_the_first_link_is_opened_and_used_in_a_browser(house):
    async with house() as h, visitor(h.app) as browser:
        path = f"/door/{await first_door(h.db, h.clock)}"
        page = await get(browser, path)
        form = {"email": "alice@example.com", "name": "Alice"}

        short = await browser.post(path, data=form | {"password": "short"})
        easy = await browser.post(path, data=form | {"password": "aaaaaaaaaaaa"})
        entered = await browser.post(path, data=form | {"password": PASSWORD})
        people = await get(browser, "/people")
        again = await browser.get(path, headers={"accept": "text/html"})

        assert {"email", "name", "password"} <= set(page.inputs)
        assert (422, 422) == (short.status_code, easy.status_code)
        assert "Use at least 10 characters" in Page(short.text).text
        assert "too easy to guess" in Page(easy.text).text
        assert "alice@example.com" == Page(short.text).inputs["email"]["value"]
        assert (
            "value" not in Page(short.text).inputs["password"]
            or not Page(short.text).inputs["password"]["value"]
        )
        assert (303, "/") == (entered.status_code, entered.headers["location"])
        assert "Alice" in people.text
        assert 404 == again.status_code
        assert "has been used or is too old" in again.text


async def test_an_address_that_is_taken_is_said_above_the_form(house):
    async with house() as h, visitor(h.app) as browser:
        await person(h.db, "Alice", "viewer")
        path = f"/door/{await first_door(h.db, h.clock)}"

        answer = await browser.post(
            path, data={"email": "alice@example.com", "name": "A", "password": PASSWORD}
        )

        assert 409 == answer.status_code
        assert "is known already" in Page(answer.text).text


async def test_signing_out_ends_the_session_and_takes_the_cookie(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client:
            answer = await client.post("/sign-out")
            assert (303, "/sign-in") == (answer.status_code, answer.headers["location"])
            assert "Max-Age=0" in answer.headers["set-cookie"]
            assert 401 == (await client.get("/api/v1/me")).status_code


# --- every page


async def made(h):
    alice, bob = await alice_admin(h.db), await bob_responder(h.db)
    async with h.db.write() as tx:
        form = NewTeam(name="shop", title="Shop <b>", members=[bob.id])
        await service.create_team(tx, alice, form, h.clock)
    return alice, bob


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_there_in_both_languages_and_writes_with_its_token(house, path):
    async with house() as h:
        alice, _ = await made(h)
        async with await client_of(h.app, alice) as client:
            english = await client.get(path, headers={"accept": "text/html"})
            korean = await get(client, path, **{"accept-language": "ko"})

        page = Page(english.text)
        assert (200, "en", "ko") == (english.status_code, page.lang, korean.lang)
        forms = [one for one in page.forms if one not in {"/-/preferences", None}]
        assert len(forms) == english.text.count('<input type="hidden" name="csrf"')
        assert "style=" not in english.text.replace("stylesheet", "")
        assert "<script>" not in english.text
        assert "<b>" not in english.text.replace('<b class="strong">', "").replace("<b>Alice", "")
        assert "no-store" == english.headers["cache-control"]


async def test_charlie_sees_people_without_buttons_and_may_not_open_the_forms(house):
    async with house() as h:
        await made(h)
        charlie = await charlie_viewer(h.db)
        async with await client_of(h.app, charlie) as client:
            page = await get(client, "/people")
            part = await client.get("/-/people", headers={"hx-request": "true"})
            refused = [(await client.get(path)).status_code for path in PAGES[1:5]]

        assert all(word in page.text for word in ("Alice", "Bob", "Charlie", "Shop <b>"))
        assert not any(str(link).startswith("/people/") for link in page.links)
        assert "<html" not in part.text
        assert 'id="people"' in part.text
        assert [403, 403, 403, 403] == refused


async def test_people_come_in_pages_of_a_hundred(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        for n in range(101):
            await person(h.db, f"Person {n:03}", "viewer", email=f"p{n}@example.com")
        async with await client_of(h.app, alice) as client:
            first = await get(client, "/people")
            second = await get(client, "/people?after=100")

        assert "/people?after=100" in first.links
        assert "Person 098" in first.text
        assert "Person 099" not in first.text
        assert "Person 100" in second.text


# --- what the forms do


async def test_alice_invites_and_hands_over_a_link_that_is_shown_once(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with await client_of(h.app, alice) as client:
            wrong = await client.post(
                "/people/new", data={"email": "nobody", "name": "", "role": "king"}
            )
            taken = await client.post(
                "/people/new", data={"email": "alice@example.com", "name": "A", "role": "viewer"}
            )
            done = await client.post(
                "/people/new", data={"email": "erin@example.com", "name": "Erin", "role": "editor"}
            )
            people = await get(client, "/people")

        assert (422, 409, 200) == (wrong.status_code, taken.status_code, done.status_code)
        shown = Page(wrong.text).text
        assert all(
            words in shown
            for words in ("This is no mail address.", "A name is needed.", "none of the values")
        )
        assert "already among the people" in taken.text
        assert "http://bongsu.test/door/door_" in done.text
        assert "Invited" in people.text
        assert "door_" not in people.text


async def test_alice_changes_disables_and_enables_bob(house):
    async with house() as h:
        alice, bob = await made(h)
        path = f"/people/{bob.id}"
        async with await client_of(h.app, alice) as client:
            changed = await client.post(path, data={"name": "Bobby", "role": "editor"})
            disabled = await client.post(f"{path}/disable")
            page = await get(client, path)
            link = await client.post(f"{path}/link", headers={"accept": "text/html"})
            enabled = await client.post(f"{path}/enable")
            new_link = await client.post(f"{path}/link")
            wrong = await client.post(path, data={"name": " ", "role": "editor"})

        assert (303, "/people") == (changed.status_code, changed.headers["location"])
        assert (303, 409, 303, 200) == tuple(
            one.status_code for one in (disabled, link, enabled, new_link)
        )
        assert "Disabled" in page.text
        assert f"{path}/enable" in page.forms
        assert "/door/door_" in new_link.text
        assert 422 == wrong.status_code


async def test_the_last_administrator_is_told_so_on_the_page(house):
    async with house() as h:
        alice, _ = await made(h)
        async with await client_of(h.app, alice) as client:
            lowered = await client.post(
                f"/people/{alice.id}", data={"name": "Alice", "role": "viewer"}
            )
            disabled = await client.post(f"/people/{alice.id}/disable")

        assert (409, 409) == (lowered.status_code, disabled.status_code)
        assert all("Alice is the last administrator." in one.text for one in (lowered, disabled))


async def test_alice_makes_changes_and_deletes_a_team(house):
    async with house() as h:
        alice, bob = await made(h)
        async with await client_of(h.app, alice) as client:
            wrong = await client.post(
                "/people/teams/new", data={"name": "Not A Slug", "members": ["1", "x"]}
            )
            taken = await client.post("/people/teams/new", data={"name": "shop"})
            done = await client.post(
                "/people/teams/new", data={"name": "web", "members": [str(bob.id)]}
            )
            emptied = await client.post("/people/teams/2", data={"title": "The web"})
            bad = await client.post("/people/teams/2", data={"title": "The web", "members": ["99"]})
            team = (await client.get("/api/v1/teams/2")).json()
            deleted = await client.post("/people/teams/2/delete")
            gone = await client.get("/people/teams/2")

        assert "Use a-z, 0-9 and inner hyphens" in Page(wrong.text).text
        assert (422, 409, 303, 303, 422, 303, 404) == tuple(
            one.status_code for one in (wrong, taken, done, emptied, bad, deleted, gone)
        )
        assert ("The web", []) == (team["title"], team["members"])


async def test_bob_saves_his_profile_and_the_page_follows_his_language(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        form = {"name": "Bob Kim", "language": "ko", "time_zone": "Asia/Seoul"}
        async with await client_of(h.app, bob) as client:
            saved = await client.post("/me", data=form)
            page = await get(client, "/me")
            wrong = await client.post("/me", data=form | {"time_zone": "Mars/Base"})
            cleared = await client.post("/me", data=form | {"language": "", "time_zone": ""})
            me = (await client.get("/api/v1/me")).json()

        assert (303, "/me") == (saved.status_code, saved.headers["location"])
        assert ("ko", "Bob Kim", "Asia/Seoul") == (
            page.lang,
            page.inputs["name"]["value"]
            if page.inputs["name"].get("autocomplete") == "name"
            else "Bob Kim",
            page.inputs["time_zone"]["value"],
        )
        assert "시간대가 아닙니다." in Page(wrong.text).text
        assert 303 == cleared.status_code
        assert (None, None) == (me["language"], me["time_zone"])


async def test_bob_changes_his_password_and_goes_on(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client:
            wrong = await client.post(
                "/me/password", data={"old": "not it", "new": "ten herons now"}
            )
            short = await client.post("/me/password", data={"old": PASSWORD, "new": "short"})
            old = client.cookies["bongsu"]
            done = await client.post(
                "/me/password", data={"old": PASSWORD, "new": "ten herons now"}
            )
            page = await client.get("/me", headers={"accept": "text/html"})
            stale = await client.get(
                "/me", headers={"accept": "text/html", "cookie": f"bongsu={old}"}
            )

        assert "This is not your password now." in Page(wrong.text).text
        assert "Use at least 10 characters" in Page(short.text).text
        assert (422, 422, 303, 200) == tuple(one.status_code for one in (wrong, short, done, page))
        assert (303, "/sign-in?next=/me") == (stale.status_code, stale.headers["location"])


async def test_bob_makes_a_token_sees_it_once_and_revokes_it(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client:
            page = await get(client, "/me")
            wrong = await client.post(
                "/me/tokens", data={"name": "", "days": "0", "scopes": ["moon.*"]}
            )
            form = {"name": "pipeline", "days": "30", "scopes": ["incident.comment", "check.now"]}
            made_one = await client.post("/me/tokens", data=form)
            listed = await client.get("/me")
            revoked = await client.post("/me/tokens/1/revoke")
            after = await get(client, "/me")

        assert "check.now" in page.text
        assert "service.delete" not in page.text  # beyond Bob's role: not offered
        assert 422 == wrong.status_code
        assert "A name is needed." in Page(wrong.text).text
        assert 200 == made_one.status_code
        assert "bgs_" in made_one.text
        assert "pipeline" in listed.text
        assert "bgs_" not in listed.text
        assert 303 == revoked.status_code
        assert "pipeline" not in after.text


async def test_bob_ends_another_session_of_his(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as here, await client_of(h.app, bob) as lost:
            page = await get(here, "/me")
            (action,) = [one for one in page.forms if str(one).endswith("/end")]

            ended = await here.post(action)

            assert (303, 401) == (ended.status_code, (await lost.get("/api/v1/me")).status_code)
            assert 404 == (await here.post(action)).status_code


async def test_a_crowd_of_tokens_is_told_on_the_page(house, monkeypatch):
    async with house() as h:
        monkeypatch.setattr("bongsu.accounts.store_keys.TOKENS_A_PERSON", 0)
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client:
            answer = await client.post("/me/tokens", data={"name": "one", "days": "30"})

        assert 409 == answer.status_code
        assert "Revoke one first." in answer.text

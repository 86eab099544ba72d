"""Who sees and changes what: Alice (admin), Dana (editor), Charlie (viewer), by page and API, over one lake."""

import re

import pytest

from bongsu.accounts import tokens
from bongsu.accounts.inputs import NewToken
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.ids import uuid7
from bongsu.requests import api, pages, store_lake, trigger_service
from bongsu.requests.builtin import install_builtin
from bongsu.requests.people import Forgetting, Kept
from tests.people import (
    alice_admin,
    app_with,
    charlie_viewer,
    client_of,
    dana_editor,
    visitor,
)
from tests.requests.support import put, seen
from tests.requests.test_triggers import DRAFT

HTML = {"accept": "text/html"}
FORM = DRAFT | {
    "pattern": '{"outcome": ["failed"]}',
    "per": "all",
    "severity": "3",
    "enabled": "on",
}


class House:
    """Three people who asked something each, one of them with a route of their own."""

    def __init__(self, database, lake) -> None:
        self.db, self.lake = database, lake
        self.app = app_with(database, pages.router, api.router, clock=SYSTEM_CLOCK, lake=lake)

    async def furnish(self) -> None:
        self.alice = await alice_admin(self.db)
        self.dana = await dana_editor(self.db)
        self.charlie = await charlie_viewer(self.db)
        now, mark = SYSTEM_CLOCK.now(), uuid7()[-12:]
        self.route = f"/only/{mark}"
        self.asked = {
            one.name: seen(now, person=one.id, name=one.name, route=self.route, object="task/TSK-9")
            for one in (self.alice, self.dana, self.charlie)
        }
        await put(self.lake, *self.asked.values())

    async def get(self, actor, path: str, **headers: str):
        async with await client_of(self.app, actor) as client:
            return await client.get(path, headers=headers)


@pytest.fixture
def house(db, store):
    """`async with house() as home:` — its people and their requests."""
    import contextlib

    @contextlib.asynccontextmanager
    async def opened():
        async with db() as database, store.client() as lake:
            home = House(database, lake)
            await home.furnish()
            yield home

    return opened


def names(answer) -> set[str]:
    return {one["person"]["name"] for one in answer.json()["requests"] if one["person"]}


async def test_everybody_sees_their_own_requests_and_an_administrator_all(house):
    async with house() as home:
        query = f"?route={home.route}"
        seen_by = {
            one.name: names(await home.get(one, f"/api/v1/requests{query}"))
            for one in (home.alice, home.dana, home.charlie)
        }
        counts = [
            (await home.get(one, f"/api/v1/requests/summary{query}")).json()["count"]
            for one in (home.alice, home.charlie)
        ]

    assert {
        "Alice": {"Alice", "Dana", "Charlie"},
        "Dana": {"Dana"},
        "Charlie": {"Charlie"},
    } == seen_by
    assert [3, 1] == counts


async def test_an_administrator_narrows_to_a_person_others_are_refused_that(house):
    async with house() as home:
        query = f"?route={home.route}&person={home.dana.id}"
        one = await home.get(home.alice, f"/api/v1/requests{query}")
        refused = [
            await home.get(home.charlie, f"{path}{query}")
            for path in ("/api/v1/requests", "/api/v1/requests/summary", "/-/requests/figures")
        ]
        own = await home.get(home.charlie, f"/api/v1/requests?person=me&route={home.route}")
        nobody = await home.get(home.charlie, "/api/v1/requests?person=nobody")

    assert {"Dana"} == names(one)
    assert [403, 403, 403, 403] == [answer.status_code for answer in (*refused, nobody)]
    assert {"Charlie"} == names(own)


async def test_somebody_elses_request_is_not_there_for_others(house):
    async with house() as home:
        for base in ("/api/v1/requests", "/requests"):
            of_dana = f"{base}/{home.asked['Dana'].id}"
            found = [
                (await home.get(one, of_dana)).status_code
                for one in (home.alice, home.dana, home.charlie)
            ]
            assert [200, 200, 404] == found
            assert 404 == (await home.get(home.alice, f"{base}/nonsense")).status_code
            assert 404 == (await home.get(home.alice, f"{base}/{uuid7()}")).status_code


async def test_a_reading_token_sees_its_owners_requests_and_never_everybodys(house):
    async with house() as home:
        async with home.db.write() as tx:
            _, reading = await tokens.create(tx, home.alice, NewToken(name="r"), SYSTEM_CLOCK)
            wide = NewToken(name="w", scopes=["request.*"])
            _, whole = await tokens.create(tx, home.alice, wide, SYSTEM_CLOCK)
        found = []
        async with visitor(home.app) as client:
            for token in (reading, whole):
                client.headers["authorization"] = f"Bearer {token}"
                found.append(names(await client.get(f"/api/v1/requests?route={home.route}")))

    assert [{"Alice"}, {"Alice", "Dana", "Charlie"}] == found


async def test_the_list_pages_backwards_and_says_where_to_go_on(house):
    async with house() as home:
        first = (await home.get(home.alice, f"/api/v1/requests?route={home.route}&limit=2")).json()
        rest = await home.get(
            home.alice, f"/api/v1/requests?route={home.route}&limit=2&before={first['older']}"
        )

    assert 2 == len(first["requests"])
    assert (1, None) == (len(rest.json()["requests"]), rest.json()["older"])
    ids = [one["id"] for one in first["requests"] + rest.json()["requests"]]
    assert {one.id for one in home.asked.values()} == set(ids)


async def test_the_page_shows_the_list_its_filter_and_the_command_for_it(house):
    async with house() as home:
        await put(
            home.lake, seen(SYSTEM_CLOCK.now(), route=home.route, outcome="failed", status=500)
        )
        page = await home.get(home.alice, f"/requests?route={home.route}&outcome=failed", **HTML)
        figures = await home.get(home.alice, f"/-/requests/figures?route={home.route}")
        routes = await home.get(home.alice, f"/-/requests/routes?route={home.route}&sort=p95")
        own = await home.get(home.charlie, f"/requests?route={home.route}", **HTML)

    assert 1 == page.text.count("data-row ")
    assert "500 Failed" in page.text
    assert f"bongsu requests list --outcome failed --route {home.route}" in page.text
    assert "1 failed" in figures.text
    assert re.search(r'aria-label="Requests a minute: [\d.]+ on average', figures.text)
    assert 3 == figures.text.count('role="img"')
    assert home.route in routes.text
    assert 'name="person"' not in own.text
    assert "What you asked of this program" in own.text


@pytest.mark.parametrize("query", ["person=x", "outcome=x", "since=x", "before=x", "slower_ms=x"])
async def test_a_filter_that_cannot_be_used_is_said_in_its_place(house, query):
    async with house() as home:
        page = await home.get(home.alice, f"/requests?{query}", **HTML)
        answer = await home.get(home.alice, f"/api/v1/requests?{query}")

    assert (422, 422) == (page.status_code, answer.status_code)
    assert "The filter cannot be used." in page.text
    assert "data-load" not in page.text.partition("<main")[2]
    assert [query.partition("=")[0]] == [p["where"] for p in answer.json()["error"]["problems"]]


async def test_what_somebody_typed_comes_back_as_text(house):
    async with house() as home:
        page = await home.get(home.alice, "/requests?q=%3Cscript%3Ealert(1)%3C/script%3E'", **HTML)

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


async def test_an_editor_makes_changes_and_switches_triggers_and_a_viewer_only_sees_them(house):
    async with house() as home:
        async with await client_of(home.app, home.dana) as dana:
            made = await dana.post("/api/v1/request-triggers", json=DRAFT)
            again = await dana.post("/api/v1/request-triggers", json=DRAFT)
            changed = await dana.put("/api/v1/request-triggers/slow", json=DRAFT | {"at_least": 9})
            gone = await dana.delete("/api/v1/request-triggers/slow")
            switched = await dana.post("/requests/triggers/slow/switch", data={"enabled": ""})
        async with await client_of(home.app, home.charlie) as charlie:
            listed = await charlie.get("/api/v1/request-triggers")
            refused = await charlie.post("/api/v1/request-triggers", json=DRAFT | {"name": "x"})
            tried = await charlie.post("/api/v1/request-triggers/try", json={"pattern": {}})
            page = await charlie.get("/requests/triggers", headers=HTML)
        async with await client_of(home.app, home.alice) as alice:
            deleted = await alice.delete("/api/v1/request-triggers/slow")

    assert [201, 409, 200, 403, 303] == [
        answer.status_code for answer in (made, again, changed, gone, switched)
    ]
    [one] = listed.json()["triggers"]
    assert (9, False) == (one["at_least"], one["enabled"])
    assert [403, 403, 204] == [answer.status_code for answer in (refused, tried, deleted)]
    assert "Slow pages" in page.text
    assert "/switch" not in page.text


async def test_a_trigger_that_is_built_in_can_be_switched_off_but_not_deleted(house):
    async with house() as home:
        async with home.db.write() as tx:
            assert 3 == await install_builtin(tx, SYSTEM_CLOCK)
            assert 0 == await install_builtin(tx, SYSTEM_CLOCK)
        async with await client_of(home.app, home.alice) as alice:
            refused = await alice.delete("/api/v1/request-triggers/slow-requests")
            switched = await alice.post(
                "/requests/triggers/slow-requests/switch", data={"enabled": "1"}
            )
            page = await alice.get("/requests/triggers/slow-requests", headers=HTML)

    assert [409, 303] == [refused.status_code, switched.status_code]
    assert "Delete the trigger" not in page.text


async def test_a_try_over_the_last_hour_says_how_often_it_would_have_fired(house):
    async with house() as home:
        mark = uuid7()[-12:]
        now = SYSTEM_CLOCK.now()
        await put(home.lake, *(seen(now, route=f"/try/{mark}", outcome="failed") for _ in range(6)))
        pattern = {"route": [f"/try/{mark}"]}
        async with await client_of(home.app, home.dana) as dana:
            answers = [
                (await dana.post("/api/v1/request-triggers/try", json=body)).json()
                for body in (
                    {"pattern": pattern, "at_least": 6},
                    {"pattern": pattern, "at_least": 7},
                )
            ]
            form = FORM | {"pattern": f'{{"route": ["/try/{mark}"]}}', "at_least": "2"}
            part = await dana.post(
                "/requests/triggers/try", data=form, headers={"hx-request": "true"}
            )
            whole = await dana.post("/requests/triggers/try", data=form, headers=HTML)
            wrong = await dana.post(
                "/requests/triggers/try", data=form | {"pattern": '{"x": [1]}'}, headers=HTML
            )

    assert [(6, 1), (6, 0)] == [(one["fitting"], one["fired"]) for one in answers]
    assert "It would have fired 1 time." in part.text
    assert "<html" not in part.text
    assert "It would have fired 1 time." in whole.text
    assert "<html" in whole.text
    assert "A request has no field x." in wrong.text


async def test_a_try_stops_after_so_many_requests_and_says_so(house, monkeypatch):
    monkeypatch.setattr(trigger_service, "TRY_REQUESTS", 2)
    monkeypatch.setattr(store_lake, "MAX_ROWS", 2)
    async with house() as home, await client_of(home.app, home.dana) as dana:
        body = {"pattern": {"outcome": ["ok"]}}
        found = (await dana.post("/api/v1/request-triggers/try", json=body)).json()

    assert (2, False) == (found["scanned"], found["whole"])


async def test_a_form_comes_back_with_what_is_wrong_in_it(house):
    async with house() as home, await client_of(home.app, home.dana) as dana:
        saved = await dana.post("/requests/triggers", data=FORM | {"name": "fails"})
        answers = [
            await dana.post("/requests/triggers", data=FORM | {"name": "x"} | wrong)
            for wrong in ({"pattern": "{"}, {"at_least": "²"}, {"name": "A b"}, {"per": "all "})
        ]
        changed = await dana.post(
            "/requests/triggers", data=FORM | {"known": "fails", "title": "Other"}
        )
        page = await dana.get("/requests/triggers/fails", headers=HTML)

    assert 303 == saved.status_code
    assert [422] * 4 == [answer.status_code for answer in answers]
    assert 303 == changed.status_code
    assert "Other" in page.text


async def test_korean_is_whole_on_each_page(house):
    async with house() as home:
        async with home.db.write() as tx:
            await install_builtin(tx, SYSTEM_CLOCK)
        found = [
            await home.get(home.alice, path, **HTML, **{"accept-language": "ko"})
            for path in (
                f"/requests?route={home.route}", "/requests/triggers", "/requests/triggers/new",
                f"/requests/{home.asked['Dana'].id}", f"/-/requests/figures?route={home.route}",
            )
        ]  # fmt: skip

    words = ("요청", "트리거", "요청의 필드", "요청 ID", "분당 요청")
    assert [True] * 5 == [word in page.text for word, page in zip(words, found, strict=True)]
    english = re.compile(r"\b(Requests|Trigger|Outcome|Person|Took|average)\b")
    texts = [
        re.sub(r"<[^>]+>|bongsu requests list[^<]*", " ", page.text.partition("<main")[2])
        for page in found
    ]
    assert [] == [english.findall(text) for text in texts if english.findall(text)]


async def test_what_is_kept_of_a_person_is_in_their_export_and_goes_when_they_leave(house):
    async with house() as home:
        kept = Kept(home.lake, SYSTEM_CLOCK)
        later = SYSTEM_CLOCK.now()

        class Later:
            """A quarter of an hour on."""

            def now(self):
                from datetime import timedelta

                return later + timedelta(minutes=15)

            def monotonic_s(self) -> float:
                return 0.0

        async with home.db.write() as tx:
            found = await kept.export(tx, home.dana.id)
            await kept.part(tx, home.dana.id)
        early = await Forgetting(home.db, home.lake, SYSTEM_CLOCK).step()
        done = await Forgetting(home.db, home.lake, Later()).step()  # type: ignore[arg-type]
        again = await Forgetting(home.db, home.lake, Later()).step()  # type: ignore[arg-type]
        rows = (await home.get(home.alice, f"/api/v1/requests?route={home.route}")).json()

    assert home.asked["Dana"].id in {one["id"] for one in found["newest"]}
    assert found["complete"]
    assert (0, 1, 0) == (early, done, again)
    of_dana = [one for one in rows["requests"] if one["person"]["id"] == home.dana.id]
    assert [("", "", "")] == [(o["person"]["name"], o["address"], o["agent"]) for o in of_dana]
    assert {"Alice", "Charlie", ""} == names_of(rows)


def names_of(rows) -> set[str]:
    return {one["person"]["name"] for one in rows["requests"]}

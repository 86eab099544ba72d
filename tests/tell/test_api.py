import pytest

from bongsu.deliver import outbox, store
from bongsu.deliver.model import DeliveryError, Fate, Sent
from bongsu.kit.i18n import say
from bongsu.tell import api
from tests.deliver.support import message
from tests.people import (
    CLOCK,
    alice_admin,
    app_with,
    bob_responder,
    client_of,
    dana_editor,
    visitor,
)

HOOK = {"kind": "webhook", "options": {"url": "https://hooks.example.com/x"}}


async def dead_letter(database, key: str = "k") -> int:
    async with database.write() as tx:
        made = await outbox.enqueue(
            tx, key=key, kind="mail", options={"to": ["kim@example.com"]},
            recipient="kim@example.com", message=message(key), subject="incident/12",
            event_id=None, clock=CLOCK,
        )  # fmt: skip
        (claimed,) = await store.claim(tx, "mail", worker="w", now=CLOCK.now(), lease_s=9, limit=1)
        error = DeliveryError(say("no such user"), permanent=True)
        sent = Sent(claimed, CLOCK.now(), 12, None, error)
        assert await store.finish(tx, sent, Fate("dead"), "w", "no such user")
    return made


async def test_deliveries_are_listed_with_their_state_error_and_attempts(db):
    async with db() as database:
        number = await dead_letter(database)
        bob = await bob_responder(database)
        async with await client_of(app_with(database, api.router), bob) as client:
            listed = (await client.get("/api/v1/deliveries?state=dead")).json()
            about = (await client.get("/api/v1/deliveries?about=incident/99")).json()
            one = (await client.get(f"/api/v1/deliveries/{number}")).json()
            missing = await client.get("/api/v1/deliveries/99")
            wrong = await client.get("/api/v1/deliveries?state=lost")

    assert [(number, "dead", "no such user", "[INC-12] Shop is down")] == [
        (d["id"], d["state"], d["error"], d["subject"]) for d in listed["deliveries"]
    ]
    assert {"dead": 1} == listed["counts"]
    assert [] == about["deliveries"]
    assert [(1, False, 12, "no such user")] == [
        (a["number"], a["ok"], a["duration_ms"], a["text"]) for a in one["history"]
    ]
    assert (404, 422) == (missing.status_code, wrong.status_code)


async def test_an_editor_sends_again_and_others_do_not(db):
    async with db() as database:
        number = await dead_letter(database)
        bob, dana = await bob_responder(database), await dana_editor(database)
        app = app_with(database, api.router)
        async with await client_of(app, bob) as client:
            refused = await client.post(f"/api/v1/deliveries/{number}/again")
        async with await client_of(app, dana) as client:
            again = await client.post(f"/api/v1/deliveries/{number}/again")
            state = (await client.get(f"/api/v1/deliveries/{number}")).json()["state"]

    assert (403, 202, "waiting") == (refused.status_code, again.status_code, state)


async def test_an_admin_makes_changes_tests_and_deletes_a_channel(db):
    async with db() as database:
        alice = await alice_admin(database)
        async with await client_of(app_with(database, api.router), alice) as client:
            made = await client.post("/api/v1/channels", json=HOOK | {"name": "ops"})
            twice = await client.post("/api/v1/channels", json=HOOK | {"name": "ops"})
            changed = await client.put(
                "/api/v1/channels/ops",
                json={"kind": "mail", "options": {"to": ["ops@example.com"]}},
            )
            test = await client.post("/api/v1/channels/ops/test")
            delivery = await client.get(f"/api/v1/deliveries/{test.json()['delivery']}")
            listed = (await client.get("/api/v1/channels")).json()
            gone = await client.delete("/api/v1/channels/ops")
            missing = await client.get("/api/v1/channels/ops")

    assert (201, 409, 200, 202, 204, 404) == tuple(
        a.status_code for a in (made, twice, changed, test, gone, missing)
    )
    assert ("mail", "ops") == (delivery.json()["kind"], delivery.json()["channel"])
    assert ["ops"] == [one["name"] for one in listed["channels"]]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (HOOK | {"name": "Ops!"}, "name"),
        ({"name": "ops", "kind": "pigeon", "options": {}}, "kind"),
        ({"name": "ops", "kind": "webhook", "options": {"url": "ftp://x"}}, "options.url"),
        ({"name": "ops", "kind": "webhook",
          "options": {"url": "https://x.example.com", "secret": "hunter2"}}, "options.secret"),
    ],
)  # fmt: skip
async def test_a_channel_that_cannot_be_says_where_it_is_wrong_and_keeps_no_secret(db, body, where):
    async with db() as database:
        alice = await alice_admin(database)
        async with await client_of(app_with(database, api.router), alice) as client:
            answer = await client.post("/api/v1/channels", json=body)
            listed = (await client.get("/api/v1/channels")).json()

    assert 422 == answer.status_code
    assert where in answer.text
    assert "hunter2" not in answer.text
    assert [] == listed["channels"]


async def test_kinds_come_with_the_schema_of_their_options(db):
    async with db() as database:
        bob = await bob_responder(database)
        async with await client_of(app_with(database, api.router), bob) as client:
            kinds = (await client.get("/api/v1/channel-kinds")).json()["kinds"]

    options = {kind["id"]: kind["options"]["properties"] for kind in kinds}
    assert {"folder", "mail", "sns", "webhook"} <= set(options)
    assert "url" in options["webhook"]


async def test_only_an_admin_changes_channels_and_nobody_unknown_sees_anything(db):
    async with db() as database:
        dana = await dana_editor(database)
        app = app_with(database, api.router)
        async with await client_of(app, dana) as client, visitor(app) as nobody:
            refused = [
                (await client.post("/api/v1/channels", json=HOOK | {"name": "a"})).status_code,
                (await client.put("/api/v1/channels/a", json=HOOK)).status_code,
                (await client.delete("/api/v1/channels/a")).status_code,
                (await client.post("/api/v1/channels/a/test")).status_code,
            ]
            paths = ("deliveries", "deliveries/1", "channels", "channels/a", "channel-kinds")
            strange = [(await nobody.get(f"/api/v1/{path}")).status_code for path in paths]

    assert [403] * 4 == refused
    assert [401] * 5 == strange

"""One's own data: all of it, and no secret."""

import json

import pytest

from bongsu.accounts import export, service, tokens
from bongsu.accounts.inputs import NewTeam, NewToken, ProfileChange
from bongsu.accounts.model import Actor
from bongsu.kit.errors import NotAllowed
from tests.people import alice_admin, bob_responder, client_of


async def test_bob_gets_his_profile_teams_sessions_tokens_and_what_he_did(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        async with h.db.write() as tx:
            await service.create_team(tx, alice, NewTeam(name="shop", members=[bob.id]), h.clock)
            await service.change_profile(tx, bob, ProfileChange(name="Robert"), h.clock)
            made, secret = await tokens.create(tx, bob, NewToken(name="deploy"), h.clock)
            await service.change_profile(tx, alice, ProfileChange(name="Ann"), h.clock)
        async with await client_of(h.app, bob) as client:
            answer = await client.get("/api/v1/me/export")

        found = answer.json()
        assert ("Robert", "bob@example.com", "responder") == (
            found["profile"]["name"],
            found["profile"]["email"],
            found["profile"]["role"],
        )
        assert [{"name": "shop", "title": "shop"}] == found["teams"]
        assert ["203.0.113.7"] == [one["address"] for one in found["sessions"]]
        assert [(made.id, "deploy")] == [(one["id"], one["name"]) for one in found["tokens"]]
        types = [one["type"] for one in found["events"]]
        assert ["session.signed_in", "token.created", "user.updated"] == types
        assert found["events_left_out"] is False
        for word in (secret, "password_hash", "$argon2", "Ann"):
            assert word not in answer.text


async def test_what_a_token_of_his_did_is_his_doing_even_when_it_is_revoked(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with h.db.write() as tx:
            made, _ = await tokens.create(tx, bob, NewToken(name="deploy"), h.clock)
            program = Actor("token", bob.id, bob.name, bob.email, "admin", token_id=made.id)
            await service.create_team(tx, program, NewTeam(name="ops"), h.clock)
            await tokens.revoke(tx, bob, made.id, h.clock)

        async with h.db.read() as tx:
            found = await export.own_data(tx, bob, {}, h.clock)

        assert ["token.revoked", "team.created", "token.created"] == [
            one["type"] for one in found["events"]
        ]


async def test_other_rooms_add_theirs_by_name(house):
    async with house() as h:
        bob = await bob_responder(h.db)

        async def tasks(_tx, user_id):
            return [{"key": "TSK-1", "creator": user_id}]

        async with h.db.read() as tx:
            found = await export.own_data(tx, bob, {"tasks": tasks}, h.clock)

        assert [{"key": "TSK-1", "creator": bob.id}] == found["tasks"]


async def test_a_long_history_is_cut_and_says_so(house, monkeypatch):
    monkeypatch.setattr(export, "EVENTS_LIMIT", 5)
    monkeypatch.setattr(export, "_BATCH", 2)
    async with house() as h:
        bob = await bob_responder(h.db)
        async with h.db.write() as tx:
            for n in range(8):
                await service.change_profile(tx, bob, ProfileChange(name=f"Bob {n}"), h.clock)

        async with h.db.read() as tx:
            found = await export.own_data(tx, bob, {}, h.clock)

        names = [one["data"]["after"]["name"] for one in found["events"]]
        assert [f"Bob {n}" for n in (7, 6, 5, 4, 3)] == names
        assert found["events_left_out"]


async def test_it_comes_as_a_file_that_people_can_read(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with await client_of(h.app, bob) as client:
            answer = await client.get("/me/export")

        assert (
            'attachment; filename="bongsu-2026-11-21.json"' == answer.headers["content-disposition"]
        )
        assert "no-store" in answer.headers["cache-control"]
        assert answer.text.startswith('{\n  "exported_at"')
        assert json.loads(answer.text)["profile"]["id"] == bob.id


async def test_a_leaked_token_takes_nothing_out(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        program = Actor("token", bob.id, bob.name, bob.email, bob.role, token_id=1)

        async with h.db.read() as tx:
            with pytest.raises(NotAllowed):
                await export.own_data(tx, program, {}, h.clock)

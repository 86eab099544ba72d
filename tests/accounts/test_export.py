"""One's own data: all of it, and no secret."""

import asyncio
import json

import pytest

from bongsu.accounts import export, service, store_factors, store_identities, tokens
from bongsu.accounts.inputs import NewTeam, NewToken, ProfileChange
from bongsu.accounts.model import Actor
from bongsu.accounts.totp import recovery_hash
from bongsu.app import build_app
from bongsu.kit.clock import iso
from bongsu.kit.errors import NotAllowed
from bongsu.tell import store_choices
from bongsu.tell.preferences import Preferences
from tests.accounts.second import client_of as second_client
from tests.accounts.second import with_codes
from tests.people import alice_admin, bob_responder, client_of, person


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


async def test_bob_gets_his_second_factor_and_his_sign_ins_elsewhere_and_no_secret_of_them(house):
    """The key that seals, the sealed secret, what it was, recovery codes: none of them is in it."""
    async with house() as h:
        bob = await bob_responder(h.db)
        carol = await person(h.db, "Carol", "viewer")
        held = await with_codes(h, bob)
        async with h.db.write() as tx:
            for who, subject in ((bob, "bob-over-there"), (carol, "carol-over-there")):
                await store_identities.insert_identity(tx, identity(who, subject, h.clock.now()))
            await store_factors.use_code(tx, bob.id, recovery_hash(held.codes[0]), h.clock.now())
            kept = await store_factors.factor(tx, bob.id)
        async with await second_client(h, bob) as client:
            answer = await client.get("/api/v1/me/export")

        found = answer.json()
        at = iso(h.clock.now())
        assert {"set_up_at": at, "recovery_codes_left": len(held.codes) - 1} == found[
            "second_factor"
        ]
        assert [
            {
                "issuer": "https://login.example.com",
                "subject": "bob-over-there",
                "email": "bob@corp.example.com",
                "second_factor": True,
                "created_at": at,
                "used_at": at,
            }
        ] == found["identities"]
        hashes = [recovery_hash(code) for code in held.codes]
        key = (h.vault._path).read_text(encoding="ascii").strip()
        for word in (held.secret, kept.secret, key, *held.codes, *hashes, "carol-over-there"):
            assert word not in answer.text


async def test_a_second_factor_that_was_never_confirmed_is_not_on(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with h.db.write() as tx:
            await store_factors.keep_pending(tx, bob.id, "1.sealed.text", h.clock.now())
            found = await export.own_data(tx, bob, {}, h.clock)

        assert None is found["second_factor"]
        assert "1.sealed.text" not in json.dumps(found)


async def test_what_he_wants_to_be_told_is_in_it(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with h.db.write() as tx:
            await store_choices.save(tx, bob.id, Preferences(digest="daily"), h.clock.now())
            await store_choices.mute(tx, bob.id, "task/4", "TSK-4 Pin it", "/x", h.clock.now())
            await store_choices.make_key(tx, bob.id, "the-key-of-his-links")
        app, _ = build_app(h.app.state.parts.settings, asyncio.Event())
        async with h.db.read() as tx:
            found = await export.own_data(tx, bob, app.state.exports, h.clock)
        await app.state.parts.db.close()

        telling = found["telling"]
        assert ("daily", ["task/4"]) == (
            telling["digest"],
            [one["subject"] for one in telling["muted"]],
        )
        assert "the-key-of-his-links" not in json.dumps(found)


def identity(who, subject, now):
    return {
        "user_id": who.id,
        "issuer": "https://login.example.com",
        "subject": subject,
        "email": "bob@corp.example.com",
        "strong": True,
        "created_at": now,
        "used_at": now,
    }

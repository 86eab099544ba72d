"""API tokens: shown once, narrower than their owner, and ended in every way they should be."""

import pytest

from bongsu.accounts import entry, service, store_keys, tokens
from bongsu.accounts.inputs import NewToken, PersonChange
from bongsu.accounts.model import allowed
from bongsu.kit.errors import Conflict, NotAllowed, NotFound
from tests.people import alice_admin, bob_responder, charlie_viewer


async def made(h, actor, **form):
    async with h.db.write() as tx:
        return await tokens.create(tx, actor, NewToken(**({"name": "ci"} | form)), h.clock)


async def actor_of(h, token):
    return await entry.token_actor(h.db, token, h.clock.now())


async def test_a_token_is_its_owner_within_its_scopes(house):
    async with house() as h:
        bob = await bob_responder(h.db)

        row, token = await made(h, bob, scopes=["incident.*", "service.delete", "incident.*"])

        assert token.startswith("bgs_")
        assert ("incident.*", "service.delete") == row.scopes
        actor = await actor_of(h, token)
        assert ("token", bob.id, "responder", row.id) == (
            actor.kind,
            actor.id,
            actor.role,
            actor.token_id,
        )
        assert allowed(actor, "incident.resolve")
        assert not allowed(actor, "service.delete")
        assert not allowed(actor, "check.now")


async def test_only_its_hash_is_kept_and_the_event_does_not_name_it(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        _, token = await made(h, bob)

        events = await h.events("token.")

        assert ["token.created"] == [event.type for event in events]
        assert (f"user/{bob.id}",) == events[0].resources
        assert token not in str(events)
        async with h.db.read() as tx:
            assert token not in str(await store_keys.tokens_of(tx, bob.id))


async def test_a_token_makes_and_revokes_no_tokens(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        row, token = await made(h, alice, scopes=["*"])
        actor = await actor_of(h, token)

        with pytest.raises(NotAllowed, match="not for tokens"):
            await made(h, actor)
        async with h.db.write() as tx:
            with pytest.raises(NotAllowed):
                await tokens.revoke(tx, actor, row.id, h.clock)


async def test_a_token_expires(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        _, token = await made(h, bob, days=1)

        h.clock.advance(24 * 3600 - 1)
        assert await actor_of(h, token) is not None
        h.clock.advance(1)
        assert await actor_of(h, token) is None


async def test_a_role_that_is_taken_away_is_gone_from_the_token_too(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        _, token = await made(h, bob, scopes=["*"])

        async with h.db.write() as tx:
            await service.update_user(tx, alice, bob.id, PersonChange(role="viewer"), h.clock)

        assert not allowed(await actor_of(h, token), "incident.resolve")


async def test_one_sees_and_revokes_ones_own_tokens_only(house):
    async with house() as h:
        bob, charlie = await bob_responder(h.db), await charlie_viewer(h.db)
        row, token = await made(h, bob)

        async with h.db.write() as tx:
            assert [] == await tokens.own_tokens(tx, charlie)
            with pytest.raises(NotFound):
                await tokens.revoke(tx, charlie, row.id, h.clock)
        assert await actor_of(h, token) is not None

        async with h.db.write() as tx:
            await tokens.revoke(tx, bob, row.id, h.clock)
            assert [] == await tokens.own_tokens(tx, bob)
            with pytest.raises(NotFound):
                await tokens.revoke(tx, bob, row.id, h.clock)
        assert await actor_of(h, token) is None
        assert ["token.created", "token.revoked"] == await h.types("token.")


async def test_a_person_has_at_most_a_hundred(house, monkeypatch):
    async with house() as h:
        monkeypatch.setattr(store_keys, "TOKENS_A_PERSON", 2)
        bob = await bob_responder(h.db)
        await made(h, bob)
        await made(h, bob)

        with pytest.raises(Conflict, match="You have 2 tokens"):
            await made(h, bob)


async def test_its_last_use_is_noted(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        row, _ = await made(h, bob)

        await entry.note_token_used(h.db, row.id, h.clock.now())

        async with h.db.read() as tx:
            (kept,) = await store_keys.tokens_of(tx, bob.id)
        assert h.clock.now() == kept.used_at

"""Who leaves is gone, and what they did keeps its shape."""

import pytest
import sqlalchemy as sa

from bongsu.accounts import entry, leaving, service, sessions, store, tokens
from bongsu.accounts.inputs import Confirmed, NewTeam, NewToken, PersonChange, SignIn
from bongsu.accounts.keys import SignedIn
from bongsu.accounts.tables import (
    api_token,
    door,
    login_identity,
    recovery_code,
    second_factor,
    session,
    team_member,
    user,
)
from bongsu.accounts.visit import Visit
from bongsu.kit.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from tests.people import PASSWORD, alice_admin, bob_responder, dana_editor, person

HERE = Visit("203.0.113.7", "a browser", public_url="https://bongsu.example.com")
RIGHT = Confirmed(password=PASSWORD)
OWN = (api_token, door, login_identity, recovery_code, second_factor, session, team_member)


async def signed_in(h, email="bob@example.com") -> SignedIn:
    cookie = await sessions.sign_in(h.db, SignIn(email=email, password=PASSWORD), HERE, h.clock)
    found = await entry.signed_in(h.db, cookie, h.clock.now())
    assert found is not None
    return found


async def leave(h, who: SignedIn, form=RIGHT, partings=None):
    await leaving.leave(h.db, who, form, partings or {}, HERE, h.clock)


async def rows(h, user_id):
    async with h.db.read() as tx:
        counts = {}
        for table in OWN:
            query = sa.select(sa.func.count()).where(table.c.user_id == user_id)
            counts[table.name] = await tx.scalar(query)
        kept = await tx.row(sa.select(user).where(user.c.id == user_id))
    return counts, str(kept)


async def everything_of(h, alice, bob):
    """A team, a token, a link, a second factor, recovery codes and a provider's account."""
    now = h.clock.now()
    async with h.db.write() as tx:
        await service.create_team(tx, alice, NewTeam(name="shop", members=[bob.id]), h.clock)
        await tokens.create(tx, bob, NewToken(name="deploy"), h.clock)
        await service.reset_link(tx, alice, bob.id, HERE, h.clock)
        for table, values in (
            (second_factor, {"last_step": 0}),
            (recovery_code, {"code_hash": "x"}),
            (
                login_identity,
                {"issuer": "i", "subject": "s", "email": "", "strong": False}
                | {"created_at": now, "used_at": now},
            ),
        ):
            await tx.execute(sa.insert(table).values(user_id=bob.id, **values))


async def test_bob_leaves_and_nothing_points_to_who_he_was(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        who = await signed_in(h)
        await everything_of(h, alice, bob)
        before, _ = await rows(h, bob.id)

        await leave(h, who)

        counts, row = await rows(h, bob.id)
        assert dict.fromkeys(counts, 1) == before
        assert dict.fromkeys(counts, 0) == counts
        assert "bob" not in row.lower()
        async with h.db.read() as tx:
            shown = await service.get_user(tx, alice, bob.id)
            listed = await service.list_users(tx, alice)
        assert ("Deleted person", False, ["Alice"]) == (
            shown.name,
            shown.active,
            [one.name for one in listed],
        )
        with pytest.raises(NotSignedIn):
            await signed_in(h)


async def test_the_event_names_nobody(house):
    async with house() as h:
        await alice_admin(h.db)
        bob = await bob_responder(h.db)

        await leave(h, await signed_in(h))

        (event,) = await h.events("user.deleted")
        assert (f"user/{bob.id}", f"user/{bob.id}", "own") == (
            event.subject,
            event.actor,
            event.data["by"],
        )
        assert "bob" not in str(event.data).lower()


async def test_the_address_is_free_again(house):
    async with house() as h:
        await alice_admin(h.db)
        bob = await bob_responder(h.db)
        await leave(h, await signed_in(h))

        again = await person(h.db, "Bob", "viewer")

        assert bob.id != again.id


async def test_a_wrong_password_deletes_nobody(house):
    async with house() as h:
        await alice_admin(h.db)
        bob = await bob_responder(h.db)

        with pytest.raises(Invalid):
            await leave(h, await signed_in(h), Confirmed(password="not this one"))

        async with h.db.read() as tx:
            assert (await store.user_by_id(tx, bob.id)).deleted_at is None


async def test_the_last_administrator_stays(house):
    async with house() as h:
        await alice_admin(h.db)
        who = await signed_in(h, "alice@example.com")

        with pytest.raises(Conflict, match="last administrator"):
            await leave(h, who)
        await person(h.db, "Ann", "admin")
        await leave(h, who)

        assert ["user.deleted"] == await h.types("user.deleted")


async def test_who_has_no_password_must_have_just_signed_in(house):
    async with house() as h:
        await alice_admin(h.db)
        bob = await bob_responder(h.db)
        who = await signed_in(h)
        async with h.db.write() as tx:
            await store.update_user(tx, bob.id, password_hash=None)

        h.clock.advance(3600)
        with pytest.raises(Invalid, match="Nothing was changed"):
            await leave(h, who, Confirmed())
        h.clock.jump(-3600)
        await leave(h, who, Confirmed())

        assert ["user.deleted"] == await h.types("user.deleted")


async def test_other_rooms_drop_theirs_in_the_same_transaction(house):
    async with house() as h:
        await alice_admin(h.db)
        bob = await bob_responder(h.db)
        dropped = []

        async def tasks(_tx, user_id):
            dropped.append(user_id)

        async def broken(_tx, _user_id):
            raise ZeroDivisionError

        who = await signed_in(h)
        with pytest.raises(ZeroDivisionError):
            await leave(h, who, partings={"tasks": tasks, "broken": broken})
        async with h.db.read() as tx:
            assert (await store.user_by_id(tx, bob.id)).deleted_at is None
        await leave(h, who, partings={"tasks": tasks})

        assert [bob.id, bob.id] == dropped


async def test_an_administrator_deletes_who_was_disabled_before(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)

        async with h.db.write() as tx:
            with pytest.raises(Conflict, match="not disabled"):
                await leaving.delete_person(tx, alice, bob.id, {}, h.clock)
            await service.update_user(tx, alice, bob.id, PersonChange(disabled=True), h.clock)
            await leaving.delete_person(tx, alice, bob.id, {}, h.clock)
        async with h.db.write() as tx:
            for gone in (
                leaving.delete_person(tx, alice, bob.id, {}, h.clock),
                service.update_user(tx, alice, bob.id, PersonChange(disabled=False), h.clock),
                service.reset_link(tx, alice, bob.id, HERE, h.clock),
            ):
                with pytest.raises(NotFound):
                    await gone

        (event,) = await h.events("user.deleted")
        assert (alice.ref, "admin") == (event.actor, event.data["by"])


async def test_nobody_else_deletes_people(house):
    async with house() as h:
        alice, dana = await alice_admin(h.db), await dana_editor(h.db)
        bob = await bob_responder(h.db)
        async with h.db.write() as tx:
            await service.update_user(tx, alice, bob.id, PersonChange(disabled=True), h.clock)

        async with h.db.write() as tx:
            with pytest.raises(NotAllowed):
                await leaving.delete_person(tx, dana, bob.id, {}, h.clock)

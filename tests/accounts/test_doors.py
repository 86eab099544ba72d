"""One-time links: the first administrator, invitations, new passwords."""

import asyncio

import pytest
import sqlalchemy as sa

from bongsu.accounts import doors, entry, service, sessions, store, store_factors
from bongsu.accounts.inputs import (
    FirstAdmin,
    Invited,
    NewPerson,
    PersonChange,
    ResetPassword,
    SignIn,
)
from bongsu.accounts.service import first_door
from bongsu.accounts.sessions import Visit
from bongsu.accounts.tables import door, second_factor
from bongsu.kit.errors import Conflict, NotFound
from tests.people import alice_admin, bob_responder, person

HERE = Visit("203.0.113.7", "a browser")
ADMIN = FirstAdmin(email="Alice@example.com", name="Alice", password="a heron by the weir")


async def who(h, cookie):
    found = await entry.signed_in(h.db, cookie, h.clock.now())
    return found and (found.actor.name, found.actor.role)


async def closed(h, token, form=ADMIN):
    with pytest.raises(NotFound, match="has been used or is too old"):
        await doors.enter(h.db, token, form, HERE, h.clock)


async def test_the_first_link_makes_one_administrator_once(house):
    async with house() as h:
        link = await first_door(h.db, h.clock)

        cookie = await doors.enter(h.db, link, ADMIN, HERE, h.clock)

        assert ("Alice", "admin") == await who(h, cookie)
        await closed(h, link)
        assert await first_door(h.db, h.clock) is None
        assert ["user.link_made", "user.created", "session.signed_in"] == await h.types()
        assert link not in str(await h.events())


async def test_each_start_closes_the_link_of_the_start_before(house):
    async with house() as h:
        older, newer = await first_door(h.db, h.clock), await first_door(h.db, h.clock)

        await closed(h, older)
        assert await doors.enter(h.db, newer, ADMIN, HERE, h.clock)


async def test_a_link_is_closed_after_a_day(house):
    async with house() as h:
        link = await first_door(h.db, h.clock)
        h.clock.advance(24 * 3600)

        with pytest.raises(NotFound):
            await doors.look(h.db, link, h.clock)
        await closed(h, link)


async def test_looking_does_not_use_a_link_up(house):
    async with house() as h:
        link = await first_door(h.db, h.clock)

        for _ in range(3):
            assert "admin" == (await doors.look(h.db, link, h.clock)).purpose


async def test_of_many_who_come_at_once_one_gets_in(house):
    async with house() as h:
        link = await first_door(h.db, h.clock)
        forms = [
            FirstAdmin(email=f"a{n}@example.com", name=f"A{n}", password="a heron by the weir")
            for n in range(5)
        ]

        results = await asyncio.gather(
            *(doors.enter(h.db, link, form, HERE, h.clock) for form in forms),
            return_exceptions=True,
        )

        assert 1 == sum(isinstance(one, str) for one in results)
        assert 4 == sum(isinstance(one, NotFound) for one in results)
        async with h.db.read() as tx:
            assert 1 == len(await store.admins(tx))


async def test_a_new_link_comes_while_nobody_can_administrate(house):
    """An administrator who was invited and never came, or a disabled one, cannot."""
    async with house() as h:
        await person(h.db, "Invited", "admin", password_hash=None)

        assert await first_door(h.db, h.clock) is not None


async def test_the_first_administrator_needs_an_address_of_their_own(house):
    async with house() as h:
        await person(h.db, "Alice", "viewer")
        link = await first_door(h.db, h.clock)

        with pytest.raises(Conflict, match=r"alice@example\.com is known"):
            await doors.enter(h.db, link, ADMIN, HERE, h.clock)

        assert await doors.look(h.db, link, h.clock)  # nothing was used up


async def test_a_first_link_is_of_no_use_once_there_is_an_administrator(house):
    async with house() as h:
        link = await first_door(h.db, h.clock)
        await person(h.db, "Eve", "admin")

        await closed(h, link)


async def test_erin_comes_in_by_her_invitation_with_the_role_she_was_given(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with h.db.write() as tx:
            form = NewPerson(email="erin@example.com", name="Erin", role="editor")
            _, link = await service.invite(tx, alice, form, HERE, h.clock)

        cookie = await doors.enter(
            h.db, link, Invited(name="Erin Park", password="a heron by the weir"), HERE, h.clock
        )

        assert ("Erin Park", "editor") == await who(h, cookie)
        await closed(h, link, Invited(name="x", password="a heron by the weir"))
        assert "user.joined" in await h.types()


async def test_a_reset_ends_every_session_and_the_old_password(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        old = SignIn(email="bob@example.com", password="a heron by the weir")
        before = await sessions.sign_in(h.db, old, HERE, h.clock)
        async with h.db.write() as tx:
            _, link = await service.reset_link(tx, alice, bob.id, HERE, h.clock)

        cookie = await doors.enter(
            h.db, link, ResetPassword(password="ten herons now"), HERE, h.clock
        )

        assert (None, ("Bob", "responder")) == (await who(h, before), await who(h, cookie))
        assert "user.password_changed" in await h.types()
        new = SignIn(email="bob@example.com", password="ten herons now")
        assert await sessions.sign_in(h.db, new, HERE, h.clock)


async def test_the_form_of_another_link_makes_nobody_an_administrator(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        async with h.db.write() as tx:
            _, link = await service.reset_link(tx, alice, bob.id, HERE, h.clock)

        await closed(
            h, link, FirstAdmin(email="e@example.com", name="Eve", password="a heron by the weir")
        )

        async with h.db.read() as tx:
            assert [alice.id] == [one.id for one in await store.admins(tx)]
        assert "reset" == (await doors.look(h.db, link, h.clock)).purpose


async def test_a_link_of_somebody_who_was_disabled_meanwhile_is_closed(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with h.db.write() as tx:
            erin, link = await service.invite(
                tx, alice, NewPerson(email="erin@example.com", name="Erin"), HERE, h.clock
            )
            await service.update_user(tx, alice, erin.id, PersonChange(disabled=True), h.clock)

        await closed(h, link, Invited(name="Erin", password="a heron by the weir"))


async def test_an_unknown_link_orders_no_hashing(house):
    async with house() as h:
        asked = []

        class Never:
            @staticmethod
            async def hash(password):
                asked.append(password)

        with pytest.raises(NotFound):
            await doors.enter(h.db, "door_unknown", ADMIN, HERE, h.clock, Never())

        assert [] == asked


async def test_a_new_password_leaves_the_second_factor_as_it_is(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        async with h.db.write() as tx:
            link = await doors.make_door(tx, "reset", bob.id, h.clock.now())
            values = {"user_id": bob.id, "secret": "sealed", "last_step": 0}
            await tx.execute(sa.insert(second_factor).values(**values, confirmed_at=h.clock.now()))

        cookie = await doors.enter(
            h.db, link, ResetPassword(password="ten herons now"), HERE, h.clock
        )

        assert isinstance(cookie, sessions.HalfCookie)
        assert await who(h, cookie) is None
        async with h.db.read() as tx:
            assert "sealed" == (await store_factors.factor(tx, bob.id)).secret


async def test_links_that_nobody_can_use_any_more_are_forgotten(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        for _ in range(2):
            async with h.db.write() as tx:
                await doors.make_door(tx, "reset", bob.id, h.clock.now())
            h.clock.advance(3 * 86_400)
        async with h.db.read() as tx:
            left = await tx.rows(sa.select(door))

        assert 1 == len(left)

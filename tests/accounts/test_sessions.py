"""Signing in: the same steps for everybody, few tries, and sessions that end when they must."""

import asyncio

import pytest
from argon2 import PasswordHasher

from bongsu.accounts import entry, sessions, store, store_keys
from bongsu.accounts.inputs import PasswordChange, PersonChange, SignIn
from bongsu.accounts.passwords import PASSWORDS, Passwords
from bongsu.accounts.service import update_user
from bongsu.accounts.sessions import Visit
from bongsu.db.session import Database
from bongsu.kit.errors import Conflict, Invalid, NotFound, NotSignedIn, TooMany
from bongsu.kit.ids import token_hash
from tests.people import PASSWORD, alice_admin, bob_responder, charlie_viewer, person

HERE, THERE = Visit("203.0.113.7", "a browser"), Visit("198.51.100.9", "a phone")


def form(email="alice@example.com", password=PASSWORD) -> SignIn:
    return SignIn(email=email, password=password)


async def who(h, cookie):
    found = await entry.signed_in(h.db, cookie, h.clock.now())
    return found and found.actor.name


async def refused(h, *, email="alice@example.com", password="wrong wrong", visit=HERE) -> str:
    with pytest.raises(NotSignedIn) as refusal:
        await sessions.sign_in(h.db, form(email, password), visit, h.clock)
    return str(refusal.value)


async def test_alice_signs_in_and_is_alice(house):
    async with house() as h:
        await alice_admin(h.db)

        cookie = await sessions.sign_in(h.db, form(" Alice@Example.com"), HERE, h.clock)

        assert "Alice" == await who(h, cookie)
        event = (await h.events("session."))[-1]
        assert ("session.signed_in", "203.0.113.7") == (event.type, event.data["address"])


async def test_a_wrong_password_and_an_unknown_account_are_told_the_same(house):
    async with house() as h:
        await alice_admin(h.db)
        await person(h.db, "Invited", "viewer", password_hash=None)

        told = [
            await refused(h),
            await refused(h, email="nobody@example.com", visit=THERE),
            await refused(
                h, email="invited@example.com", password=PASSWORD, visit=Visit("192.0.2.3")
            ),
        ]

        assert {"Mail and password do not match. 4 tries left, then a wait of one minute."} == set(
            told
        )


async def test_a_wrong_password_and_an_unknown_account_do_the_same_work(house, monkeypatch):
    """Same hashing, same statements in the same order: the time of the answer tells nothing."""
    async with house() as h:
        await alice_admin(h.db)
        done, verify = h.statements(), Passwords.verify

        async def hashing(self, stored, password):
            done.append("argon2")
            return await verify(self, stored, password)

        monkeypatch.setattr(Passwords, "verify", hashing)
        work = {}
        for email, visit in (("alice@example.com", HERE), ("nobody@example.com", THERE)):
            await refused(h, email=email, visit=visit)
            work[email], done[:] = list(done), []

        assert "argon2" in work["alice@example.com"]
        assert work["alice@example.com"] == work["nobody@example.com"]


async def test_what_was_typed_into_the_wrong_field_is_in_no_event(house):
    async with house() as h:
        await refused(h, email="my secret password", password="x")

        event = (await h.events("session.refused"))[0]
        assert "my secret password" not in str(event)
        assert ("user/unknown", "account", 4) == (
            event.subject,
            event.data["reason"],
            event.data["tries_left"],
        )


async def test_after_five_wrong_tries_even_the_right_password_waits(house):
    async with house() as h:
        await alice_admin(h.db)
        told = [await refused(h) for _ in range(5)]
        events = len(await h.events())

        with pytest.raises(TooMany) as wait:
            await sessions.sign_in(h.db, form(), HERE, h.clock)

        assert "1 try left" in told[3]
        assert "The next try is possible in one minute" in told[4]
        assert 60 == wait.value.retry_after_s
        assert events == len(await h.events())  # hammering writes nothing
        h.clock.advance(60)
        assert "Alice" == await who(h, await sessions.sign_in(h.db, form(), HERE, h.clock))


async def test_a_guesser_elsewhere_does_not_lock_alice_out(house):
    async with house() as h:
        await alice_admin(h.db)
        for _ in range(5):
            await refused(h, visit=THERE)
        with pytest.raises(TooMany):
            await sessions.sign_in(h.db, form(), THERE, h.clock)

        assert "Alice" == await who(h, await sessions.sign_in(h.db, form(), HERE, h.clock))


async def test_one_address_may_not_go_through_the_accounts(house):
    async with house() as h:
        for n in range(20):
            await refused(h, email=f"p{n}@example.com")

        with pytest.raises(TooMany):
            await sessions.sign_in(h.db, form("p99@example.com"), HERE, h.clock)


async def test_many_addresses_together_may_not_go_through_the_passwords_of_one_account(house):
    async with house() as h:
        await alice_admin(h.db)
        for n in range(60):
            await refused(h, visit=Visit(f"192.0.2.{n}"))

        with pytest.raises(TooMany):
            await sessions.sign_in(h.db, form(), Visit("192.0.2.200"), h.clock)


async def test_a_hundred_tries_at_once_are_five(house):
    async with house() as h:
        await alice_admin(h.db)
        tries = [
            sessions.sign_in(h.db, form(password=f"guess {n}"), HERE, h.clock) for n in range(40)
        ]

        results = await asyncio.gather(*tries, return_exceptions=True)

        assert 5 == sum(isinstance(one, NotSignedIn) for one in results)
        assert 35 == sum(isinstance(one, TooMany) for one in results)


async def test_an_office_behind_one_address_signs_in_all_day(house):
    async with house() as h:
        await alice_admin(h.db)
        for _ in range(30):
            assert await sessions.sign_in(h.db, form(), HERE, h.clock)


async def test_a_right_password_clears_the_tries(house):
    async with house() as h:
        await alice_admin(h.db)
        for _ in range(4):
            await refused(h)
        await sessions.sign_in(h.db, form(), HERE, h.clock)

        assert "4 tries left" in await refused(h)


async def test_a_hash_with_older_parameters_is_renewed_at_sign_in(house):
    async with house() as h:
        await alice_admin(h.db)
        stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
        await sessions.sign_in(h.db, form(), HERE, h.clock, stronger)

        async with h.db.read() as tx:
            known = await store.login(tx, "alice@example.com")
        assert not stronger.outdated(known.password_hash)
        assert await sessions.sign_in(h.db, form(), HERE, h.clock, stronger)


async def test_a_session_that_was_planted_is_ended_and_never_signed_into(house):
    """Session fixation: whatever cookie came along, the new one is another."""
    async with house() as h:
        await alice_admin(h.db)
        await bob_responder(h.db)
        planted = await sessions.sign_in(h.db, form("bob@example.com"), THERE, h.clock)

        visit = Visit("203.0.113.7", "a browser", planted)
        cookie = await sessions.sign_in(h.db, form(), visit, h.clock)

        assert cookie != planted
        assert ("Alice", None) == (await who(h, cookie), await who(h, planted))


async def test_a_session_ends_after_twelve_idle_hours_or_fourteen_days(house):
    async with house() as h:
        await alice_admin(h.db)
        idle = await sessions.sign_in(h.db, form(), HERE, h.clock)
        busy = await sessions.sign_in(h.db, form(), THERE, h.clock)

        lived = []
        for _ in range(28):
            h.clock.advance(11.9 * 3600)
            lived.append(await who(h, busy))
            await entry.note_session_seen(h.db, token_hash(busy), h.clock.now())
        h.clock.advance(11.9 * 3600)

        assert {"Alice"} == set(lived)
        assert (None, None) == (await who(h, idle), await who(h, busy))


async def test_a_role_that_is_taken_away_is_gone_at_the_next_look(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        cookie = await sessions.sign_in(h.db, form("bob@example.com"), HERE, h.clock)

        async with h.db.write() as tx:
            await update_user(tx, alice, bob.id, PersonChange(role="viewer"), h.clock)

        found = await entry.signed_in(h.db, cookie, h.clock.now())
        assert "viewer" == found.actor.role


async def test_a_new_password_ends_every_session_and_begins_one(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        here = await sessions.sign_in(h.db, form("bob@example.com"), HERE, h.clock)
        there = await sessions.sign_in(h.db, form("bob@example.com"), THERE, h.clock)

        change = PasswordChange(old=PASSWORD, new="another long one")
        renewed = await sessions.change_password(h.db, bob, change, HERE, h.clock)

        assert [None, None, "Bob"] == [await who(h, one) for one in (here, there, renewed)]
        await refused(h, email="bob@example.com", password=PASSWORD)
        assert await sessions.sign_in(
            h.db, form("bob@example.com", "another long one"), HERE, h.clock
        )


async def test_a_stolen_session_cannot_guess_the_old_password(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        change = PasswordChange(old="a guess", new="another long one")

        for left in (4, 3, 2, 1, 0):
            with pytest.raises(Invalid) as refusal:
                await sessions.change_password(h.db, bob, change, THERE, h.clock)
            assert left == refusal.value.problems[0].todo.args["n"]
        with pytest.raises(TooMany):
            await sessions.change_password(h.db, bob, change, THERE, h.clock)


async def test_a_password_that_changes_while_somebody_signs_in_lets_nobody_in_with_the_old(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        passwords = Passwords(PASSWORDS.hasher)
        verify = passwords.verify

        class Slow:
            """Between the look at the password and the session, Bob changes it."""

            outdated = staticmethod(passwords.outdated)

            @staticmethod
            async def verify(stored, password):
                right = await verify(stored, password)
                change = PasswordChange(old=PASSWORD, new="another long one")
                await sessions.change_password(h.db, bob, change, THERE, h.clock)
                return right

        with pytest.raises(Conflict):
            await sessions.sign_in(h.db, form("bob@example.com"), HERE, h.clock, Slow())


async def test_one_sees_and_ends_ones_own_sessions_only(house):
    async with house() as h:
        bob, charlie = await bob_responder(h.db), await charlie_viewer(h.db)
        cookie = await sessions.sign_in(h.db, form("bob@example.com"), HERE, h.clock)

        async with h.db.write() as tx:
            (own,) = await sessions.own_sessions(tx, bob, h.clock)
            assert [] == await sessions.own_sessions(tx, charlie, h.clock)
            with pytest.raises(NotFound):
                await sessions.end_session(tx, charlie, own.id, h.clock)
        assert "Bob" == await who(h, cookie)

        async with h.db.write() as tx:
            await sessions.end_session(tx, bob, own.id, h.clock)
        assert await who(h, cookie) is None
        assert ["session.signed_in", "session.revoked"] == await h.types("session.")


async def test_signing_out_ends_the_session(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        cookie = await sessions.sign_in(h.db, form("bob@example.com"), HERE, h.clock)
        found = await entry.signed_in(h.db, cookie, h.clock.now())

        async with h.db.write() as tx:
            await sessions.sign_out(tx, bob, found.session, h.clock)
            await sessions.sign_out(tx, bob, found.session, h.clock)  # twice: nothing more happens

        assert await who(h, cookie) is None
        assert ["session.signed_in", "session.signed_out"] == await h.types("session.")


async def test_dead_sessions_are_swept_when_their_person_comes_again(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        await sessions.sign_in(h.db, form("bob@example.com"), HERE, h.clock)
        h.clock.advance(13 * 3600)
        await sessions.sign_in(h.db, form("bob@example.com"), HERE, h.clock)

        async with h.db.read() as tx:
            assert 1 == len(await store_keys.sessions_of(tx, bob.id))


async def test_a_busy_state_does_not_fail_the_note_of_a_visit(house):
    async with house() as h:
        await alice_admin(h.db)
        cookie = await sessions.sign_in(h.db, form(), HERE, h.clock)
        if h.db.dialect == "postgresql":
            return  # there only the row itself can be held; the note then waits and is let go in the same way
        impatient = Database.open(h.db.url, lock_timeout_s=0.05)
        async with h.db.write():
            await entry.note_session_seen(impatient, token_hash(cookie), h.clock.now())
            await entry.note_token_used(impatient, 1, h.clock.now())
        await impatient.close()

        assert "Alice" == await who(h, cookie)

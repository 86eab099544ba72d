"""From the password to the code: half-opened sessions open nothing else, and codes cannot be guessed."""

import asyncio

import pytest

from bongsu.accounts import (
    doors,
    entry,
    factors,
    policy,
    second_step,
    sessions,
    store_factors,
)
from bongsu.accounts.inputs import PasswordChange, PersonChange, PolicyChange, ResetPassword, SignIn
from bongsu.accounts.service import update_user
from bongsu.accounts.sessions import HalfCookie, Visit
from bongsu.kit.errors import CodeNeeded, Conflict, FactorRequired, NotSignedIn, TooMany
from bongsu.kit.ids import token_hash
from tests.accounts.second import HERE, WithCodes, with_codes
from tests.people import PASSWORD, alice_admin, bob_responder

THERE = Visit("198.51.100.9", "a phone")


async def opened(h, cookie):
    found = await entry.signed_in(h.db, cookie, h.clock.now())
    return found and found.session.opened_by


async def test_password_then_code_opens_a_whole_session(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        half = await bob.half()

        cookie = await bob.finish(half, bob.code())

        assert "password totp" == await opened(h, cookie)
        assert cookie != half
        event = (await h.events("session."))[-1]
        assert ["password", "totp"] == event.data["opened_by"]


async def test_a_half_session_is_no_session_and_no_token(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        half = await bob.half()

        assert isinstance(half, HalfCookie)
        assert await opened(h, half) is None
        assert await entry.token_actor(h.db, half, h.clock.now()) is None
        assert [] == await h.types("session.signed_in")


async def test_a_half_session_opens_once(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        half = await bob.half()
        await bob.finish(half, bob.code())
        h.clock.advance(30)

        with pytest.raises(CodeNeeded):
            await bob.finish(half, bob.code())


async def test_a_half_session_lasts_five_minutes(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        half = await bob.half()

        h.clock.advance(300)

        assert await second_step.waiting(h.db, half, h.clock.now()) is None
        with pytest.raises(CodeNeeded):
            await bob.finish(half, bob.code())


async def test_a_session_that_was_planted_is_ended_at_the_second_step(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        bob = await with_codes(h, await bob_responder(h.db))
        form = SignIn(email=alice.email, password=PASSWORD)
        planted = await sessions.sign_in(h.db, form, THERE, h.clock)

        visit = Visit("203.0.113.7", "a browser", planted)
        cookie = await bob.finish(await bob.half(visit), bob.code(), visit)

        assert cookie != planted
        assert (None, "password totp") == (await opened(h, planted), await opened(h, cookie))


async def test_a_code_of_the_neighbouring_step_counts_and_an_older_one_not_any_more(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))

        assert await bob.finish(await bob.half(), bob.code(-1))
        assert await bob.finish(await bob.half(), bob.code(1))
        for used in (-1, 0, 1):
            half = await bob.half()
            with pytest.raises(NotSignedIn):
                await bob.finish(half, bob.code(used))


async def test_after_five_wrong_codes_even_the_right_one_waits_and_a_right_password_helps_nothing(
    house,
):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        half = await bob.half()
        for left in (4, 3, 2, 1, 0):
            with pytest.raises(NotSignedIn) as refusal:
                await bob.finish(half, "000000")
            assert left == refusal.value.said.args.get("n", 0)
        half = await bob.half()  # the password again

        with pytest.raises(TooMany) as wait:
            await bob.finish(half, bob.code())

        assert 60 == wait.value.retry_after_s
        assert 5 == len(await h.events("session.refused"))
        h.clock.advance(60)
        assert await bob.finish(await bob.half(), bob.code())


async def test_many_addresses_together_do_not_go_through_the_codes_either(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        half = await bob.half()
        for n in range(20):
            with pytest.raises(NotSignedIn):
                await bob.finish(half, "000000", Visit(f"192.0.2.{n}"))

        with pytest.raises(TooMany):
            await bob.finish(half, bob.code(), Visit("192.0.2.200"))


async def test_a_guesser_elsewhere_who_has_the_password_does_not_lock_bob_out_at_once(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        stolen = await bob.half(THERE)
        for _ in range(5):
            with pytest.raises(NotSignedIn):
                await bob.finish(stolen, "000000", THERE)

        assert await bob.finish(await bob.half(), bob.code())


async def test_forty_codes_at_once_are_five_tries(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        half = await bob.half()

        results = await asyncio.gather(
            *(bob.finish(half, f"{n:06}") for n in range(40)), return_exceptions=True
        )

        assert 35 == sum(isinstance(one, TooMany) for one in results)
        assert 5 == sum(type(one) is NotSignedIn for one in results)


async def test_one_code_at_two_doors_opens_one(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        code = bob.code()

        results = await asyncio.gather(
            *(bob.at_once(code, visit=visit) for visit in (HERE, THERE)), return_exceptions=True
        )

        assert 1 == sum(isinstance(one, str) for one in results)


async def test_each_recovery_code_opens_once(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))

        cookie = await bob.finish(await bob.half(), bob.codes[0].upper().replace("-", " "))

        assert "password recovery" == await opened(h, cookie)
        half = await bob.half()
        with pytest.raises(NotSignedIn):
            await bob.finish(half, bob.codes[0])
        assert await bob.finish(half, bob.codes[1])
        used = await h.events("user.recovery_code_used")
        assert [9, 8] == [one.data["left"] for one in used]


async def test_a_recovery_code_of_somebody_else_opens_nothing(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        alice = await with_codes(h, await alice_admin(h.db))
        half = await bob.half()

        with pytest.raises(NotSignedIn):
            await bob.finish(half, alice.codes[0])


async def test_a_person_who_is_disabled_between_the_steps_stays_out(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await with_codes(h, await bob_responder(h.db))
        half = await bob.half()
        async with h.db.write() as tx:
            await update_user(tx, alice, bob.actor.id, PersonChange(disabled=True), h.clock)

        with pytest.raises(CodeNeeded):
            await bob.finish(half, bob.code())


async def test_a_new_password_ends_half_sessions_too_and_keeps_the_second_factor(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        whole = await bob.finish(await bob.half(), bob.code())
        half = await bob.half(THERE)

        change = PasswordChange(old=PASSWORD, new="another long one")
        visit = Visit("203.0.113.7", "a browser", whole)
        renewed = await sessions.change_password(h.db, bob.actor, change, visit, h.clock)

        assert "password totp" == await opened(h, renewed)
        h.clock.advance(30)
        with pytest.raises(CodeNeeded):
            await bob.finish(half, bob.code(), THERE)


async def test_a_link_for_a_new_password_does_not_go_round_the_second_factor(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        async with h.db.write() as tx:
            door = await doors.make_door(tx, "reset", bob.actor.id, h.clock.now())

        half = await doors.enter(
            h.db, door, ResetPassword(password="another long one"), HERE, h.clock
        )

        assert isinstance(half, HalfCookie)
        assert await opened(h, half) is None
        assert "link totp" == await opened(h, await bob.finish(half, bob.code()))


async def test_giving_up_ends_the_half_session(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        half = await bob.half()

        await second_step.give_up(h.db, half)

        assert await second_step.waiting(h.db, half, h.clock.now()) is None


async def test_a_session_of_before_the_second_factor_opens_nothing_after_it(house):
    """Even one that somebody forgot to end."""
    async with house() as h:
        actor = await bob_responder(h.db)
        form = SignIn(email=actor.email, password=PASSWORD)
        before = await sessions.sign_in(h.db, form, HERE, h.clock)
        assert "password" == await opened(h, before)

        await with_codes(h, actor)

        assert await opened(h, before) is None


# --- both steps in one request


async def test_both_at_once_open_a_session_and_leave_no_half_one(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))

        with pytest.raises(CodeNeeded):
            await bob.at_once()
        with pytest.raises(NotSignedIn):
            await bob.at_once("000000")
        cookie = await bob.at_once(bob.code())

        assert "password totp" == await opened(h, cookie)
        async with h.db.read() as tx:
            assert await store_factors.half(tx, token_hash(cookie)) is None


async def test_a_wrong_password_with_a_right_code_is_the_same_refusal_as_ever(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))

        with pytest.raises(NotSignedIn) as refusal:
            await bob.at_once(bob.code(), password="wrong wrong")

        assert "do not match" in str(refusal.value)
        assert await bob.at_once(bob.code())  # the code was not even looked at


async def test_without_a_second_factor_the_password_is_enough_until_it_is_compulsory(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        await with_codes(h, alice)
        bob = WithCodes(h, await bob_responder(h.db), "", ())
        assert "password" == await opened(h, await bob.at_once())
        async with h.db.write() as tx:
            await policy.change(tx, alice, PolicyChange(mfa_required=True), h.clock)

        with pytest.raises(FactorRequired):
            await bob.at_once()


async def test_a_password_that_changes_between_the_two_lets_nobody_in_with_the_old(
    house, monkeypatch
):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))
        count = second_step.codes.count_try

        async def slow(*args):
            change = PasswordChange(old=PASSWORD, new="another long one")
            await sessions.change_password(h.db, bob.actor, change, THERE, h.clock)
            return await count(*args)

        monkeypatch.setattr(second_step.codes, "count_try", slow)
        with pytest.raises(Conflict):
            await bob.at_once(bob.code())


async def test_the_standing_tells_what_is_on(house):
    async with house() as h:
        bob = await with_codes(h, await bob_responder(h.db))

        async with h.db.read() as tx:
            now = await factors.standing(tx, bob.actor, h.clock)

        assert (True, False, 10, False, True) == (
            now.on,
            now.pending,
            now.codes_left,
            now.required,
            now.has_password,
        )

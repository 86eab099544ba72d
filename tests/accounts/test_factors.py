"""Setting up a second factor, moving it, its recovery codes, switching off, and an administrator's reset."""

import asyncio

import pytest

from bongsu.accounts import entry, factors, policy, sessions, store_factors, store_keys, totp
from bongsu.accounts.inputs import PolicyChange, SignIn
from bongsu.accounts.inputs_factors import ConfirmFactor, FactorOff, NewCodes, NewFactor
from bongsu.accounts.sessions import HalfCookie, Visit
from bongsu.accounts.vault import KeyAway, Keyring
from bongsu.kit.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from bongsu.kit.ids import token_hash
from tests.people import PASSWORD, alice_admin, bob_responder, charlie_viewer, person

HERE = Visit("203.0.113.7", "a browser", public_url="https://bongsu.example.com")
THERE = Visit("198.51.100.9", "a phone")


async def come(h, email="bob@example.com", visit=HERE):
    """The cookie after the password."""
    return await sessions.sign_in(h.db, SignIn(email=email, password=PASSWORD), visit, h.clock)


async def session_of(h, cookie):
    found = await entry.signed_in(h.db, cookie, h.clock.now())
    return found.session if found else None


async def set_up(h, actor, cookie=None):
    """Gives secret, new cookie and recovery codes."""
    cookie = cookie or await come(h, actor.email)
    await factors.begin(h.db, actor, NewFactor(), HERE, h.clock, h.vault)
    secret = await factors.shown_secret(h.db, actor, h.clock, h.vault)
    form = ConfirmFactor(code=code_of(h, secret))
    made = await factors.confirm(
        h.db, actor, await session_of(h, cookie), form, HERE, h.clock, h.vault
    )
    return secret, *made


def code_of(h, secret, steps=0):
    return totp.code_at(secret, totp.step_at(h.clock.now()) + steps)


async def is_on(h, actor):
    async with h.db.read() as tx:
        return await store_factors.is_on(tx, actor.id)


async def test_a_code_switches_it_on_and_ends_every_other_session(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        here, there = await come(h), await come(h, visit=THERE)

        _, cookie, codes = await set_up(h, bob, here)

        assert 10 == len(set(codes))
        assert [None, None] == [await session_of(h, one) for one in (here, there)]
        assert "password totp" == (await session_of(h, cookie)).opened_by
        assert ["user.second_factor_on"] == await h.types("user.second")


async def test_from_then_on_the_password_opens_half_a_session_only(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        await set_up(h, bob)

        cookie = await come(h)

        assert isinstance(cookie, HalfCookie)
        assert await session_of(h, cookie) is None


async def test_the_secret_is_sealed_and_shown_until_it_is_confirmed_and_never_after(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        secret, *_ = await set_up(h, bob)

        async with h.db.read() as tx:
            kept = await store_factors.factor(tx, bob.id)
        assert secret not in str(kept)
        assert await factors.shown_secret(h.db, bob, h.clock, h.vault) is None


async def test_what_was_shown_and_not_confirmed_within_the_hour_is_forgotten(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        session = await session_of(h, await come(h))
        await factors.begin(h.db, bob, NewFactor(), HERE, h.clock, h.vault)
        secret = await factors.shown_secret(h.db, bob, h.clock, h.vault)

        h.clock.advance(3600)

        assert await factors.shown_secret(h.db, bob, h.clock, h.vault) is None
        form = ConfirmFactor(code=code_of(h, secret), password=PASSWORD)
        with pytest.raises(Conflict):
            await factors.confirm(h.db, bob, session, form, HERE, h.clock, h.vault)


async def test_a_wrong_code_leaves_it_off_and_says_the_tries_left(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        session = await session_of(h, await come(h))
        await factors.begin(h.db, bob, NewFactor(), HERE, h.clock, h.vault)

        async def give(code):
            form = ConfirmFactor(code=code)
            return await factors.confirm(h.db, bob, session, form, HERE, h.clock, h.vault)

        for left in (4, 3, 2, 1, 0):
            with pytest.raises(Invalid) as refusal:
                await give("000000" if left % 2 else "no code at all")
            (problem,) = refusal.value.problems
            assert ("code", left or None) == (problem.where, problem.what.args.get("n"))
        secret = await factors.shown_secret(h.db, bob, h.clock, h.vault)
        with pytest.raises(TooMany):
            await give(code_of(h, secret))

        assert not await is_on(h, bob)
        assert ["second_factor"] * 5 == [
            one.data["reason"] for one in await h.events("session.refused")
        ]


async def test_a_session_that_is_not_fresh_gives_the_password_too(house):
    """Who has stolen a session must not be able to shut its owner out."""
    async with house() as h:
        bob = await bob_responder(h.db)
        session = await session_of(h, await come(h))
        h.clock.advance(601)
        await factors.begin(h.db, bob, NewFactor(), HERE, h.clock, h.vault)
        secret = await factors.shown_secret(h.db, bob, h.clock, h.vault)

        for wrong in ("", "a guess"):
            form = ConfirmFactor(code=code_of(h, secret), password=wrong)
            with pytest.raises(Invalid) as refusal:
                await factors.confirm(h.db, bob, session, form, HERE, h.clock, h.vault)
            assert "password" == refusal.value.problems[0].where
        assert not await is_on(h, bob)

        form = ConfirmFactor(code=code_of(h, secret), password=PASSWORD)
        assert await factors.confirm(h.db, bob, session, form, HERE, h.clock, h.vault)


async def test_the_code_that_confirmed_it_counts_no_second_time(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        secret, *_ = await set_up(h, bob)

        with pytest.raises(Invalid):
            await factors.renew_codes(
                h.db, bob, NewCodes(code=code_of(h, secret)), HERE, h.clock, h.vault
            )
        h.clock.advance(30)
        assert await factors.renew_codes(
            h.db, bob, NewCodes(code=code_of(h, secret)), HERE, h.clock, h.vault
        )


async def test_one_code_given_many_times_at_once_counts_once(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        secret, *_ = await set_up(h, bob)
        h.clock.advance(30)
        form = NewCodes(code=code_of(h, secret))

        results = await asyncio.gather(
            *(factors.renew_codes(h.db, bob, form, HERE, h.clock, h.vault) for _ in range(5)),
            return_exceptions=True,
        )

        assert 1 == sum(isinstance(one, tuple) for one in results)


async def test_new_recovery_codes_make_the_old_ones_worthless(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        *_, old = await set_up(h, bob)

        new = await factors.renew_codes(h.db, bob, NewCodes(code=old[0]), HERE, h.clock, h.vault)

        assert not set(old) & set(new)
        with pytest.raises(Invalid):
            await factors.renew_codes(h.db, bob, NewCodes(code=old[1]), HERE, h.clock, h.vault)
        async with h.db.read() as tx:
            assert 10 == await store_factors.codes_left(tx, bob.id)
        assert ["user.recovery_code_used", "user.recovery_codes_made"] == await h.types(
            "user.recovery"
        )


async def test_a_used_recovery_code_is_told_by_mail(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        *_, codes = await set_up(h, bob)

        await factors.renew_codes(h.db, bob, NewCodes(code=codes[0]), HERE, h.clock, h.vault)

        (mail,) = await h.mails()
        assert ("bob@example.com", True) == (mail.to, "9 are left" in mail.lead)
        assert codes[0] not in mail.text


async def test_moving_asks_for_password_and_code_and_the_old_one_counts_until_the_end(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        secret, cookie, codes = await set_up(h, bob)

        for form in (
            NewFactor(),
            NewFactor(password=PASSWORD),
            NewFactor(password="wrong", code=codes[0]),
            NewFactor(password=PASSWORD, code="000000"),
        ):
            with pytest.raises(Invalid):
                await factors.begin(h.db, bob, form, HERE, h.clock, h.vault)
        assert await factors.shown_secret(h.db, bob, h.clock, h.vault) is None
        h.clock.advance(900)
        right = NewFactor(password=PASSWORD, code=code_of(h, secret))
        await factors.begin(h.db, bob, right, HERE, h.clock, h.vault)
        newer = await factors.shown_secret(h.db, bob, h.clock, h.vault)
        h.clock.advance(30)
        assert newer != secret
        assert await factors.renew_codes(
            h.db, bob, NewCodes(code=code_of(h, secret)), HERE, h.clock, h.vault
        )

        form = ConfirmFactor(code=code_of(h, newer), password=PASSWORD)
        session = await session_of(h, cookie)
        await factors.confirm(h.db, bob, session, form, HERE, h.clock, h.vault)

        h.clock.advance(30)
        with pytest.raises(Invalid):
            await factors.renew_codes(
                h.db, bob, NewCodes(code=code_of(h, secret)), HERE, h.clock, h.vault
            )
        assert await factors.renew_codes(
            h.db, bob, NewCodes(code=code_of(h, newer)), HERE, h.clock, h.vault
        )
        assert "user.second_factor_moved" in await h.types("user.")


async def test_switching_off_asks_for_both_and_tells_by_mail(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        *_, codes = await set_up(h, bob)

        for form in (
            FactorOff(code=codes[0]),
            FactorOff(code=codes[0], password="wrong"),
            FactorOff(code="000000", password=PASSWORD),
        ):
            with pytest.raises(Invalid):
                await factors.switch_off(h.db, bob, form, HERE, h.clock, h.vault)
        assert await is_on(h, bob)

        form = FactorOff(code=codes[0], password=PASSWORD)
        await factors.switch_off(h.db, bob, form, HERE, h.clock, h.vault)

        assert not await is_on(h, bob)
        assert not isinstance(await come(h), HalfCookie)
        assert "Your second factor was switched off." in [one.lead for one in await h.mails()]
        async with h.db.read() as tx:
            assert 0 == await store_factors.codes_left(tx, bob.id)


async def test_without_one_there_is_nothing_to_prove_or_switch_off(house):
    async with house() as h:
        bob = await bob_responder(h.db)

        with pytest.raises(Conflict):
            await factors.renew_codes(h.db, bob, NewCodes(code="000000"), HERE, h.clock, h.vault)
        with pytest.raises(Conflict):
            form = FactorOff(code="000000", password=PASSWORD)
            await factors.switch_off(h.db, bob, form, HERE, h.clock, h.vault)


async def test_where_it_is_compulsory_it_stays_on(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        *_, codes = await set_up(h, alice)
        async with h.db.write() as tx:
            await policy.change(tx, alice, PolicyChange(mfa_required=True), h.clock)

        with pytest.raises(Conflict) as refusal:
            form = FactorOff(code=codes[0], password=PASSWORD)
            await factors.switch_off(h.db, alice, form, HERE, h.clock, h.vault)

        assert "Move it to another device" in str(refusal.value)


async def test_an_administrator_without_one_cannot_make_it_compulsory(house):
    async with house() as h:
        alice = await alice_admin(h.db)

        async with h.db.write() as tx:
            with pytest.raises(Invalid) as refusal:
                await policy.change(tx, alice, PolicyChange(mfa_required=True), h.clock)

        assert "mfa_required" == refusal.value.problems[0].where
        async with h.db.read() as tx:
            assert not (await policy.load(tx)).mfa_required


async def test_an_administrator_takes_away_what_was_lost_and_the_person_is_told(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        _, cookie, _ = await set_up(h, bob)
        half = await come(h)

        async with h.db.write() as tx:
            await factors.reset(tx, alice, bob.id, HERE, h.clock)

        assert await session_of(h, cookie) is None
        async with h.db.read() as tx:
            assert await store_factors.half(tx, token_hash(half)) is None
            assert [] == await store_keys.sessions_of(tx, bob.id)
        assert not isinstance(await come(h), HalfCookie)
        (mail,) = await h.mails()
        assert ("bob@example.com", True) == (mail.to, "Alice took away" in mail.lead)
        (event,) = await h.events("user.second_factor_reset")
        assert (f"user/{bob.id}", f"user/{alice.id}") == (event.subject, event.actor)


async def test_a_reset_is_for_administrators_for_others_and_where_there_is_one(house):
    async with house() as h:
        alice, bob, charlie = (
            await alice_admin(h.db),
            await bob_responder(h.db),
            await charlie_viewer(h.db),
        )
        await set_up(h, bob)
        await set_up(h, alice)

        async with h.db.write() as tx:
            with pytest.raises(NotAllowed):
                await factors.reset(tx, charlie, bob.id, HERE, h.clock)
            with pytest.raises(Conflict):
                await factors.reset(tx, alice, alice.id, HERE, h.clock)
            with pytest.raises(Conflict):
                await factors.reset(tx, alice, charlie.id, HERE, h.clock)
            with pytest.raises(NotFound):
                await factors.reset(tx, alice, 999, HERE, h.clock)


async def test_who_has_no_password_proves_with_the_code_alone(house):
    async with house() as h:
        erin = await person(h.db, "Erin", "viewer", password_hash=None)
        async with h.db.write() as tx:
            user = await factors._user(tx, erin.id)
            cookie = await sessions.begin_session(tx, user, HERE, h.clock, "oidc")
        h.clock.advance(601)

        *_, codes = await set_up(h, erin, cookie)
        form = FactorOff(code=codes[0])
        await factors.switch_off(h.db, erin, form, HERE, h.clock, h.vault)

        assert not await is_on(h, erin)


async def test_with_the_key_away_a_recovery_code_still_opens(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        secret, _, codes = await set_up(h, bob)
        h.vault._keyring = Keyring.read("another key of at least thirty-two characters")
        h.clock.advance(30)

        with pytest.raises(KeyAway):
            await factors.renew_codes(
                h.db, bob, NewCodes(code=code_of(h, secret)), HERE, h.clock, h.vault
            )
        assert await factors.renew_codes(h.db, bob, NewCodes(code=codes[0]), HERE, h.clock, h.vault)


async def test_ending_all_others_leaves_this_one(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        here, there = await come(h), await come(h, visit=THERE)

        async with h.db.write() as tx:
            ended = await sessions.end_others(tx, bob, await session_of(h, here), h.clock)

        assert 1 == ended
        assert (True, None) == (await session_of(h, here) is not None, await session_of(h, there))
        assert {"others": 1} == {"others": (await h.events("session.revoked"))[0].data["others"]}

"""Changing one's own mail address: it counts once a link sent there was used, with the password."""

import asyncio

import pytest

from bongsu.accounts import addresses, doors, entry, joining, policy, sessions, store
from bongsu.accounts.inputs import (
    AskMail,
    Confirmed,
    NewAddress,
    PolicyChange,
    ResetPassword,
    SignIn,
)
from bongsu.accounts.keys import SignedIn
from bongsu.accounts.visit import Visit
from bongsu.kit.errors import Conflict, Invalid, NotFound, TooMany
from tests.people import PASSWORD, alice_admin, bob_responder, charlie_viewer

HERE = Visit("203.0.113.7", "a browser", public_url="https://bongsu.example.com")
NEW = NewAddress(email="Robert@example.com", password=PASSWORD)


async def signed_in(h, email="bob@example.com") -> SignedIn:
    cookie = await sessions.sign_in(h.db, SignIn(email=email, password=PASSWORD), HERE, h.clock)
    found = await entry.signed_in(h.db, cookie, h.clock.now())
    assert found is not None
    return found


async def ask(h, form=NEW, email="bob@example.com"):
    await addresses.ask_change(h.db, await signed_in(h, email), form, HERE, h.clock)
    return (await h.mails())[-1]


async def confirm(h, token, password=PASSWORD):
    return await addresses.confirm(h.db, token, Confirmed(password=password), HERE, h.clock)


async def address_of(h, user):
    async with h.db.read() as tx:
        return (await store.user_by_id(tx, user.id)).email


async def test_the_new_address_counts_once_its_link_is_used_and_the_old_one_is_told(house):
    async with house() as h:
        bob = await bob_responder(h.db)

        mail = await ask(h)
        before = await address_of(h, bob)
        cookie = await confirm(h, mail.token)

        assert ("robert@example.com", "Verify your new mail address") == (mail.to, mail.subject)
        assert ("bob@example.com", "robert@example.com") == (before, await address_of(h, bob))
        assert await entry.signed_in(h.db, cookie, h.clock.now())
        told = (await h.mails())[-1]
        assert ("bob@example.com", "Your mail address was changed", "") == (
            told.to,
            told.subject,
            told.token,
        )
        assert "robert@example.com" in told.lead
        event = (await h.events("user.updated"))[-1]
        assert ["email"] == event.data["changed"]
        assert mail.token not in str(await h.events())


async def test_asking_and_confirming_both_want_the_password(house):
    async with house() as h:
        bob = await bob_responder(h.db)

        with pytest.raises(Invalid) as asked:
            await ask(h, NewAddress(email="robert@example.com", password="not this one"))
        mail = await ask(h)
        with pytest.raises(Invalid) as confirmed:
            await confirm(h, mail.token, "not this one")

        for raised in (asked, confirmed):
            assert ["password"] == [one.where for one in raised.value.problems]
        assert "bob@example.com" == await address_of(h, bob)
        assert await confirm(h, mail.token), "a wrong password does not use the link up"


async def test_passwords_cannot_be_guessed_at_a_link(house):
    async with house() as h:
        await bob_responder(h.db)
        mail = await ask(h)
        for _ in range(5):
            with pytest.raises(Invalid):
                await confirm(h, mail.token, "not this one")

        with pytest.raises(TooMany):
            await confirm(h, mail.token)


async def test_whether_the_new_address_is_somebodys_only_its_mail_tells(house):
    async with house() as h:
        bob, _charlie = await bob_responder(h.db), await charlie_viewer(h.db)

        mail = await ask(h, NewAddress(email="charlie@example.com", password=PASSWORD))

        assert ("charlie@example.com", "This address has an account already", "") == (
            mail.to,
            mail.subject,
            mail.token,
        )
        assert "bob@example.com" == await address_of(h, bob)


async def test_an_address_that_was_taken_meanwhile_is_refused_and_the_link_stays(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        mail = await ask(h)
        async with h.db.write() as tx:
            values = {"email": "robert@example.com", "name": "R", "role": "viewer"}
            taken = await store.insert_user(tx, values | {"created_at": h.clock.now()})

        with pytest.raises(Conflict, match="another account"):
            await confirm(h, mail.token)

        assert (True, "bob@example.com") == (taken is not None, await address_of(h, bob))
        assert await doors.look(h.db, mail.token, h.clock)


async def test_two_who_move_to_one_address_at_once_do_not_both_get_it(house):
    async with house() as h:
        bob, charlie = await bob_responder(h.db), await charlie_viewer(h.db)
        one = await ask(h)
        two = await ask(h, NEW, "charlie@example.com")

        results = await asyncio.gather(
            confirm(h, one.token), confirm(h, two.token), return_exceptions=True
        )

        assert 1 == sum(isinstance(result, str) for result in results)
        assert 1 == sum(isinstance(result, Conflict) for result in results)
        found = {await address_of(h, bob), await address_of(h, charlie)}
        assert "robert@example.com" in found


async def test_a_change_closes_the_links_that_were_sent_to_the_old_address(house):
    async with house() as h:
        await bob_responder(h.db)
        await joining.ask_reset(h.db, AskMail(email="bob@example.com"), HERE, h.clock)
        (reset,) = await h.mails()
        mail = await ask(h)

        await confirm(h, mail.token)

        with pytest.raises(NotFound):
            await doors.look(h.db, reset.token, h.clock)


async def test_the_link_of_an_address_sets_no_password_and_that_of_a_password_no_address(house):
    async with house() as h:
        bob = await bob_responder(h.db)
        mail = await ask(h)
        await joining.ask_reset(h.db, AskMail(email="bob@example.com"), HERE, h.clock)
        reset = (await h.mails())[-1]

        with pytest.raises(NotFound):
            await doors.enter(
                h.db, mail.token, ResetPassword(password="ten herons now"), HERE, h.clock
            )
        with pytest.raises(NotFound):
            await confirm(h, reset.token)

        assert "bob@example.com" == await address_of(h, bob)
        assert await signed_in(h)


async def test_people_move_only_within_the_domains_and_administrators_anywhere(house):
    async with house() as h:
        alice, _bob = await alice_admin(h.db), await bob_responder(h.db)
        async with h.db.write() as tx:
            await policy.change(tx, alice, PolicyChange(domains=["example.com"]), h.clock)
        elsewhere = NewAddress(email="me@example.org", password=PASSWORD)

        with pytest.raises(Invalid) as raised:
            await ask(h, elsewhere)
        mail = await ask(h, elsewhere, "alice@example.com")

        assert ["Addresses here are at example.com."] == [
            str(one.what) for one in raised.value.problems
        ]
        assert "me@example.org" == mail.to


async def test_ones_own_address_is_no_change(house):
    async with house() as h:
        await bob_responder(h.db)

        with pytest.raises(Conflict, match="your address already"):
            await ask(h, NewAddress(email="bob@example.com", password=PASSWORD))

"""Signing up, and links by mail. Strangers learn nothing of who is here."""

import asyncio

import pytest

from bongsu.accounts import addresses, doors, entry, joining, policy, service, sessions, store
from bongsu.accounts.inputs import (
    AskMail,
    Confirmed,
    Invited,
    NewPerson,
    PersonChange,
    PolicyChange,
    ResetPassword,
    SignIn,
    SignUp,
)
from bongsu.accounts.model import SYSTEM
from bongsu.accounts.visit import Visit
from bongsu.kit.errors import Conflict, Invalid, NotAllowed, NotFound, NotVerified, TooMany
from tests.people import PASSWORD, alice_admin, bob_responder, person

HERE = Visit("203.0.113.7", "a browser", public_url="https://bongsu.example.com")
CHOSEN = "a kingfisher in rain"
SQUATTERS = "the squatter knows"
ERIN = SignUp(email="Erin@Example.com", name="Erin", password=CHOSEN)


async def opened(h, **rules):
    alice = await alice_admin(h.db)
    async with h.db.write() as tx:
        await policy.change(tx, alice, PolicyChange(**({"join": "open"} | rules)), h.clock)
    return alice


async def sign_up(h, form=ERIN, visit=HERE):
    await joining.sign_up(h.db, form, visit, h.clock)


async def sign_in(h, email="erin@example.com", password=CHOSEN):
    form = SignIn(email=email, password=password)
    return await sessions.sign_in(h.db, form, HERE, h.clock)


async def verify(h, token, password=CHOSEN):
    return await addresses.confirm(h.db, token, Confirmed(password=password), HERE, h.clock)


async def who(h, cookie):
    found = await entry.signed_in(h.db, cookie, h.clock.now())
    return found and (found.actor.name, found.actor.role)


async def known(h, email="erin@example.com"):
    async with h.db.read() as tx:
        return await store.user_by_email(tx, email)


async def test_erin_signs_up_verifies_her_address_and_is_in(house):
    async with house() as h:
        await opened(h, role="responder")

        await sign_up(h)
        (mail,) = await h.mails()
        cookie = await verify(h, mail.token)

        assert ("erin@example.com", "Verify your mail address") == (mail.to, mail.subject)
        assert ("Erin", "responder") == await who(h, cookie)
        assert await sign_in(h)
        types = ["user.signed_up", "user.link_made", "user.verified", "session.signed_in"]
        assert types == (await h.types())[1:5]
        assert mail.token not in str(await h.events()) + mail.text


async def test_before_that_the_account_can_do_nothing(house):
    async with house() as h:
        await opened(h)
        await sign_up(h)

        with pytest.raises(NotVerified, match="not verified"):
            await sign_in(h)

        erin = await known(h)
        assert (True, False, False) == (erin.unverified, erin.active, erin.invited)


async def test_a_wrong_password_tells_nothing_of_an_account_that_waits(house):
    async with house() as h:
        await opened(h)
        await sign_up(h)

        with pytest.raises(Exception, match="do not match") as raised:
            await sign_in(h, password="not this one at all")

        assert not isinstance(raised.value, NotVerified)


@pytest.mark.parametrize(("join", "words"), [("invite", "by invitation"), ("closed", "Nobody new")])
async def test_where_it_is_not_open_the_answer_says_whom_to_ask(house, join, words):
    async with house() as h:
        await opened(h, join=join)

        with pytest.raises(NotAllowed, match=words):
            await sign_up(h)

        assert (None, []) == (await known(h), await h.mails())


async def test_only_addresses_of_the_named_domains_may_sign_up(house):
    async with house() as h:
        await opened(h, domains=["example.org"])

        with pytest.raises(Invalid) as raised:
            await sign_up(h)
        await sign_up(h, ERIN.model_copy(update={"email": "erin@example.org"}))

        (problem,) = raised.value.problems
        assert ("email", "People join here with an address at example.org.") == (
            problem.where,
            str(problem.what),
        )
        assert ["erin@example.org"] == [mail.to for mail in await h.mails()]


async def test_nobody_becomes_the_first_administrator_by_signing_up(house):
    async with house() as h:
        async with h.db.write() as tx:
            link = await doors.make_door(tx, "admin", None, h.clock.now())
            await policy.change(tx, SYSTEM, PolicyChange(join="open", role="editor"), h.clock)

        await sign_up(h)
        (mail,) = await h.mails()
        cookie = await verify(h, mail.token)

        assert ("Erin", "editor") == await who(h, cookie)
        assert "admin" == (await doors.look(h.db, link, h.clock)).purpose


# --- who is here is not told


async def test_a_known_address_gets_the_same_answer_and_a_mail_of_its_own(house):
    async with house() as h:
        await opened(h)
        await bob_responder(h.db)

        await sign_up(h, ERIN.model_copy(update={"email": "bob@example.com", "name": "Eve"}))

        (mail,) = await h.mails()
        assert ("bob@example.com", "You have an account already", "") == (
            mail.to,
            mail.subject,
            mail.token,
        )
        assert "Eve" not in mail.text
        bob = await known(h, "bob@example.com")
        assert ("Bob", "responder") == (bob.name, bob.role)
        assert await sign_in(h, "bob@example.com", PASSWORD)


async def test_signing_up_costs_the_same_hashing_and_nearly_the_same_statements(house):
    async with house() as h:
        await opened(h)
        await bob_responder(h.db)
        hashed = []

        class Counting:
            async def hash(self, password):
                hashed.append(password)
                return "$argon2id$x"

        seen, counts = h.statements(), []
        for email in ("bob@example.com", "erin@example.com"):
            seen.clear()
            form = ERIN.model_copy(update={"email": email})
            await joining.sign_up(h.db, form, HERE, h.clock, Counting())
            counts.append(len(seen))

        assert [CHOSEN] * 2 == hashed
        assert abs(counts[0] - counts[1]) <= 2


async def test_asking_for_a_new_password_costs_a_stranger_the_same_statements(house):
    async with house() as h:
        await bob_responder(h.db)
        seen, counts = h.statements(), []
        for email in ("bob@example.com", "nobody@example.com"):
            seen.clear()
            await joining.ask_reset(h.db, AskMail(email=email), HERE, h.clock)
            counts.append([one.split()[0] for one in seen if not one.startswith(("SAVE", "ROLLB"))])

        assert counts[0] == counts[1]
        assert ["bob@example.com"] == [mail.to for mail in await h.mails()]
        assert ["user.link_made", "user.link_refused"] == await h.types("user.")
        assert "nobody" not in str(await h.events())


async def test_an_invited_person_who_signs_up_gets_the_invitation_and_its_role(house):
    async with house() as h:
        alice = await opened(h)
        async with h.db.write() as tx:
            form = NewPerson(email="erin@example.com", name="Erin Park", role="editor")
            await service.invite(tx, alice, form, HERE, h.clock)

        await sign_up(h)
        invitation, again = await h.mails()
        form = Invited(name="Erin Park", password=PASSWORD)
        cookie = await doors.enter(h.db, again.token, form, HERE, h.clock)

        assert ["You are invited"] * 2 == [invitation.subject, again.subject]
        assert "Alice invites you" in invitation.lead
        assert ("Erin Park", "editor") == await who(h, cookie)


async def test_a_disabled_person_is_told_by_mail_and_stays_out(house):
    async with house() as h:
        alice = await opened(h)
        bob = await bob_responder(h.db)
        async with h.db.write() as tx:
            await service.update_user(tx, alice, bob.id, PersonChange(disabled=True), h.clock)

        await sign_up(h, ERIN.model_copy(update={"email": "bob@example.com"}))
        await joining.ask_reset(h.db, AskMail(email="bob@example.com"), HERE, h.clock)

        assert [("Your account is disabled", "")] * 2 == [
            (mail.subject, mail.token) for mail in await h.mails()
        ]


# --- squatters


async def test_who_signs_up_with_my_address_gets_nothing_from_my_click(house):
    """The link alone verifies nothing: it was the stranger who chose the password."""
    async with house() as h:
        await opened(h)
        await sign_up(h, SignUp(email="erin@example.com", name="Erin", password=SQUATTERS))
        (mail,) = await h.mails()

        with pytest.raises(Invalid):
            await verify(h, mail.token, CHOSEN)

        assert (await known(h)).unverified


async def test_the_owner_takes_a_squatted_account_by_a_new_password(house):
    async with house() as h:
        await opened(h)
        squatter = SignUp(email="erin@example.com", name="Eve", password=SQUATTERS)
        await sign_up(h, squatter)

        await joining.ask_reset(h.db, AskMail(email="erin@example.com"), HERE, h.clock)
        first, second = await h.mails()
        form = ResetPassword(password=CHOSEN)
        assert await doors.enter(h.db, second.token, form, HERE, h.clock)

        assert not (await known(h)).unverified
        assert await sign_in(h)
        with pytest.raises(Exception, match="do not match"):
            await sign_in(h, password=SQUATTERS)
        with pytest.raises(NotFound):
            await verify(h, first.token, SQUATTERS)


async def test_the_last_sign_up_before_the_verification_counts(house):
    async with house() as h:
        await opened(h)
        await sign_up(h, SignUp(email="erin@example.com", name="Old", password="forgotten by now"))
        await sign_up(h)
        first, _second = await h.mails()

        cookie = await verify(h, first.token)

        assert ("Erin", "viewer") == await who(h, cookie)
        assert 2 == (await h.types()).count("user.signed_up") + (await h.types()).count(
            "user.signed_up_again"
        )


async def test_an_account_that_nobody_verified_is_forgotten_after_a_week(house):
    async with house() as h:
        await opened(h)
        await sign_up(h)
        first = await known(h)
        h.clock.advance(8 * 86_400)

        await sign_up(h, SignUp(email="frank@example.com", name="Frank", password=CHOSEN))

        assert (None, "Erin") == (await known(h), first.name)
        assert await known(h, "frank@example.com")


async def test_of_many_who_sign_up_with_one_address_at_once_one_account_is_made(house):
    async with house() as h:
        await opened(h)
        visits = [Visit(f"203.0.113.{n}", public_url="https://x.example.com") for n in range(3)]

        await asyncio.gather(*(sign_up(h, ERIN, visit) for visit in visits))

        assert 1 == (await h.types()).count("user.signed_up")
        assert 3 == len(await h.mails())


# --- limits


async def test_nobodys_letter_box_is_filled(house):
    async with house() as h:
        await opened(h)
        for n in range(3):
            await sign_up(h, visit=Visit(f"203.0.113.{n}"))

        with pytest.raises(TooMany) as raised:
            await sign_up(h, visit=Visit("203.0.113.99"))

        assert 0 < raised.value.retry_after_s <= 60
        assert 3 == len(await h.mails())


async def test_one_address_cannot_go_through_a_list(house):
    async with house() as h:
        for n in range(15):
            await joining.ask_reset(h.db, AskMail(email=f"a{n}@example.com"), HERE, h.clock)

        with pytest.raises(TooMany):
            await joining.ask_reset(h.db, AskMail(email="b@example.com"), HERE, h.clock)


async def test_a_limit_is_looked_at_before_anything_is_hashed(house):
    async with house() as h:
        await opened(h)
        for n in range(3):
            await sign_up(h, visit=Visit(f"203.0.113.{n}"))

        class Never:
            @staticmethod
            async def hash(password):
                raise AssertionError(password)

        with pytest.raises(TooMany):
            await joining.sign_up(h.db, ERIN, HERE, h.clock, Never())


# --- links by mail


async def test_a_forgotten_password_is_replaced_by_mail_and_every_session_ends(house):
    async with house() as h:
        await bob_responder(h.db)
        before = await sign_in(h, "bob@example.com", PASSWORD)

        await joining.ask_reset(h.db, AskMail(email="BOB@example.com"), HERE, h.clock)
        (mail,) = await h.mails()
        after = await doors.enter(h.db, mail.token, ResetPassword(password=CHOSEN), HERE, h.clock)

        assert ("bob@example.com", "A new password") == (mail.to, mail.subject)
        assert (None, ("Bob", "responder")) == (await who(h, before), await who(h, after))
        with pytest.raises(NotFound):
            await doors.enter(h.db, mail.token, ResetPassword(password=CHOSEN), HERE, h.clock)


async def test_who_signs_in_elsewhere_gets_no_password_by_mail(house):
    async with house() as h:
        bob = await person(h.db, "Bob", "viewer", password_hash=None)
        async with h.db.write() as tx:
            await store.update_user(tx, bob.id, verified_at=h.clock.now())

        await joining.ask_reset(h.db, AskMail(email="bob@example.com"), HERE, h.clock)

        (mail,) = await h.mails()
        assert ("You have no password here", "") == (mail.subject, mail.token)


async def test_the_link_that_verifies_is_sent_again_only_to_who_needs_it(house):
    async with house() as h:
        await opened(h)
        await bob_responder(h.db)
        await sign_up(h)

        for email in ("erin@example.com", "bob@example.com", "nobody@example.com"):
            await joining.ask_verification(h.db, AskMail(email=email), HERE, h.clock)

        first, second = await h.mails()
        assert ["erin@example.com"] * 2 == [first.to, second.to]
        assert await verify(h, second.token)


async def test_mails_speak_the_language_of_the_person(house):
    async with house() as h:
        await opened(h)

        await sign_up(h, ERIN.model_copy(update={"language": "ko"}))

        (mail,) = await h.mails()
        assert "메일 주소를 확인하세요" == mail.subject
        assert "bongsu.example.com에서" in mail.lead


async def test_where_nobody_new_may_join_administrators_invite_nobody_either(house):
    async with house() as h:
        alice = await opened(h, join="closed")

        async with h.db.write() as tx:
            with pytest.raises(Conflict, match="Nobody new"):
                form = NewPerson(email="erin@example.com", name="Erin")
                await service.invite(tx, alice, form, HERE, h.clock)


async def test_who_was_named_in_a_file_comes_in_by_a_mail_of_their_own_asking(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with h.db.write() as tx:
            form = NewPerson(email="erin@example.com", name="Erin")
            await service.add_person(tx, alice, form, h.clock)
        assert [] == await h.mails()

        await joining.ask_reset(h.db, AskMail(email="erin@example.com"), HERE, h.clock)
        (mail,) = await h.mails()
        form = Invited(name="Erin", password=CHOSEN)
        cookie = await doors.enter(h.db, mail.token, form, HERE, h.clock)

        assert ("You are invited", ("Erin", "viewer")) == (mail.subject, await who(h, cookie))

"""Who may join: one row, changed by administrators, with an event that says what was and what is."""

import asyncio

import pytest
from pydantic import ValidationError

from bongsu.accounts import policy
from bongsu.accounts.inputs import PolicyChange
from bongsu.accounts.policy import Policy
from bongsu.kit.errors import NotAllowed
from tests.people import alice_admin, dana_editor


async def test_a_new_house_takes_people_by_invitation_as_viewers_and_wants_no_second_factor(house):
    async with house() as h, h.db.read() as tx:
        assert Policy("invite", "viewer", (), mfa_required=False) == await policy.load(tx)


async def test_a_change_keeps_the_rest_and_says_what_was_and_what_is(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        form = PolicyChange(join="open", domains=["@Example.com", "example.com", "example.org"])

        async with h.db.write() as tx:
            after = await policy.change(tx, alice, form, h.clock)
        async with h.db.read() as tx:
            kept = await policy.load(tx)

        assert Policy("open", "viewer", ("example.com", "example.org")) == after == kept
        event = (await h.events("policy."))[-1]
        assert ("policy.changed", "policy/entry", alice.ref) == (
            event.type,
            event.subject,
            event.actor,
        )
        assert ["join", "domains"] == event.data["changed"]
        assert ("invite", "open") == (event.data["before"]["join"], event.data["after"]["join"])


async def test_a_change_of_nothing_says_nothing(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with h.db.write() as tx:
            await policy.change(tx, alice, PolicyChange(join="invite", role="viewer"), h.clock)

        assert [] == await h.types("policy.")


async def test_only_an_administrator_sees_and_changes_it(house):
    async with house() as h:
        dana = await dana_editor(h.db)
        async with h.db.write() as tx:
            with pytest.raises(NotAllowed):
                await policy.get(tx, dana)
            with pytest.raises(NotAllowed):
                await policy.change(tx, dana, PolicyChange(join="open"), h.clock)


async def test_two_who_change_it_at_once_both_have_their_way(house):
    async with house() as h:
        alice = await alice_admin(h.db)

        async def change(**values):
            async with h.db.write() as tx:
                await policy.change(tx, alice, PolicyChange(**values), h.clock)

        await asyncio.gather(change(join="open"), change(oidc_trusted=True), change(role="editor"))
        async with h.db.read() as tx:
            after = await policy.load(tx)

        assert Policy("open", "editor", (), oidc_trusted=True) == after


@pytest.mark.parametrize("values", [{"role": "admin"}, {"domains": ["a b"]}, {"join": "never"}])
def test_nobody_becomes_an_administrator_by_signing_up_and_nonsense_is_refused(values):
    with pytest.raises(ValidationError):
        PolicyChange.model_validate(values)


@pytest.mark.parametrize(
    ("email", "taken"),
    [("a@example.com", True), ("a@sub.example.com", False), ("a@example.com.evil.test", False)],
)
def test_a_domain_is_taken_as_a_whole(email, taken):
    assert taken is Policy(domains=("example.com",)).takes(email)
    assert Policy().takes(email)

import pytest

from bongsu.accounts.model import SYSTEM
from bongsu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from bongsu.rules import service, store
from bongsu.rules.builtin import install_builtin
from bongsu.rules.model import RuleDraft
from tests.incidents.support import House, add_channel, house
from tests.people import dana_editor

DRAFT = RuleDraft(name="mine", when={"source": ["x"]}, do=({"incident": {}},))


async def test_what_is_saved_is_an_event_with_before_and_after(db):
    async with db() as database:
        home = await house(database)
        dana = await dana_editor(database)
        async with database.write() as tx:
            await service.create(tx, dana, DRAFT, home.clock, defined_in="a.yaml:3")
        changed = DRAFT.model_copy(update={"when": {"source": ["y"]}})
        async with database.write() as tx:
            await service.update(tx, dana, "mine", changed, home.clock)
            await service.update(tx, dana, "mine", changed, home.clock)
        async with database.write() as tx:
            await service.switch(tx, dana, "mine", False, home.clock)
            await service.switch(tx, dana, "mine", False, home.clock)
        events = await home.events("rule.")
        async with database.read() as tx:
            found = await service.get(tx, "mine")

    assert ["rule.created", "rule.updated", "rule.updated"] == [e.type for e in events]
    assert [[], ["when"], ["enabled"]] == [e.data["changed"] for e in events]
    assert {dana.ref} == {e.actor for e in events}
    assert ({"source": ["y"]}, False, "a.yaml:3") == (
        found.pattern,
        found.enabled,
        found.defined_in,
    )


async def test_a_taken_name_a_missing_rule_and_a_missing_channel_are_said(db):
    async with db() as database:
        home = await house(database)
        missing = DRAFT.model_copy(update={"name": "b", "do": ({"deliver": {"channel": "ops"}},)})
        async with database.write() as tx:
            await service.create(tx, SYSTEM, DRAFT, home.clock)
            with pytest.raises(Conflict, match="rule named mine already exists"):
                await service.create(tx, SYSTEM, DRAFT, home.clock)
            with pytest.raises(NotFound, match="no rule other"):
                await service.update(tx, SYSTEM, "other", DRAFT, home.clock)
            with pytest.raises(Invalid) as caught:
                await service.create(tx, SYSTEM, missing, home.clock)
            await add_channel(tx, "ops", home.clock.now())
            await service.create(tx, SYSTEM, missing, home.clock)

    assert ["do[0].deliver.channel"] == [p.where for p in caught.value.problems]


async def test_an_editor_changes_rules_and_only_an_admin_deletes_them(db):
    async with db() as database:
        home = await house(database)
        dana = await dana_editor(database)
        kim = home.people["Kim"]
        async with database.write() as tx:
            with pytest.raises(NotAllowed):
                await service.create(tx, kim, DRAFT, home.clock)
            await service.create(tx, dana, DRAFT, home.clock)
            for refused in (
                service.switch(tx, kim, "mine", False, home.clock),
                service.update(tx, kim, "mine", DRAFT, home.clock),
                service.delete(tx, dana, "mine", home.clock),
            ):
                with pytest.raises(NotAllowed):
                    await refused
            await service.delete(tx, home.people["Alice"], "mine", home.clock)

            assert [] == await store.every(tx)


async def _builtin(home: House):
    async with home.db.write() as tx:
        await install_builtin(tx, home.clock)


async def test_a_built_in_rule_can_be_switched_off_and_changed_and_not_deleted(db):
    async with db() as database:
        home = await house(database)
        await _builtin(home)
        async with database.write() as tx:
            await service.switch(tx, SYSTEM, "tell-owner", False, home.clock)
            with pytest.raises(Conflict, match="Switch it off"):
                await service.delete(tx, SYSTEM, "tell-owner", home.clock)
        await _builtin(home)
        async with database.read() as tx:
            assert not (await service.get(tx, "tell-owner")).enabled


async def test_a_built_in_rule_that_a_file_defined_becomes_itself_when_the_file_lets_it_go(db):
    async with db() as database:
        home = await house(database)
        await _builtin(home)
        own = DRAFT.model_copy(update={"name": "tell-owner"})
        async with database.write() as tx:
            before = await service.get(tx, "tell-owner")
            await service.update(tx, SYSTEM, "tell-owner", own, home.clock, defined_in="a.yaml:1")
            changed = await service.get(tx, "tell-owner")
            await service.delete(tx, SYSTEM, "tell-owner", home.clock)
            after = await service.get(tx, "tell-owner")

    assert {"source": ["x"]} == changed.pattern
    assert before == after

import pytest

from bongsu.accounts.model import SYSTEM, Actor
from bongsu.events import log
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from bongsu.services import service, store
from bongsu.services.model import ServiceDraft

CLOCK = ManualClock()
ALICE = Actor("user", 1, "Alice", "alice@example.com", "admin")
BOB = Actor("user", 2, "Bob", "bob@example.com", "editor")


async def test_an_admin_registers_changes_and_deletes_and_each_is_an_event(db):
    async with db() as database:
        async with database.write() as tx:
            await service.create(tx, ALICE, ServiceDraft(name="shop", group="Retail"), CLOCK)
        async with database.write() as tx:
            await service.update(tx, ALICE, "shop", ServiceDraft(name="shop", title="Shop!"), CLOCK)
        async with database.write() as tx:
            await service.delete(tx, ALICE, "shop", CLOCK)

        async with database.read() as tx:
            events = await log.read_after(tx, 0, 10)
            assert await store.every(tx) == []

    assert ["service.created", "service.updated", "service.deleted"] == [e.type for e in events]
    assert events[1].data["changed"] == ["title", "group"]
    assert events[1].actor == "user/1"


def test_titles_stay_on_one_line_because_mails_have_subjects():
    draft = ServiceDraft(name="shop", title="Shop\r\nBcc: x@example.com", group="a\nb")

    assert ("Shop Bcc: x@example.com", "a b") == (draft.title, draft.group)


async def test_an_update_that_changes_nothing_is_no_event(db):
    async with db() as database:
        async with database.write() as tx:
            await service.create(tx, SYSTEM, ServiceDraft(name="shop"), CLOCK)
        async with database.write() as tx:
            await service.update(tx, SYSTEM, "shop", ServiceDraft(name="shop"), CLOCK)

        async with database.read() as tx:
            assert len(await log.read_after(tx, 0, 10)) == 1


@pytest.mark.parametrize("what", ["create", "update", "delete"])
async def test_an_editor_may_do_none_of_it(db, what):
    async with db() as database:
        async with database.write() as tx:
            await service.create(tx, ALICE, ServiceDraft(name="shop"), CLOCK)
        calls = {
            "create": lambda tx: service.create(tx, BOB, ServiceDraft(name="other"), CLOCK),
            "update": lambda tx: service.update(
                tx, BOB, "shop", ServiceDraft(name="shop", title="x"), CLOCK
            ),
            "delete": lambda tx: service.delete(tx, BOB, "shop", CLOCK),
        }
        with pytest.raises(NotAllowed, match="role Administrator"):
            async with database.write() as tx:
                await calls[what](tx)

        async with database.read() as tx:
            assert [s.title for s in await store.every(tx)] == ["shop"]


async def test_a_taken_name_an_unknown_team_and_an_unknown_service_are_refused_by_name(db):
    async with db() as database, database.write() as tx:
        await service.create(tx, ALICE, ServiceDraft(name="shop"), CLOCK)
        with pytest.raises(Conflict, match="shop"):
            await service.create(tx, ALICE, ServiceDraft(name="shop"), CLOCK)
        with pytest.raises(Invalid) as refused:
            await service.create(tx, ALICE, ServiceDraft(name="b", owners=("ghosts",)), CLOCK)
        with pytest.raises(NotFound, match="nowhere"):
            await service.get(tx, "nowhere")

    assert "ghosts" in refused.value.problems[0].to("en")

"""Comments and files on an incident: each is a line of its timeline and an event, and follows what it becomes."""

import io
from pathlib import Path

import pytest

from bongsu.incidents import service, store
from bongsu.incidents.gate import GATE
from bongsu.kit.errors import NotAllowed, NotFound
from bongsu.notes import service as notes
from bongsu.notes import service_files
from bongsu.notes import store as written
from bongsu.notes.service_files import Sent
from bongsu.objects.folder import FolderObjects
from bongsu.objects.outbox import Outbox
from tests.incidents.support import House, house
from tests.incidents.test_service import apply
from tests.people import charlie_viewer

GATES = {"incident": GATE}


async def add(home: House, who: str, text: str) -> int:
    async with home.db.write() as tx:
        saved = await notes.add(tx, GATES, home.people[who], "incident/1", text, home.clock)
        return saved.note.id


async def lines(home: House) -> list[tuple[str, str, int | None]]:
    """What notes left in the timeline."""
    async with home.db.read() as tx:
        found = await store.entries(tx, 1)
    kinds = {"comment", "uncommented", "attached", "detached"}
    return [(one.kind, str(one.said), one.note_id) for one in found if one.kind in kinds]


async def test_a_comment_is_a_line_and_an_event_that_names_who_is_mentioned(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        number = await add(home, "Kim", "**Look**, @Lee")
        [event] = await home.events("incident.commented")

        assert await lines(home) == [("comment", "**Look**, @Lee", number)]
        assert (event.subject, event.resources) == ("incident/1", (f"service/{home.service_id}",))
        assert event.data["note"] == {
            "id": number, "text": "**Look**, @Lee", "mentions": [home.people["Lee"].id],
        }  # fmt: skip
        assert event.data["reason"]["args"]["words"] == "**Look**, @Lee"
        assert event.actor == home.people["Kim"].ref


async def test_the_line_follows_what_becomes_of_the_comment(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        number = await add(home, "Kim", "The password is hunter2")
        after = []
        for use, args in (
            (notes.edit, (number, "Fixed")),
            (notes.remove, (number,)),
            (notes.restore, (number,)),
        ):
            async with database.write() as tx:
                await use(tx, GATES, home.people["Kim"], *args, home.clock)
            after.append(await lines(home))

        assert after == [
            [("comment", "Fixed", number)],
            [("uncommented", "A comment was removed", number)],
            [("comment", "Fixed", number)],
        ]
        kinds = [event.type for event in await home.events("incident.comment")]
        assert kinds == [
            "incident.commented", "incident.comment_edited", "incident.comment_deleted",
            "incident.commented",
        ]  # fmt: skip


async def test_files_are_lines_with_their_names(db, tmp_path: Path):
    async with db() as database:
        home = await house(database)
        await apply(home)
        outbox = Outbox(tmp_path / "outbox", FolderObjects(tmp_path / "store"))
        sent = [Sent(name, 1, io.BytesIO(b"x")) for name in ("a.txt", "b.txt")]
        done = await service_files.attach(
            database, outbox, GATES, home.people["Kim"], "incident/1", sent, home.clock
        )
        async with database.write() as tx:
            await service_files.remove(tx, GATES, home.people["Kim"], done.files[0].id, home.clock)
        [event] = await home.events("incident.attached")

        assert await lines(home) == [
            ("attached", "Kim attached a.txt, b.txt", None),
            ("detached", "Kim removed a.txt", None),
        ]
        assert [one["name"] for one in event.data["files"]] == ["a.txt", "b.txt"]


async def test_a_comment_by_the_command_line_is_one_of_the_page(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        async with database.write() as tx:
            await service.comment(tx, home.people["Kim"], 1, "by hand", home.clock)
        async with database.read() as tx:
            [note] = await written.listed(tx, "incident/1")

        assert (note.text, note.author_id) == ("by hand", home.people["Kim"].id)
        assert await lines(home) == [("comment", "by hand", note.id)]


async def test_everybody_reads_responders_write_and_administrators_keep_order(db):
    async with db() as database:
        home = await house(database)
        home.people["Charlie"] = await charlie_viewer(database)
        await apply(home)
        number = await add(home, "Kim", "rude")
        async with database.read() as tx:
            subjects = {
                name: await GATE.read(tx, home.people[name], 1)
                for name in ("Alice", "Kim", "Charlie")
            }
            told = [
                await GATE.may_read(tx, subjects["Kim"], one.id) for one in home.people.values()
            ]
            nobody = await GATE.may_read(tx, subjects["Kim"], 999)
        with pytest.raises(NotAllowed):
            await add(home, "Charlie", "x")
        for who in ("Lee", "Charlie"):
            with pytest.raises(NotAllowed):
                async with database.write() as tx:
                    await notes.remove(tx, GATES, home.people[who], number, home.clock)
        async with database.write() as tx:
            await notes.remove(tx, GATES, home.people["Alice"], number, home.clock)
            with pytest.raises(NotFound):
                await GATE.read(tx, home.people["Alice"], 2)

        assert {name: one.manager for name, one in subjects.items()} == {
            "Alice": True, "Kim": False, "Charlie": False,
        }  # fmt: skip
        assert (told, nobody) == ([True] * 4, False)
        assert (subjects["Kim"].title, subjects["Kim"].href) == ("INC-1", "/incidents/1")

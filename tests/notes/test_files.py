"""Attachments: kept whole, at once, in full or not at all; and gone when they are removed."""

import pytest

from bongsu.kit.errors import Conflict, Invalid, NotAllowed, NotFound, ObjectsAway, TooLarge
from bongsu.notes import service, service_files, store_files
from bongsu.notes.model import FILE_BYTES, FILES_AT_ONCE, FILES_PER_SUBJECT, UNDO
from bongsu.notes.worker import Worker
from tests.notes import pictures as files
from tests.notes.support import KEY, desk

PNG = files.picture("PNG")


async def kept(at, prefix: str = "attachments"):
    return [one.key for one in await at.objects.list(prefix)]


async def test_a_file_is_there_when_the_answer_is_even_while_the_object_store_is_away(db, tmp_path):
    async with desk(db, tmp_path) as at:
        at.store.closed = True
        done = await at.attach("Bob", ("cat.png", PNG))

        [one] = done.files
        assert (one.name, one.size_bytes, one.kind, one.picture) == (
            "cat.png",
            len(PNG),
            "png",
            "waiting",
        )
        assert await at.objects.get(one.key) == PNG
        assert await at.attachment("Dan", one.id) == one
        assert at.heard == ["attached"]
        assert [fact.name for fact in at.told.files] == ["cat.png"]


async def test_several_files_and_a_comment_are_one_save(db, tmp_path):
    async with desk(db, tmp_path) as at:
        done = await at.attach("Bob", ("a.txt", b"a"), ("b.txt", b"b"), text="both, @Alice")

        assert done.comment is not None
        assert {one.note_id for one in done.files} == {done.comment.note.id}
        assert at.heard == ["commented"]
        assert [fact.name for fact in at.told.files] == ["a.txt", "b.txt"]
        assert at.told.mentions == (at.people["Alice"].id,)


@pytest.mark.parametrize(
    ("name", "data", "kind", "claimed", "picture"),
    [
        ("cat.png", files.HTML, "html", "png", "none"),
        ("cat.png", files.SVG, "svg", "png", "none"),
        ("cat.png", files.picture("JPEG"), "jpeg", "png", "waiting"),
        ("cat.svg", files.SVG, "svg", None, "none"),
        ("bomb.zip", files.zip_bomb(), "zip", None, "none"),
        ("empty.txt", b"", "text", None, "none"),
        ("half.png", PNG[:40], "png", None, "waiting"),
    ],
)  # fmt: skip
async def test_a_file_is_kept_as_what_it_is_whatever_its_name_says(
    db, tmp_path, name, data, kind, claimed, picture
):
    async with desk(db, tmp_path) as at:
        [one] = (await at.attach("Bob", (name, data))).files

        assert (one.name, one.kind, one.claimed, one.picture) == (name, kind, claimed, picture)
        assert await at.objects.get(one.key) == data


async def test_readers_and_strangers_attach_nothing_and_nothing_is_kept_of_it(db, tmp_path):
    async with desk(db, tmp_path) as at:
        for who, refusal in (("Dan", NotAllowed), ("Eve", NotFound)):
            with pytest.raises(refusal):
                await at.attach(who, ("a.txt", b"a"))

        assert await kept(at) == []


async def test_a_file_that_is_too_large_is_named_and_none_of_its_companions_is_kept(db, tmp_path):
    async with desk(db, tmp_path) as at:
        with pytest.raises(TooLarge) as refused:
            await at.attach("Bob", ("small.txt", b"a"), ("large.bin", bytes(FILE_BYTES + 1)))

        assert refused.value.said.to("ko").startswith("large.bin: 25.0MiB")
        assert "large.bin is 25.0 MiB; the most is 25 MiB a file." in str(refused.value)
        assert await kept(at) == []


async def test_twenty_five_mib_are_kept(db, tmp_path):
    async with desk(db, tmp_path) as at:
        [one] = (await at.attach("Bob", ("large.bin", bytes(FILE_BYTES)))).files

        assert len(await at.objects.get(one.key)) == FILE_BYTES


async def test_no_file_and_too_many_at_once_are_refused(db, tmp_path):
    async with desk(db, tmp_path) as at:
        with pytest.raises(Invalid):
            await at.attach("Bob")
        with pytest.raises(TooLarge, match="21"):
            await at.attach("Bob", *((f"{n}.txt", b"x") for n in range(FILES_AT_ONCE + 1)))


async def test_a_thing_has_room_for_a_hundred_attachments(db, tmp_path):
    async with desk(db, tmp_path) as at:
        for _ in range(FILES_PER_SUBJECT // FILES_AT_ONCE - 1):
            await at.attach("Bob", *((f"{n}.txt", b"x") for n in range(FILES_AT_ONCE)))
        await at.attach("Bob", *((f"{n}.txt", b"x") for n in range(FILES_AT_ONCE - 1)))
        before = len(await kept(at))
        with pytest.raises(Conflict, match="99"):
            await at.attach("Bob", ("a.txt", b"a"), ("b.txt", b"b"))
        [last] = (await at.attach("Bob", ("a.txt", b"a"))).files
        with pytest.raises(Conflict):
            await service_files.check(at.db, at.gates, at.people["Bob"], KEY)
        await at.write(service_files.remove, "Bob", last.id)
        await service_files.check(at.db, at.gates, at.people["Bob"], KEY)

        assert (before, len(await kept(at))) == (99, 100)


async def test_when_the_disk_refuses_the_second_file_the_first_is_taken_back(db, tmp_path):
    async with desk(db, tmp_path) as at:
        put, asked = at.objects.put_file_later, []

        async def full(key, file, content_type):
            asked.append(key)
            if len(asked) == 2:
                raise ObjectsAway("no space left on device")
            await put(key, file, content_type)

        at.objects.put_file_later = full
        with pytest.raises(ObjectsAway):
            await at.attach("Bob", ("a.txt", b"a"), ("b.txt", b"b"))
        async with at.db.read() as tx:
            assert await store_files.of_subject(tx, KEY) == []

        assert await kept(at) == []
        assert at.heard == []


async def test_when_the_comment_is_refused_its_files_are_not_kept_either(db, tmp_path):
    async with desk(db, tmp_path) as at:
        with pytest.raises(Invalid):
            await at.attach("Bob", ("a.txt", b"a"), text="x" * 70_000)

        assert await kept(at) == []


# --- reading


async def test_a_stranger_is_told_of_no_attachment(db, tmp_path):
    async with desk(db, tmp_path) as at:
        [one] = (await at.attach("Bob", ("a.txt", b"a"))).files
        told = []
        for number in (one.id, one.id + 1):
            with pytest.raises(NotFound) as refused:
                await at.attachment("Eve", number)
            told.append(str(refused.value).replace(str(number), "N"))

        assert told[0] == told[1]


async def test_the_original_of_a_picture_is_for_its_sender_and_for_managers(db, tmp_path):
    """It may tell where it was taken. Files that are no pictures are for everybody who reads."""
    async with desk(db, tmp_path) as at:
        picture, text = (await at.attach("Bob", ("cat.png", PNG), ("a.txt", b"a"))).files
        async with at.db.read() as tx:
            for who in ("Alice", "Bob"):
                await service_files.get_original(tx, at.gates, at.people[who], picture.id)
            for who in ("Carol", "Dan"):
                await service_files.get_original(tx, at.gates, at.people[who], text.id)
                with pytest.raises(NotAllowed, match="where it was taken"):
                    await service_files.get_original(tx, at.gates, at.people[who], picture.id)
            with pytest.raises(NotFound):
                await service_files.get_original(tx, at.gates, at.people["Eve"], picture.id)


# --- removing


async def test_ones_own_file_is_removed_and_brought_back(db, tmp_path):
    async with desk(db, tmp_path) as at:
        [one] = (await at.attach("Bob", ("a.txt", b"a"))).files
        for who, refusal in (("Carol", NotAllowed), ("Dan", NotAllowed), ("Eve", NotFound)):
            with pytest.raises(refusal):
                await at.write(service_files.remove, who, one.id)
        await at.write(service_files.remove, "Alice", one.id)
        with pytest.raises(NotFound):
            await at.attachment("Bob", one.id)
        with pytest.raises(NotFound):
            await at.write(service_files.remove, "Bob", one.id)
        with pytest.raises(NotAllowed):
            await at.write(service_files.restore, "Bob", one.id)
        await at.write(service_files.restore, "Alice", one.id)

        assert (await at.attachment("Bob", one.id)).removed_at is None
        assert at.heard == ["attached", "detached", "attached"]


async def test_files_go_and_come_back_with_their_comment(db, tmp_path):
    async with desk(db, tmp_path) as at:
        done = await at.attach("Bob", ("a.txt", b"a"), ("b.txt", b"b"), text="both")
        await at.write(service_files.remove, "Bob", done.files[0].id)
        at.clock.advance(1)
        await at.write(service.remove, "Bob", done.comment.note.id)
        with pytest.raises(NotFound):
            await at.attachment("Bob", done.files[1].id)
        await at.write(service.restore, "Bob", done.comment.note.id)

        assert (await at.attachment("Bob", done.files[1].id)).name == "b.txt"
        with pytest.raises(NotFound):
            await at.attachment("Bob", done.files[0].id)
        assert at.heard == ["commented", "detached", "comment_deleted", "detached", "commented"]
        assert [one.name for one in at.told.files] == ["b.txt"]


async def test_five_minutes_after_its_removal_nothing_is_left_of_a_file(db, tmp_path):
    async with desk(db, tmp_path) as at:
        kept_one, gone = (await at.attach("Bob", ("a.png", PNG), ("b.png", PNG))).files
        worker = Worker(at.db, at.objects, at.clock)
        while await worker.step():
            pass
        await worker.pool.close()
        await at.write(service_files.remove, "Bob", gone.id)
        at.clock.advance(UNDO.total_seconds() - 1)
        early = await worker.sweep()
        with_all = len(await kept(at))
        at.clock.advance(2)
        at.store.closed = True
        while_away = await worker.sweep()
        at.store.closed = False

        assert (early, with_all, while_away) == (0, 6, 0)
        assert await worker.sweep() == 1
        assert await kept(at) == [f"{kept_one.folder}/{name}" for name in ("file", "thumb", "view")]
        async with at.db.read() as tx:
            assert await store_files.get(tx, gone.id) is None
        assert await worker.sweep() == 0

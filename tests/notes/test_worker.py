"""Small pictures: each waiting one is made once, by somebody, or says why not."""

import asyncio
import io

import pytest
from PIL import Image

from bongsu.kit.i18n import say
from bongsu.notes import service_files, store_files
from bongsu.notes.model import TRIES
from bongsu.notes.pool import Fault, Pool
from bongsu.notes.worker import GIVEN_UP, LATER, LEASE, Worker
from tests.notes import pictures as files
from tests.notes.support import desk

PNG = files.picture("PNG", 640, 480)


class Falls(Pool):
    """A pool whose child always falls."""

    asked = 0

    async def make(self, data):
        self.asked += 1
        raise Fault(say("The program that makes pictures small fell over this one."))


async def state(at, number):
    one = await at.attachment("Bob", number)
    return one.picture, str(one.refusal) if one.refusal else None, one.tries


async def test_a_picture_is_made_small_and_the_page_hears_of_it(db, tmp_path):
    async with desk(db, tmp_path) as at:
        data = files.picture("JPEG", 4000, 3000, exif=files.exif(6).tobytes())
        [sent] = (await at.attach("Bob", ("cat.jpg", data))).files
        worker = Worker(at.db, at.objects, at.clock)
        assert await worker.step() == 1
        assert await worker.step() == 0
        await worker.pool.close()
        one = await at.attachment("Bob", sent.id)
        thumb, view = await at.objects.get(one.thumb_key), await at.objects.get(one.view_key)

        assert (one.picture, one.width, one.height) == ("made", 3000, 4000)
        assert (one.thumb_width, one.thumb_height) == (240, 320)
        assert Image.open(io.BytesIO(thumb)).size == (240, 320)
        assert Image.open(io.BytesIO(view)).size == (1536, 2048)
        assert files.SECRET not in thumb + view
        [event] = await at.events("attachment.")
        assert (event.type, event.subject) == ("attachment.thumbnailed", f"attachment/{sent.id}")
        assert event.resources == ("thing/7",)
        assert event.data["after"] == {"picture": "made"}


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("bomb.png", files.png_bomb(), "It has far more than 64 megapixels."),
        ("half.png", PNG[: len(PNG) // 2], "The picture is cut off or damaged."),
        ("head.gif", b"GIF89a", "This is no PNG, JPEG, GIF, WebP or AVIF picture, or its head is damaged."),
    ],
)  # fmt: skip
async def test_what_cannot_be_made_small_says_why_at_once(db, tmp_path, name, data, reason):
    async with desk(db, tmp_path) as at:
        [sent] = (await at.attach("Bob", (name, data))).files
        worker = Worker(at.db, at.objects, at.clock)
        await worker.step()
        await worker.pool.close()

        assert await state(at, sent.id) == ("refused", reason, 1)
        [event] = await at.events("attachment.")
        assert (event.type, event.data["reason"]["text"][:6]) == ("attachment.refused", reason[:6])
        assert await at.objects.get(sent.key) == data


async def test_a_child_that_falls_is_tried_three_times(db, tmp_path):
    async with desk(db, tmp_path) as at:
        [sent] = (await at.attach("Bob", ("cat.png", PNG))).files
        worker = Worker(at.db, at.objects, at.clock, Falls())
        states = []
        for _ in range(TRIES):
            assert await worker.step() == 1
            assert await worker.step() == 0
            states.append(await state(at, sent.id))
            at.clock.advance(LATER.total_seconds() + 1)

        assert [one[0] for one in states] == ["waiting", "waiting", "refused"]
        assert states[-1][1] == "The program that makes pictures small fell over this one."
        assert await worker.step() == 0
        assert worker.pool.asked == TRIES  # type: ignore[attr-defined]


async def test_what_the_object_store_does_not_give_is_waited_for_without_end(db, tmp_path):
    async with desk(db, tmp_path) as at:
        [sent] = (await at.attach("Bob", ("cat.png", PNG))).files
        await at.store.put(sent.key, PNG)
        (tmp_path / "outbox" / sent.key.replace("/", "~")).unlink()
        at.store.closed = True
        worker = Worker(at.db, at.objects, at.clock)
        for _ in range(TRIES + 2):
            await worker.step()
            at.clock.advance(LATER.total_seconds() + 1)
        waiting = await state(at, sent.id)
        at.store.closed = False
        await worker.step()
        await worker.pool.close()

        assert waiting == ("waiting", None, 0)
        assert (await state(at, sent.id))[0] == "made"


async def test_a_file_that_is_gone_says_so(db, tmp_path):
    async with desk(db, tmp_path) as at:
        [sent] = (await at.attach("Bob", ("cat.png", PNG))).files
        await at.objects.delete(sent.key)
        worker = Worker(at.db, at.objects, at.clock)
        for _ in range(TRIES):
            await worker.step()
            at.clock.advance(LATER.total_seconds() + 1)

        assert await state(at, sent.id) == (
            "refused",
            "The file is not in the object store.",
            TRIES,
        )


async def test_two_workers_make_each_picture_once(db, tmp_path):
    async with desk(db, tmp_path) as at:
        await at.attach("Bob", *((f"{n}.png", PNG) for n in range(6)))
        workers = [Worker(at.db, at.objects, at.clock) for _ in range(2)]

        async def work(worker):
            done = 0
            while await worker.step():
                done += 1
            return done

        done = await asyncio.gather(*map(work, workers))
        await asyncio.gather(*(worker.pool.close() for worker in workers))

        assert sum(done) == 6
        assert len(await at.events("attachment.thumbnailed")) == 6


async def test_the_claim_of_a_worker_that_died_runs_out(db, tmp_path):
    async with desk(db, tmp_path) as at:
        [sent] = (await at.attach("Bob", ("cat.png", PNG))).files
        now = at.clock.now()
        async with at.db.write() as tx:
            dead = await store_files.claim(tx, now, now + LEASE)
        worker = Worker(at.db, at.objects, at.clock)
        assert await worker.step() == 0
        at.clock.advance(LEASE.total_seconds() + 1)
        assert await worker.step() == 1
        await worker.pool.close()
        async with at.db.write() as tx:
            assert dead is not None
            assert not await store_files.settle(tx, dead, "refused", say("done"))

        assert (await state(at, sent.id))[0] == "made"


async def test_a_picture_that_ends_every_process_is_given_up(db, tmp_path):
    async with desk(db, tmp_path) as at:
        [sent] = (await at.attach("Bob", ("cat.png", PNG))).files
        for _ in range(GIVEN_UP):
            now = at.clock.now()
            async with at.db.write() as tx:
                assert await store_files.claim(tx, now, now + LEASE)
            at.clock.advance(LEASE.total_seconds() + 1)
        await Worker(at.db, at.objects, at.clock).step()

        assert (await state(at, sent.id))[:2] == ("refused", "It could not be made small.")


async def test_a_picture_that_is_removed_while_it_is_made_leaves_nothing(db, tmp_path):
    async with desk(db, tmp_path) as at:
        [sent] = (await at.attach("Bob", ("cat.png", PNG))).files
        worker = Worker(at.db, at.objects, at.clock)
        make = worker.pool.make

        async def slow(data):
            await at.write(service_files.remove, "Bob", sent.id)
            return await make(data)

        worker.pool.make = slow  # type: ignore[method-assign]
        await worker.step()
        at.clock.advance(400)
        await worker.sweep()
        await worker.pool.close()

        assert await at.objects.list("attachments") == []
        assert await at.events("attachment.") == []


async def test_it_runs_until_it_is_told_to_stop_and_then_ends_at_once(db, tmp_path):
    async with desk(db, tmp_path) as at:
        stop, worker = asyncio.Event(), Worker(at.db, at.objects, at.clock)
        running = asyncio.create_task(worker.run(stop))
        [sent] = (await at.attach("Bob", ("cat.png", PNG))).files
        worker.wake.set()
        async with asyncio.timeout(30):
            while (await state(at, sent.id))[0] != "made":
                await asyncio.sleep(0.05)
        await at.attach("Bob", ("bomb.jpg", files.scan_bomb()))
        worker.wake.set()
        async with asyncio.timeout(30):
            while worker.pool.pid is None or not worker.pool._turn.locked():
                await asyncio.sleep(0.01)
        stop.set()
        async with asyncio.timeout(5):
            await running

        assert worker.pool.pid is None


async def test_a_fault_of_ours_does_not_end_it(db, tmp_path, caplog):
    async with desk(db, tmp_path) as at:
        worker = Worker(at.db, at.objects, at.clock)
        asked = []

        async def broken():
            asked.append(1)
            raise RuntimeError("a bug")

        worker.step = broken  # type: ignore[method-assign]
        stop = asyncio.Event()
        running = asyncio.create_task(worker.run(stop))
        async with asyncio.timeout(10):
            while len(asked) < 3:
                worker.wake.set()
                await asyncio.sleep(0.01)
        stop.set()
        await running

        assert "a bug" in caplog.text

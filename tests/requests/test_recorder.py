"""From memory to the disk to the lake: what a death, a stop or a lake that is away costs."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

from bongsu.db.session import Database
from bongsu.kit.clock import SYSTEM_CLOCK, ManualClock
from bongsu.kit.errors import LakeAway
from bongsu.lake.client import LakeClient
from bongsu.lake.trouble import Trouble
from bongsu.requests import recorder as module
from bongsu.requests import store_lake
from bongsu.requests.own import CALM_S, OwnTroubles
from bongsu.requests.recorder import Recorder, Shown
from tests.people import CLOCK, alice_admin, client_of
from tests.requests.support import around, seen, until, whole_app

NOW = SYSTEM_CLOCK.now


class Nobody:
    """Looks at each batch and remembers it."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def see(self, batch) -> None:
        self.batches.append(len(batch))

    async def run(self, stop: asyncio.Event) -> None:
        await stop.wait()

    def spool_says(self, trouble: Trouble) -> None:
        raise AssertionError(trouble)


def recorder_of(folder: Path, lake: LakeClient, stream: Nobody | None = None) -> Recorder:
    db = Database.open(f"sqlite:///{folder}/none.db")
    return Recorder(folder / "requests", db, lake, SYSTEM_CLOCK, stream or Nobody())


async def count(lake: LakeClient, person: int) -> int:
    with contextlib.suppress(LakeAway):
        return (await store_lake.whole(lake, around(NOW(), person=person))).count
    return 0


async def test_while_the_lake_is_away_requests_wait_on_the_disk_and_arrive_when_it_is_back(
    new_store, tmp_path
):
    store, stop = new_store(), asyncio.Event()
    async with store.client() as lake:
        recorder = recorder_of(tmp_path, lake)
        async with recorder.running(stop):
            for _ in range(500):
                recorder.add(seen(NOW(), person=1))
            assert await until(lambda: asyncio.sleep(0, recorder.away_since))
            assert recorder.waiting_bytes > 50_000
            store.start()
            await store.answers()

            async def arrived() -> bool:
                return await count(lake, 1) == 500

            assert await until(arrived, 40)
            assert recorder.away_since is None
            assert await until(lambda: asyncio.sleep(0, recorder.waiting_bytes == 0))


CHILD = """
import asyncio, pathlib, sys
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.lake.client import LakeClient
from tests.requests.test_recorder import recorder_of
from tests.requests.support import seen

async def main():
    folder = pathlib.Path(sys.argv[1])
    recorder = recorder_of(folder, LakeClient("http+unix:///nowhere/lake.sock"))
    async with recorder.running(asyncio.Event()):
        for number in range(1, 10_000):
            for _ in range(20):
                recorder.add(seen(SYSTEM_CLOCK.now(), person=2))
            print(number * 20, flush=True)
            await asyncio.sleep(0.01)

asyncio.run(main())
"""


async def test_a_kill_loses_at_most_what_was_not_flushed_yet(new_store, tmp_path):
    store = new_store().start()
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": "src:."},
    ) as child:
        assert child.stdout is not None
        added = 0
        while added < 3000:
            added = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        added = int(([str(added), *child.stdout.read().decode().split()])[-1])
    await store.answers()
    async with store.client() as lake:
        heir = recorder_of(tmp_path, lake)  # the next process on this folder
        async with heir.running(asyncio.Event()):
            assert await until(lambda: asyncio.sleep(0, heir.waiting_bytes == 0), 30)
        found = await count(lake, 2)

    # Twenty each 10 ms: a tenth of a second is 200, and the disk may have been late by as much again.
    assert added - 600 <= found <= added + 20


async def test_what_ends_while_the_process_stops_is_still_written(new_store, tmp_path):
    store = new_store().start()
    await store.answers()
    async with store.client() as lake:
        recorder = recorder_of(tmp_path, lake)
        async with recorder.running(asyncio.Event()):
            pass
        stop = asyncio.Event()
        async with recorder.running(stop):
            stop.set()
            recorder.add(seen(NOW(), person=3))
        heir = recorder_of(tmp_path, lake)
        async with heir.running(asyncio.Event()):
            assert await until(lambda: asyncio.sleep(0, heir.waiting_bytes == 0), 30)
        assert 1 == await count(lake, 3)


async def test_a_long_batch_lets_the_others_breathe(tmp_path):
    stream = Nobody()
    recorder = recorder_of(tmp_path, LakeClient("http+unix:///nowhere/lake.sock"), stream)
    for _ in range(1000):
        recorder.add(seen(NOW()))
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    await recorder.step()
    beside.cancel()

    assert [200] * 5 == stream.batches
    assert turns >= 5


async def test_memory_is_bounded_while_the_loop_stands_still(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PENDING_LIMIT", 3)
    recorder = recorder_of(tmp_path, LakeClient("http+unix:///nowhere/lake.sock"))

    for _ in range(5):
        recorder.add(seen(NOW()))

    assert (3, 2) == (len(recorder._pending), recorder.lost)


async def test_a_database_that_is_away_makes_a_request_nobodys_and_not_lost(tmp_path, db):
    nobody = seen(NOW(), person=0, name="", via="none")
    async with db() as database:
        alice = await alice_admin(database)
        app_recorder = Recorder(tmp_path, database, LakeClient("http+unix:///x"), CLOCK, Nobody())
        async with whole_client(database, alice) as cookie:
            app_recorder.add_unknown(nobody, Shown(cookie=cookie), "/api/v1/x")
            app_recorder.add_unknown(nobody, Shown(cookie="wrong"), "/api/v1/x")
            app_recorder.add_unknown(nobody, Shown(cookie="wrong"), "/healthz/live")
            await app_recorder.identify()

    assert [(alice.id, "session"), (0, "none")] == [
        (one.person, one.via) for one in app_recorder._pending
    ]


@contextlib.asynccontextmanager
async def whole_client(database, actor):
    from bongsu.accounts import store
    from bongsu.accounts.sessions import Visit, begin_session

    async with database.write() as tx:
        user = await store.user_by_id(tx, actor.id)
        assert user is not None
        cookie = await begin_session(tx, user, Visit("203.0.113.7", "a test"), CLOCK)
    yield cookie


def test_what_is_shown_is_not_printed():
    assert "s3cret" not in repr(Shown(cookie="s3cret", token="s3cret"))


def test_one_event_a_kind_and_hour_says_what_went_wrong_with_the_log_itself():
    clock = ManualClock()
    own = OwnTroubles(clock)

    for kind in ("dropped", "dropped", "torn", "disk_back"):
        own.note(Trouble(kind, 10))
    first = own.untold()
    own.told(first)
    own.note(Trouble("dropped", 10))
    clock.advance(CALM_S + 1)
    silent = own.untold()
    own.note(Trouble("dropped", 10))

    assert [("own.requests_dropped", 20)] == [(d.type, d.data["lost_bytes"]) for d in first]
    assert [] == silent
    assert ["own.requests_dropped"] == [draft.type for draft in own.untold()]


async def test_the_page_says_that_history_is_away_and_how_much_waits(sqlite_template, tmp_path):
    async with whole_app(sqlite_template, tmp_path / "data", opened=True) as app:
        alice = await alice_admin(app.state.parts.db)
        async with await client_of(app, alice) as client:
            await client.get("/rules")
            await asyncio.sleep(0.3)
            pages = [
                await client.get(path)
                for path in ("/requests", "/-/requests/figures", "/-/requests/routes")
            ]
            api = await client.get("/api/v1/requests")

    assert [200, 200, 200, 503] == [answer.status_code for answer in (*pages, api)]
    assert all("History is away" in page.text for page in pages)
    assert "wait on this machine’s disk" in pages[0].text
    assert "0 B wait" not in pages[0].text


def test_the_clock_of_a_request_is_the_one_of_its_beginning():
    one = seen(NOW(), took_us=1_500_000)

    assert timedelta(seconds=1.5) == one.ended - one.at

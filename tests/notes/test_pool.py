"""The child that makes pictures small: what it may, and that only it suffers from what it is given."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bongsu.notes.child import CPU_S, MEMORY_BYTES, NICENESS, answer
from bongsu.notes.pool import COMMAND, PICTURES_EACH, Fault, Pool
from bongsu.notes.thumbs import Pictures, Refused
from tests.notes import pictures as files

GOOD = files.picture("PNG", 400, 300)


def weaker(**limits: int) -> tuple[str, ...]:
    """The same child with smaller limits."""
    given = "; ".join(f"child.{name} = {value}" for name, value in limits.items())
    code = (
        f"import sys; from bongsu.notes import child; {given}; child.limit(); "
        "child.serve(sys.stdin.buffer, sys.stdout.buffer)"
    )
    return (sys.executable, "-P", "-c", code)


@contextlib.asynccontextmanager
async def pool(timeout_s: float = 60.0, command: tuple[str, ...] = COMMAND) -> AsyncIterator[Pool]:
    made = Pool(timeout_s, command)
    try:
        yield made
    finally:
        await made.close()


def status(pid: int | None, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1])


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
    except FileNotFoundError:
        return False


async def test_pictures_come_back_as_they_were_made():
    async with pool() as made:
        first = await made.make(GOOD)
        pid = made.pid
        second = await made.make(GOOD)
        refused = await made.make(files.HTML)

        assert isinstance(first, Pictures)
        assert first == second
        assert [(one.width, one.height) for one in first.sizes] == [(400, 300), (320, 240)]
        assert first.sizes[0].webp.startswith(b"RIFF")
        assert isinstance(refused, Refused)
        assert refused.reason.to("ko").startswith("PNG, JPEG")
        assert made.pid == pid


async def test_the_child_gives_way_and_everything_it_may_take_has_a_limit():
    async with pool() as made:
        await made.make(GOOD)
        limits = Path(f"/proc/{made.pid}/limits").read_text()
        environment = Path(f"/proc/{made.pid}/environ").read_text()

        assert os.getpriority(os.PRIO_PROCESS, made.pid or 0) >= NICENESS
        assert re.search(rf"Max address space +{MEMORY_BYTES} ", limits)
        assert re.search(r"Max file size +0 ", limits)
        assert int(re.search(r"Max cpu time +(\d+)", limits)[1]) <= CPU_S + 5
        assert {line.split("=")[0] for line in environment.split("\0") if line} <= {
            "PATH", "PYTHONPATH", "VIRTUAL_ENV",
        }  # fmt: skip


async def test_fifty_megapixels_take_seconds_and_little_memory(record_property):
    async with pool() as made:
        for name, options in {
            "as a camera writes": {},
            "in passes": {"progressive": True, "subsampling": 0},
        }.items():
            data = files.photograph(**options)
            begun = time.monotonic()
            found = await made.make(data)
            took_s, peak_mib = time.monotonic() - begun, status(made.pid, "VmHWM") >> 10

            assert isinstance(found, Pictures)
            assert (found.width, found.height) == (8660, 5774)
            record_property(name, f"{len(data) >> 20} MiB, {took_s:.2f} s, {peak_mib} MiB")
            print(f"50 MP {name}: {len(data) >> 20} MiB in {took_s:.2f} s, peak {peak_mib} MiB")
            assert peak_mib < 512
            await made.close()


async def test_a_bomb_is_refused_and_the_child_goes_on():
    async with pool() as made:
        await made.make(GOOD)
        pid = made.pid
        answers = [
            await made.make(one()) for one in (files.png_bomb, files.text_bomb, files.profile_bomb)
        ]
        peak_mib = status(pid, "VmHWM") >> 10

        assert isinstance(answers[0], Refused)
        assert isinstance(await made.make(GOOD), Pictures)
        assert made.pid == pid
        assert peak_mib < 200


async def test_what_would_take_hours_is_ended_and_the_next_one_is_made():
    bomb = files.scan_bomb()
    async with pool(timeout_s=2.0) as made:
        begun = time.monotonic()
        with pytest.raises(Fault, match="took longer than 2 s"):
            await made.make(bomb)
        took_s = time.monotonic() - begun
        made.timeout_s = 60.0

        assert took_s < 30
        assert isinstance(await made.make(GOOD), Pictures)


async def test_time_of_the_processor_has_a_limit_of_its_own():
    """A machine that sleeps or is busy does not count; a file that burns does."""
    async with pool(command=weaker(CPU_S=1)) as made:
        with pytest.raises(Fault, match="fell over"):
            await made.make(files.scan_bomb())

        assert isinstance(await made.make(GOOD), Pictures)


async def test_the_limit_on_time_is_for_each_picture_not_for_all_together():
    async with pool(command=weaker(CPU_S=2)) as made:
        await made.make(GOOD)
        pid, data = made.pid, files.picture("PNG", 2500, 2000)
        for _ in range(5):
            assert isinstance(await made.make(data), Pictures)

        assert made.pid == pid


async def test_what_takes_too_much_memory_is_refused_and_the_next_one_is_made():
    large = files.picture("PNG", 8000, 7900, compress_level=1)
    async with pool(command=weaker(MEMORY_BYTES=200 << 20)) as made:
        with pytest.raises(Fault, match="more memory than is given"):
            await made.make(large)

        assert isinstance(await made.make(GOOD), Pictures)


async def test_a_child_that_is_killed_is_replaced():
    async with pool() as made:
        asking = asyncio.create_task(made.make(files.scan_bomb()))
        while made.pid is None:
            await asyncio.sleep(0.01)
        os.kill(made.pid, signal.SIGKILL)
        with pytest.raises(Fault, match="fell over"):
            await asking

        assert isinstance(await made.make(GOOD), Pictures)


async def test_a_child_that_died_between_two_pictures_is_replaced():
    async with pool() as made:
        await made.make(GOOD)
        pid = made.pid
        os.kill(pid or 0, signal.SIGKILL)
        while alive(pid or 0):
            await asyncio.sleep(0.01)
        with contextlib.suppress(Fault):
            await made.make(GOOD)

        assert isinstance(await made.make(GOOD), Pictures)
        assert made.pid != pid


async def test_an_answer_that_is_none_is_a_fault():
    async with pool(command=(sys.executable, "-c", "print('hello', flush=True); input()")) as made:
        with pytest.raises(Fault):
            await made.make(GOOD)


async def test_a_caller_that_gives_up_leaves_no_child_that_goes_on():
    async with pool() as made:
        asking = asyncio.create_task(made.make(files.scan_bomb()))
        while made.pid is None:
            await asyncio.sleep(0.01)
        pid = made.pid
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

        assert made.pid is None
        assert not alive(pid)


async def test_many_pictures_get_a_new_child_now_and_then():
    async with pool() as made:
        await made.make(GOOD)
        pid, made._made = made.pid, PICTURES_EACH
        await made.make(GOOD)

        assert made.pid != pid


def test_the_child_ends_with_whoever_started_it(tmp_path):
    code = (
        "import asyncio, pathlib, sys\nfrom bongsu.notes.pool import Pool\nasync def main():\n"
        " pool = Pool()\n await pool.make(b'x')\n pathlib.Path(sys.argv[1]).write_text(str(pool.pid))\n"
        " await asyncio.sleep(60)\nasyncio.run(main())"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "pid")])
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.02)
    pid = int((tmp_path / "pid").read_text())
    assert alive(pid)

    parent.kill()
    parent.wait()

    for _ in range(200):
        if not alive(pid):
            break
        time.sleep(0.02)
    assert not alive(pid)


def test_running_out_of_memory_is_told_apart_from_damage(monkeypatch):
    def out_of_memory(_data: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr("bongsu.notes.child.make_pictures", out_of_memory)

    assert answer(b"x") == ({"memory": True}, ())

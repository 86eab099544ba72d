"""`bongsu up` as whole processes: start, stop, restart of roles, nothing left behind."""

import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.world import BONGSU, Bongsu, Process, wait_until

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(120)]


@pytest.fixture
def bongsu(tmp_path: Path) -> Iterator[Bongsu]:
    running = Bongsu(tmp_path)
    running.start()
    yield running
    running.stop(signal.SIGKILL)


def children(pid: int) -> dict[str, int]:
    """Role → pid of the processes that `up` has started."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError):
            continue
        if parent == pid and b"bongsu" in words:
            found[words[words.index(b"bongsu") + 1].decode()] = int(entry.name)
    return found


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def open_stream(bongsu: Bongsu):
    bongsu.become_admin()
    request = urllib.request.Request(f"{bongsu.url}/live")
    # The API's token does not open the pages' stream; a browser's session does.
    from tests.journeys.world import Browser

    browser = Browser(bongsu.url)
    browser.post("/sign-in", {"email": "dana@example.com", "password": "correct horse battery"})
    return browser.opener.open(request.full_url, timeout=10)


def test_four_roles_run_and_stop_soon_with_a_stream_open(bongsu):
    roles = children(bongsu.up.process.pid)
    assert sorted(roles) == ["alarm", "serve", "store", "watch"]
    stream = open_stream(bongsu)
    assert stream.readline().startswith(b"id:")

    started = time.monotonic()
    code = bongsu.stop()

    assert code == 0
    assert time.monotonic() - started < 8  # two on a machine that does nothing else
    assert not any(alive(pid) for pid in roles.values())
    stream.close()


def test_a_second_up_on_the_same_folder_is_refused_with_a_clear_message(bongsu, tmp_path):
    second = Process((*BONGSU, "up"), tmp_path / "second.log", **bongsu.environment)

    assert second.process.wait(60) == 1
    second.stop()
    assert f"already runs on {tmp_path}" in second.output()
    assert str(bongsu.up.process.pid) in second.output()
    assert sorted(children(bongsu.up.process.pid)) == ["alarm", "serve", "store", "watch"]


def test_nothing_is_left_after_up_itself_is_killed_and_a_new_one_starts_at_once(bongsu):
    roles = children(bongsu.up.process.pid)

    bongsu.stop(signal.SIGKILL)
    wait_until("no orphan", lambda: not any(alive(pid) for pid in roles.values()))
    bongsu.start()

    assert sorted(children(bongsu.up.process.pid)) == ["alarm", "serve", "store", "watch"]


def test_a_role_that_dies_is_started_again_and_said_so_in_an_event(bongsu):
    bongsu.become_admin()
    before = children(bongsu.up.process.pid)["watch"]

    os.kill(before, signal.SIGKILL)
    after = wait_until(
        "a new watch", lambda: children(bongsu.up.process.pid).get("watch", before) != before, 10
    )

    assert after
    events = wait_until(
        "the event", lambda: bongsu.call("GET", "/events?family=own.role_died")["events"], 10
    )
    assert events[0]["data"]["role"] == "watch"

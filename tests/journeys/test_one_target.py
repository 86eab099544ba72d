"""A thousand looks a second at one target that is not on loopback: ports must not run out.

Without `Connection: close` one such target filled the port table in 17 s and every healthy check went down.
`BONGSU_ONE_TARGET_S` sets the length (60 in `make bench`, less in `make test`).
"""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.world import Bongsu, wait_until

pytestmark = [pytest.mark.heavy, pytest.mark.network, pytest.mark.timeout(240)]
LENGTH_S = float(os.environ.get("BONGSU_ONE_TARGET_S", "20"))
CHECKS = 1000
HERE, THERE = "10.213.7.1", "10.213.7.2"
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_timeout 30; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen {there}:80 backlog=2048; location / {{ return 200 "ok"; }} }} }}
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def reason_to_skip() -> str:
    if os.getuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip") or not Path("/usr/sbin/nginx").exists():
        return "iproute2 and nginx are not installed: make setup-dev"
    return ""


@pytest.fixture
def target(tmp_path: Path) -> Iterator[str]:
    """nginx in a network namespace of its own, reached over a veth pair."""
    if reason_to_skip():
        pytest.skip(reason_to_skip())
    space, outside, inside = "bongsu-one", "bongsu-one-a", "bongsu-one-b"
    subprocess.run(["ip", "netns", "del", space], check=False, capture_output=True)
    try:
        ip("netns", "add", space)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespace can be made here: {error.stderr.decode().strip()}")
    server = None
    try:
        ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", space)
        ip("addr", "add", f"{HERE}/30", "dev", outside)
        ip("link", "set", outside, "up")
        ip("netns", "exec", space, "ip", "addr", "add", f"{THERE}/30", "dev", inside)
        ip("netns", "exec", space, "ip", "link", "set", inside, "up")
        config = tmp_path / "nginx.conf"
        config.write_text(NGINX.format(folder=tmp_path, there=THERE))
        command = [
            "ip",
            "netns",
            "exec",
            space,
            "/usr/sbin/nginx",
            "-c",
            str(config),
            "-p",
            str(tmp_path),
        ]
        server = subprocess.Popen(command)
        url = f"http://{THERE}/"
        wait_until("nginx in the namespace", lambda: answers(url), 10)
        yield url
    finally:
        if server is not None:
            server.terminate()
            server.wait(10)
        ip("netns", "del", space)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


def waiting_sockets() -> int:
    """Sockets in TIME_WAIT on this side, to the target."""
    there = "".join(f"{int(part):02X}" for part in reversed(THERE.split(".")))
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[3] == "06" and line.split()[2].startswith(there) for line in lines)


def configuration(url: str) -> str:
    lines = ["services:"]
    for service in range(10):
        lines += [f"  s{service}:", "    checks:"]
        lines += [
            f'      c{n}: {{http: "{url}?{service}.{n}", every: 1s, timeout: 900ms, confirm: 1}}'
            for n in range(CHECKS // 10)
        ]
    return "\n".join(lines)


def test_a_thousand_looks_a_second_leave_no_port_waiting_and_no_false_down(target, tmp_path):
    file = tmp_path / "bongsu.yaml"
    file.write_text(configuration(target))
    bongsu = Bongsu(tmp_path)
    most = 0

    with bongsu.running(file):
        bongsu.become_admin()
        wait_until("all are up", lambda: states(bongsu) == {"up": CHECKS}, 60, 0.5)
        end = time.monotonic() + LENGTH_S
        while time.monotonic() < end:
            most = max(most, waiting_sockets())
            time.sleep(0.2)
        events = bongsu.call("GET", f"/events?family=check.state_changed&pattern={WENT_BAD}")

        assert states(bongsu) == {"up": CHECKS}

    assert events["events"] == []
    assert most < 1000


WENT_BAD = urllib.request.quote(json.dumps({"detail": {"after": {"state": ["down", "degraded"]}}}))


def states(bongsu: Bongsu) -> dict[str, int]:
    counts: dict[str, int] = {}
    after = 0
    while after is not None:
        page = bongsu.call("GET", f"/checks?limit=1000&after={after}")
        for check in page["checks"]:
            counts[check["state"]] = counts.get(check["state"], 0) + 1
        after = page["next"]
    return counts

"""The two-tier example as its scripts set it up: real Apache before real Tomcat, each in a folder of its own."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "examples" / "apps" / "two-tier"
TOMCAT = Path("/usr/share/tomcat10")
MODULES = Path("/usr/lib/apache2/modules")
NEEDED = (
    "mpm_event", "authz_core", "authz_host", "dir", "mime", "proxy", "proxy_http", "status",
)  # fmt: skip
pytestmark = pytest.mark.heavy


@dataclass(slots=True)
class Tiers:
    web: int
    app: int
    tomcat: subprocess.Popen[bytes]

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def listening() -> Iterator[int]:
    """Something that answers as the database would."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture
def tiers(tmp_path: Path, listening: int) -> Iterator[Tiers]:
    web, app = free_port(), free_port()
    with contextlib.ExitStack() as held:
        tomcat = application_tier(tmp_path / "tomcat", app, listening)
        held.callback(end, tomcat)
        apache = web_tier(tmp_path / "apache", web, app)
        held.callback(end, apache)
        made = Tiers(web, app, tomcat)
        wait(lambda: made.get("/app/health")[0] == 200)
        yield made


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def wait(done, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if done():
                return
        time.sleep(0.2)
    pytest.fail("the tiers did not come up")


def application_tier(base: Path, port: int, database: int) -> subprocess.Popen[bytes]:
    for name in ("conf", "logs", "temp", "webapps", "work"):
        (base / name).mkdir(parents=True)
    shutil.copy("/etc/tomcat10/web.xml", base / "conf" / "web.xml")
    (base / "conf" / "server.xml").write_text(
        f'<Server port="-1"><Service name="c"><Connector port="{port}" address="127.0.0.1"/>'
        '<Engine name="c" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine>'
        "</Service></Server>"
    )
    where = {"INSTALL": "", "START": "", "WEBAPPS": str(base / "webapps")}
    places = {"ORDERS_HOST": "127.0.0.1", "ORDERS_PORT": str(database)}
    places |= {"SESSIONS_HOST": "127.0.0.1", "SESSIONS_PORT": str(free_port())}
    run_script("app.sh", where | places)
    java = {"CATALINA_HOME": str(TOMCAT), "CATALINA_BASE": str(base)}
    with (base / "out").open("wb") as out:
        command = [TOMCAT / "bin" / "catalina.sh", "run"]
        return subprocess.Popen(command, env=os.environ | places | java, stdout=out, stderr=out)


def web_tier(base: Path, port: int, app: int) -> subprocess.Popen[bytes]:
    base.mkdir()
    conf = base / "app.conf"
    where = {"INSTALL": "", "START": "", "CONF": str(conf), "DOCS": str(base / "html")}
    run_script("web.sh", where | {"APP_HOST": f"127.0.0.1:{app}"})
    loads = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in NEEDED]
    own = [
        f"ServerRoot {base}", f"PidFile {base}/pid", f"ErrorLog {base}/error.log",
        "TypesConfig /etc/mime.types",
        f"Listen 127.0.0.1:{port}", "ServerName localhost",
        f"DocumentRoot {base}/html", "DirectoryIndex index.html",
        f"<Directory {base}/html>", "Require all granted", "</Directory>", f"Include {conf}",
    ]  # fmt: skip
    (base / "httpd.conf").write_text("\n".join([*loads, *own]) + "\n")
    return subprocess.Popen(["/usr/sbin/apache2", "-f", base / "httpd.conf", "-DFOREGROUND"])


def run_script(name: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", APP / name],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_page_comes_through_both_tiers_and_says_what_answers(tiers):
    status, page = tiers.get("/app/")

    assert status == 200
    assert '<dd id="orders">answers, ' in page
    assert '<dd id="sessions">is away: ConnectException' in page
    assert tiers.get("/")[1].count("<h1>Portal</h1>") == 1


def test_the_web_tier_stays_well_when_the_application_tier_dies(tiers):
    before = tiers.get("/app/health")
    end(tiers.tomcat)

    assert before == (200, "ok\n")
    assert tiers.get("/app/")[0] == 503
    assert tiers.get("/healthz") == (200, "ok\n")
    assert "Scoreboard" in tiers.get("/server-status?auto")[1]

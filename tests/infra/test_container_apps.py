"""The applications of system 002, really started: pages of one origin, a back end and an AI service of another."""

import asyncio
import contextlib
import http.client
import json
import os
import re
import socketserver
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

APPS = Path(__file__).resolve().parents[2] / "examples" / "apps"
ORIGIN, ELSEWHERE = "https://www.example.com", "https://www.example.org"


@dataclass(slots=True)
class Got:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(slots=True)
class Running:
    """`cookie`: what a browser would keep."""

    process: subprocess.Popen[str]
    port: int
    cookie: str = ""
    log: list[str] = field(default_factory=list)

    def ask(
        self, method: str, path: str, body: Any = None, origin: str = ORIGIN, **more: str
    ) -> Got:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        sent = {"Origin": origin, "Cookie": self.cookie, **more}
        text = json.dumps(body) if body is not None else None
        connection.request(method, path, text, {key: value for key, value in sent.items() if value})
        with contextlib.closing(connection):
            answer = connection.getresponse()
            headers = {key.lower(): value for key, value in answer.getheaders()}
            self.cookie = headers.get("set-cookie", self.cookie).split(";")[0]
            return Got(answer.status, headers, answer.read().decode())


@contextlib.contextmanager
def running(app: str, program: str = "main.py", **environment: str) -> Iterator[Running]:
    process = subprocess.Popen(
        [sys.executable, program], cwd=APPS / app, text=True, stdout=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "PORT": "0", "CORS_ORIGINS": ORIGIN, "PYTHONUNBUFFERED": "1",
             "PYTHONDONTWRITEBYTECODE": "1", **environment},
    )  # fmt: skip
    try:
        first = json.loads(process.stdout.readline())  # type: ignore[union-attr]
        yield Running(process, first["listening"])
    finally:
        process.terminate()
        out, _ = process.communicate(timeout=10)
    assert process.returncode == 0, out


class FakeRedis(socketserver.StreamRequestHandler):
    """GET, SET, DEL, INCR and EXPIRE over the real protocol."""

    def handle(self) -> None:
        kept = self.server.kept  # type: ignore[attr-defined]
        while line := self.rfile.readline():
            count = int(line[1:])
            words = [self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2] for _ in range(count)]
            self.server.asked.append(words[0].decode())  # type: ignore[attr-defined]
            self.wfile.write(self._answer(kept, *words))

    def _answer(self, kept: dict[bytes, bytes], verb: bytes, key: bytes, *rest: bytes) -> bytes:
        if verb == b"GET":
            found = kept.get(key)
            return b"$-1\r\n" if found is None else b"$%d\r\n%s\r\n" % (len(found), found)
        if verb == b"INCR":
            kept[key] = b"%d" % (int(kept.get(key, b"0")) + 1)
            return b":%s\r\n" % kept[key]
        if verb == b"SET":
            kept[key] = rest[0]
            return b"+OK\r\n"
        if verb == b"DEL":
            return b":%d\r\n" % (kept.pop(key, None) is not None)
        return b":1\r\n"


@pytest.fixture
def redis() -> Iterator[Any]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), FakeRedis) as server:
        server.daemon_threads = True
        server.kept, server.asked = {}, []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def test_the_front_end_s_origin_calls_back_end_and_ai_across_origins():
    api = "https://api.example.com"
    with (
        running("front", "server.py", API_ORIGIN=api) as front,
        running("back") as back,
        running("ai") as ai,
    ):
        page = front.ask("GET", "/", origin="")
        assert (
            page.status,
            f"connect-src 'self' {api}" in page.headers["content-security-policy"],
        ) == (200, True)
        assert front.ask("GET", "/config.js").text == f'export const API = "{api}";\n'
        assert 'credentials: "include"' in front.ask("GET", "/app.js").text
        assert front.ask("GET", "/server.py").status == 404

        asked = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        }
        for one, path in ((back, "/api/feedback"), (ai, "/ai/classify")):
            allowed = one.ask("OPTIONS", path, **asked)
            assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (204, ORIGIN)
            assert allowed.headers["access-control-allow-credentials"] == "true"
            assert "POST" in allowed.headers["access-control-allow-methods"]

        assert back.ask("POST", "/api/feedback", {"text": "a", "label": "wish"}).status == 401
        signed = back.ask("POST", "/api/sign-in", {"name": "Alice"})
        assert all(
            word in signed.headers["set-cookie"] for word in ("HttpOnly", "Secure", "SameSite=Lax")
        )
        text = "Please add a search, I would like to filter."
        label = ai.ask("POST", "/ai/classify", {"text": text}).json["label"]
        made = back.ask("POST", "/api/feedback", {"text": text, "label": label})
        assert (made.status, made.headers["access-control-allow-origin"]) == (201, ORIGIN)
        assert back.ask("GET", "/api/feedback").json["feedback"] == [
            {"name": "Alice", "text": text, "label": "wish"}
        ]


def test_another_origin_gets_neither_a_change_nor_an_answer():
    with running("back", SESSION_KEY="k") as back:
        back.ask("POST", "/api/sign-in", {"name": "Alice"})

        for method, path in (
            ("OPTIONS", "/api/feedback"),
            ("POST", "/api/feedback"),
            ("GET", "/api/feedback"),
        ):
            found = back.ask(method, path, {"text": "a", "label": "wish"}, origin=ELSEWHERE)
            assert found.status == 403
            assert "access-control-allow-origin" not in found.headers

        assert back.ask("GET", "/api/feedback").json == {"feedback": []}
        assert back.ask("GET", "/api/me", origin="").json == {"name": "Alice"}
        back.cookie = back.cookie[:-1] + ("0" if back.cookie[-1] != "0" else "1")
        assert back.ask("GET", "/api/me").status == 401


@pytest.fixture
def database(postgres: Any) -> Iterator[str]:
    name = f"feedback_{uuid.uuid4().hex}"
    asyncio.run(postgres.admin(f"CREATE DATABASE {name}"))
    yield postgres.url(name)
    asyncio.run(postgres.admin(f"DROP DATABASE {name} WITH (FORCE)"))


def test_what_is_said_outlives_a_copy_and_is_read_from_redis(database, redis):
    url = f"redis://127.0.0.1:{redis.server_address[1]}"
    given = {"DATABASE_URL": database, "REDIS_URL": url, "SESSION_KEY": "same"}
    with running("back", **given) as one, running("back", **given) as other:
        one.ask("POST", "/api/sign-in", {"name": "Bob"})
        other.cookie = one.cookie
        assert other.ask("GET", "/api/me").json == {"name": "Bob"}
        assert one.ask("POST", "/api/feedback", {"text": "좋아요", "label": "praise"}).status == 201
        found = [app.ask("GET", "/api/feedback") for app in (one, other)]
    assert [one.json["feedback"][0]["text"] for one in found] == ["좋아요", "좋아요"]
    assert [one.headers["x-cache"] for one in found] == ["miss", "hit"]
    assert redis.asked.count("INCR") == 1

    with running("back", **given | {"REDIS_URL": "redis://127.0.0.1:1"}) as again:
        assert again.ask("GET", "/api/feedback").json["feedback"][0]["name"] == "Bob"


def test_whoever_speaks_too_often_is_asked_to_wait(redis):
    with running("back", REDIS_URL=f"redis://127.0.0.1:{redis.server_address[1]}") as back:
        back.ask("POST", "/api/sign-in", {"name": "Eve"})
        redis.kept[b"times:Eve"] = b"20"

        assert back.ask("POST", "/api/feedback", {"text": "a", "label": "wish"}).status == 429


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I cannot sign in, it shows an error", "problem"),
        ("thank you, great work", "praise"),
        ("예전 글은 어디에서 볼 수 있나요", "question"),
        ("could you add pictures please", "wish"),
    ],
)
def test_the_ai_service_tells_texts_apart_and_says_why(ai, text, label):
    found = ai.ask("POST", "/ai/classify", {"text": text}).json

    assert found["label"] == label
    assert found["share"] > 0.5
    assert found["because"]


def test_a_summary_is_the_sentences_that_say_most_in_their_order(ai):
    text = "Hello there. The board lost my text after the update. I had lunch. The update broke the board."

    found = ai.ask("POST", "/ai/summary", {"text": text}).json["sentences"]

    assert found == ["The board lost my text after the update.", "The update broke the board."]


@pytest.fixture(scope="module")
def ai() -> Iterator[Running]:
    with running("ai") as one:
        yield one


def test_requests_are_counted_for_prometheus_and_unknown_paths_are_one(ai):
    for path in ("/a", "/b", "/wp-login.php"):
        assert ai.ask("GET", path).status == 404
    assert ai.ask("POST", "/ai/classify", {"text": ""}).status == 400
    assert ai.ask("GET", "/healthz").json == {"ok": True}

    text = ai.ask("GET", "/metrics").text
    assert re.search(
        r'^http_requests_total\{method="GET",path="other",status="404"\} 3$', text, re.MULTILINE
    )
    assert re.search(r"^http_seconds_total \d+\.\d+$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("sent", "status"),
    [("x" * 70_000, 413), ("{", 400), ("[]", 400)],
    ids=["long", "no JSON", "no text"],
)
def test_what_cannot_be_read_is_refused_in_words(ai, sent, status):
    connection = http.client.HTTPConnection("127.0.0.1", ai.port, timeout=10)
    with contextlib.closing(connection):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", "/ai/classify", sent)
        answer = connection.getresponse()
        assert (answer.status, "error" in json.loads(answer.read())) == (status, True)


@pytest.mark.parametrize(
    "origins", ["*", "https://*.example.com", "https://www.example.com/", "www.example.com"]
)
def test_a_pattern_among_the_origins_ends_the_program_at_once(origins):
    found = subprocess.run(
        [sys.executable, "main.py"], cwd=APPS / "ai", capture_output=True, text=True, timeout=10, check=False,
        env={"PORT": "0", "CORS_ORIGINS": origins, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip

    assert found.returncode == 1
    assert "no exact origin" in found.stderr


def test_both_images_carry_the_same_web_program():
    assert (APPS / "back" / "web.py").read_bytes() == (APPS / "ai" / "web.py").read_bytes()


@pytest.mark.parametrize("app", ["front", "back", "ai"])
def test_the_image_carries_everything_and_runs_as_nobody_special(app):
    text = (APPS / app / "Dockerfile").read_text(encoding="utf-8")
    copied = {
        word for line in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE) for word in line.split()
    }
    there = {path.name for path in (APPS / app).iterdir()} - {
        "Dockerfile",
        "README.md",
        "__pycache__",
    }

    assert copied == there
    assert re.findall(r"^USER (\w+)$", text, re.MULTILINE) == ["app"]
    assert not re.search(r"https?://(?!127\.0\.0\.1)", text)


def test_a_copy_that_is_told_to_end_does_not_wait_for_connections_that_only_stand_open():
    with running("ai") as one:
        connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=10)
        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
        begun = time.monotonic()
        one.process.terminate()
        one.process.wait(timeout=10)
        assert time.monotonic() - begun < 5
        connection.close()


def test_a_jenkins_host_sets_itself_up_and_keeps_its_home(tmp_path):
    """With stand-ins for what changes a machine; again it does the same."""
    made = tmp_path / "bin"
    made.mkdir()
    for name in ("dnf", "aws", "systemctl", "useradd", "id", "chown", "install"):
        stub = made / name
        stub.write_text(f'#!/bin/bash\necho {name} "$@" >>"{tmp_path}/called"\n')
        stub.chmod(0o755)
    given = {
        "PATH": f"{made}:/usr/bin:/bin",
        "TOOLS": "tools-1",
        "UNITS": str(tmp_path),
        "JENKINS_HOME": "/none",
    }
    for _ in range(2):
        subprocess.run(["bash", APPS / "ci" / "jenkins.sh"], env=given, check=True, timeout=20)

    called = (tmp_path / "called").read_text().splitlines()
    assert len(called) == 2 * len(set(called))
    assert "aws s3 sync --only-show-errors s3://tools-1/home/ /none/" in called
    unit = (tmp_path / "jenkins.service").read_text()
    assert "--httpListenAddress=127.0.0.1" in unit
    assert "User=jenkins" in unit
    assert "s3://tools-1/home/" in (tmp_path / "jenkins-keep.service").read_text()
    without = {key: value for key, value in given.items() if key != "TOOLS"}
    failed = subprocess.run(
        ["bash", APPS / "ci" / "jenkins.sh"], env=without, check=False, capture_output=True
    )
    assert failed.returncode

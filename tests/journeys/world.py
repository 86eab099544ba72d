"""A whole Bongsu for a journey: real processes on free loopback ports, a real SMTP server, the demo site."""

import contextlib
import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.ports import free_port, free_ports

ROOT = Path(__file__).resolve().parents[2]
BONGSU = (sys.executable, "-m", "bongsu")


def wait_until(
    what: str, ask: Callable[[], Any], timeout_s: float = 60.0, every_s: float = 0.05
) -> Any:
    """The first true answer of `ask`; raises with `what` when none comes in time."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(every_s)
    raise AssertionError(f"did not happen within {timeout_s:g} s: {what}")


class Mailbox:
    """A real SMTP server on loopback that keeps what it accepts, with the moment."""

    def __init__(self) -> None:
        self.received: list[tuple[float, EmailMessage, list[str]]] = []
        self.port = free_port()
        self._arrived = threading.Condition()
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        parsed = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
        with self._arrived:
            self.received.append((time.monotonic(), parsed, list(envelope.rcpt_tos)))
            self._arrived.notify_all()
        return "250 2.0.0 accepted"

    def __enter__(self) -> "Mailbox":
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?from=bongsu@example.com"

    def wait(
        self, fits: Callable[[EmailMessage], bool], timeout_s: float = 60.0, what: str = "a mail"
    ) -> tuple[float, EmailMessage]:
        """The first mail that fits, with the moment of its acceptance (monotonic)."""

        def found() -> tuple[float, EmailMessage] | None:
            return next(((at, mail) for at, mail, _ in self.received if fits(mail)), None)

        with self._arrived:
            self._arrived.wait_for(found, timeout_s)
        answer = found()
        if answer is None:
            subjects = [str(mail["Subject"]) for _, mail, _ in self.received]
            raise AssertionError(
                f"no such mail within {timeout_s:g} s: {what}; there are {subjects}"
            )
        return answer


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return body.get_content() if body else ""


class Process:
    """One started program, ended by its own id; its output goes to a file."""

    def __init__(self, argv: tuple[str, ...], log: Path, **environment: str) -> None:
        self.log = log
        self.handle = log.open("ab")
        env = os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"} | environment
        self.process = subprocess.Popen(
            argv,
            stdout=self.handle,
            stderr=self.handle,
            stdin=subprocess.DEVNULL,
            env=env,
            cwd=ROOT,
        )

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, pattern: str, timeout_s: float = 90.0) -> re.Match[str]:
        def seen() -> re.Match[str] | None:
            if self.process.poll() is not None and not re.search(pattern, self.output()):
                raise AssertionError(
                    f"ended with {self.process.returncode}:\n{self.output()[-3000:]}"
                )
            return re.search(pattern, self.output())

        return wait_until(f"output {pattern!r}", seen, timeout_s)  # type: ignore[no-any-return]

    def stop(self, number: int = signal.SIGTERM, timeout_s: float = 10.0) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.handle.close()
        return code


class Site(Process):
    """The demo site; `switch("shop-front", "500")` breaks one service of it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_ports(13)
        argv = (sys.executable, str(ROOT / "examples/demo/site.py"), "--port", str(self.port))
        super().__init__((*argv, "--folder", str(folder)), folder / "site.log")
        self.ca = folder / "ca.pem"
        self.wait_for("Fault switches")

    def address(self, number: int) -> str:
        return f"127.0.0.1:{self.port + number}"

    def switch(self, name: str, fault: str) -> None:
        url = f"http://127.0.0.1:{self.port}/switch/{name}/{fault}"
        urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=30).close()


class Bongsu:
    """`bongsu up` on a folder of its own, its first administrator, and a token for the API."""

    def __init__(self, folder: Path, mailbox: Mailbox | None = None, **settings: str) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "BONGSU_DATA_DIR": str(folder / "data"),
            "BONGSU_LISTEN": f"127.0.0.1:{self.port}",
            **({"BONGSU_MAIL_URL": mailbox.url} if mailbox else {}),
            **{f"BONGSU_{name.upper()}": value for name, value in settings.items()},
        }
        self.token, self.door, self.starts = "", "", 0

    def start(self, *files: Path, timeout_s: float = 90.0) -> "Bongsu":
        argv = (*BONGSU, "up", *map(str, files))
        self.starts += 1
        self.up = Process(argv, self.folder / f"bongsu-{self.starts}.log", **self.environment)
        self.up.wait_for(r"Bongsu is at|봉수 주소", timeout_s)
        found = re.findall(r"/door/(\S+)", self.up.output())
        self.door = found[-1] if found else ""
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        return self.up.stop(number)

    @contextlib.contextmanager
    def running(self, *files: Path) -> Iterator["Bongsu"]:
        try:
            self.start(*files)
            yield self
        finally:
            self.stop()

    # --- people

    def become_admin(self, name: str = "Kim Dana", email: str = "dana@example.com") -> str:
        """Goes through the one-time link like a browser and makes an API token; gives the token."""
        browser = Browser(self.url)
        password = "correct horse battery"
        browser.post(f"/door/{self.door}", {"name": name, "email": email, "password": password})
        made = browser.json("POST", "/api/v1/tokens", {"name": "journey", "scopes": ["*"]})
        self.token = str(made["token"])
        return self.token

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """The API as a program uses it. Raises AssertionError with the refusal's words."""
        status, answer = self.ask(method, path, body, token)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        request = urllib.request.Request(f"{self.url}/api/v1{path}", method=method)
        request.add_header("authorization", f"Bearer {token or self.token}")
        if body is not None:
            request.add_header("content-type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.loads(refusal.read() or b"null")


class Browser:
    """Just enough of a browser for forms: cookies and the page's own token."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(self, path: str) -> str:
        with self.opener.open(self.url + path, timeout=30) as answer:
            return str(answer.read().decode())

    def csrf(self, path: str = "/me") -> str:
        found = re.search(r'name="csrf"[^>]*(?:value|content)="([^"]+)"', self.get(path))
        return found[1] if found else ""

    def post(self, path: str, form: dict[str, str]) -> str:
        page = self.get(path) if path.startswith(("/door", "/sign-in")) else ""
        token = re.search(r'name="csrf"[^>]*value="([^"]*)"', page)
        data = urllib.parse.urlencode(form | {"csrf": token[1] if token else self.csrf()}).encode()
        with self.opener.open(self._request("POST", path, data), timeout=30) as answer:
            return str(answer.read().decode())

    def json(self, method: str, path: str, body: Any) -> Any:
        request = self._request(method, path, json.dumps(body).encode())
        request.add_header("content-type", "application/json")
        request.add_header("x-csrf-token", self.csrf())
        with self.opener.open(request, timeout=30) as answer:
            return json.loads(answer.read())

    def _request(self, method: str, path: str, data: bytes) -> urllib.request.Request:
        request = urllib.request.Request(self.url + path, data=data, method=method)
        request.add_header("origin", self.url)
        return request

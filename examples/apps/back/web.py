"""A small web program for containers: routes, exact origins, metrics, one line of log for each request.

The same file stands in `back` and in `ai`: each image is built from its own folder. A test keeps them equal.
"""

import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

MOST_BYTES = 64 * 1024
IDLE_S = 75  # longer than a load balancer keeps a connection: it must be the one that ends it
LEAVE_S = 20.0  # of the 30 that ECS gives after SIGTERM
METHODS, HEADERS, PREFLIGHT_S = "GET, POST, OPTIONS", "content-type", "600"


@dataclass(slots=True)
class Request:
    """`body`: what the JSON says; None without any."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any = None


@dataclass(slots=True)
class Answer:
    """`content`: JSON, or text as it is."""

    status: int = 200
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """What the caller did wrong, in words."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status, self.said = status, said


Handler = Callable[[Request], Answer]


class App:
    """`origins`: pages that may call with credentials, exactly as browsers name them."""

    def __init__(self, routes: dict[tuple[str, str], Handler], origins: frozenset[str]) -> None:
        self.routes, self.origins = routes, origins
        self.lock, self.busy, self.seconds = threading.Lock(), 0, 0.0
        self.counts = Counter[tuple[str, str, int]]()

    def answer(self, request: Request) -> Answer:
        origin = request.headers.get("origin")
        if origin and origin not in self.origins:
            # Without the headers the browser keeps the answer from the page; a change must not even happen.
            return Answer(403, {"error": "This origin may not call."})
        found = self._preflight(request) if request.method == "OPTIONS" else self._handled(request)
        found.headers["Vary"] = "Origin"
        if origin:
            found.headers["Access-Control-Allow-Origin"] = origin
            found.headers["Access-Control-Allow-Credentials"] = "true"
        return found

    def _preflight(self, request: Request) -> Answer:
        if not any(path == request.path for _, path in self.routes):
            return Answer(404, {"error": "There is nothing here."})
        allowed = {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": HEADERS,
            "Access-Control-Max-Age": PREFLIGHT_S,
        }
        return Answer(204, None, allowed)

    def _handled(self, request: Request) -> Answer:
        if (request.method, request.path) == ("GET", "/metrics"):
            return Answer(200, self.metrics())
        handler = self.routes.get((request.method, request.path))
        if handler is None:
            return Answer(404, {"error": "There is nothing here."})
        try:
            return handler(request)
        except Refused as refused:
            return Answer(refused.status, {"error": refused.said})

    def known(self, path: str) -> str:
        """Paths that nobody has are one in the metrics: a scanner must not fill the memory."""
        return path if any(path == known for _, known in self.routes) else "other"

    def begin(self) -> None:
        with self.lock:
            self.busy += 1

    def finish(self, seconds: float) -> None:
        """Waits for requests that have begun; connections that only stand open are none."""
        until = time.monotonic() + seconds
        while self.busy and time.monotonic() < until:
            time.sleep(0.02)

    def count(self, method: str, path: str, status: int, seconds: float) -> None:
        with self.lock:
            self.counts[method, self.known(path), status] += 1
            self.seconds += seconds
            self.busy -= 1

    def metrics(self) -> str:
        """As Prometheus reads them."""
        with self.lock:
            lines = ["# TYPE http_requests_total counter"]
            for (method, path, status), count in sorted(self.counts.items()):
                labels = f'method="{method}",path="{path}",status="{status}"'
                lines.append(f"http_requests_total{{{labels}}} {count}")
            lines += ["# TYPE http_seconds_total counter", f"http_seconds_total {self.seconds:.6f}"]
        return "\n".join(lines) + "\n"


def origins() -> frozenset[str]:
    """From CORS_ORIGINS, with commas between. Ends the program where one is a pattern or no origin."""
    named = [one.strip() for one in os.environ.get("CORS_ORIGINS", "").split(",") if one.strip()]
    for one in named:
        parts = urlsplit(one)
        if "*" in one or f"{parts.scheme}://{parts.netloc}" != one or not parts.netloc:
            sys.exit(f"CORS_ORIGINS: {one} is no exact origin such as https://www.example.com")
    return frozenset(named)


def serve(app: App) -> None:
    """Until SIGTERM: requests that have begun are answered first."""
    server = server_of(app, int(os.environ.get("PORT", "8080")))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(json.dumps({"listening": server.server_address[1]}), flush=True)
    server.serve_forever(poll_interval=0.1)
    app.finish(LEAVE_S)
    server.server_close()


class Caller(BaseHTTPRequestHandler):
    """One connection of a browser or a load balancer."""

    app: App
    protocol_version = "HTTP/1.1"
    timeout = IDLE_S

    def do_GET(self) -> None:
        self._do()

    do_POST = do_OPTIONS = do_GET  # noqa: N815  names of http.server

    def _do(self) -> None:
        begun, path = time.monotonic(), urlsplit(self.path).path
        self.app.begin()
        try:
            headers = {key.lower(): value for key, value in self.headers.items()}
            found = self.app.answer(Request(str(self.command), path, headers, self._body()))
        except Refused as refused:
            self.close_connection = True
            found = Answer(refused.status, {"error": refused.said})
        except Exception as error:  # noqa: BLE001  one request may fail, the program may not
            print(json.dumps({"error": repr(error), "path": path}), flush=True)
            found = Answer(500, {"error": "This did not work; it is in the log."})
        self._send(found)
        seconds = time.monotonic() - begun
        self.app.count(str(self.command), path, found.status, seconds)
        line = {"method": self.command, "path": path, "status": found.status}
        print(json.dumps(line | {"ms": round(1000 * seconds, 1)}), flush=True)

    def _body(self) -> Any:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            raise Refused(413, f"A request has at most {MOST_BYTES} bytes.")
        text = self.rfile.read(int(length))
        try:
            return json.loads(text) if text else None
        except ValueError:
            raise Refused(400, "This is no JSON.") from None

    def _send(self, found: Answer) -> None:
        plain = isinstance(found.content, str)
        text = found.content if plain else json.dumps(found.content, ensure_ascii=False)
        body = b"" if found.status == 204 else text.encode()
        self.send_response(found.status)
        kind = "text/plain; version=0.0.4" if plain else "application/json"
        rest = {
            "Content-Type": kind,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        for name, value in {**rest, **found.headers}.items():
            self.send_header(name, value)
        if found.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Its own line of log says more."""


def server_of(app: App, port: int) -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("", port), type("Bound", (Caller,), {"app": app}))

"""The front end: a few files, and where the back end is. Its pages talk to API_ORIGIN, another origin."""

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PAGES = Path(__file__).with_name("pages")
KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


def files(api: str) -> dict[str, tuple[str, bytes]]:
    """Path → kind and content: what is not named here is not there."""
    found = {
        f"/{path.name}": (KINDS[path.suffix], path.read_bytes()) for path in sorted(PAGES.iterdir())
    }
    found["/"] = found["/index.html"]
    found["/config.js"] = ("text/javascript", f"export const API = {json.dumps(api)};\n".encode())
    found["/healthz"] = ("application/json", b'{"ok": true}')
    return found


def headers(api: str) -> dict[str, str]:
    """Scripts from here only, calls to the back end only, and in nobody's frame."""
    policy = (
        f"default-src 'self'; connect-src 'self' {api}; frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }


def server_of(api: str, port: int) -> ThreadingHTTPServer:
    known, common = files(api), headers(api)

    class Caller(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 75  # longer than a load balancer keeps a connection

        def do_GET(self) -> None:
            kind, body = known.get(urlsplit(self.path).path, ("text/plain", b""))
            self.send_response(200 if body else 404)
            for name, value in {"Content-Type": f"{kind}; charset=utf-8", **common}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815  a name of http.server

    return ThreadingHTTPServer(("", port), Caller)


def main() -> None:
    api = os.environ.get("API_ORIGIN", "http://localhost:8080")
    parts = urlsplit(api)
    if f"{parts.scheme}://{parts.netloc}" != api:
        sys.exit(f"API_ORIGIN: {api} is no origin such as https://api.example.com")
    server = server_of(api, int(os.environ.get("PORT", "8000")))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(json.dumps({"listening": server.server_address[1]}), flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    main()

"""Providers for the tests: a real implementation (oidc-provider-mock), and one that lies when told to."""

import base64
import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.people import alice_admin

CLIENT = "bongsu-client"
PAGE = {"accept": "text/html"}
BACK = "/sign-in/oidc/back"
ALICE = {"email": "alice@example.com", "email_verified": True, "name": "Alice"}
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


# A process of its own: authlib warns in the thread that answers, and here warnings are errors.
_SERVE = """
import sys
import oidc_provider_mock
with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
    print(server.server_port, flush=True)
    sys.stdin.read()
"""


@contextmanager
def running_provider() -> Iterator[str]:
    """The issuer's address. The server ends when its standard input does, also when this process is killed."""
    command = [sys.executable, "-W", "ignore", "-c", _SERVE]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield f"http://localhost:{process.stdout.readline().strip()}"
        finally:
            process.stdin.close()


async def let_in(address: str, subject: str, **claims: Any) -> dict[str, str]:
    """A person signs in over there at `address`; gives the query that the browser comes back with."""
    parts = urlsplit(address)
    base = f"{parts.scheme}://{parts.netloc}"
    async with httpx2.AsyncClient() as browser:
        if claims:
            await browser.put(f"{base}/users/{subject}", json=claims)
        answer = await browser.post(address, data={"sub": subject})
    return query_of(answer.headers["location"])


async def turned_away(address: str) -> dict[str, str]:
    """The person says no over there."""
    async with httpx2.AsyncClient() as browser:
        answer = await browser.post(address, data={"action": "deny"})
    return query_of(answer.headers["location"])


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@dataclass
class Liar:
    """Answers as a provider does, PKCE included, but for what a test has changed."""

    port: int = 0
    key: Any = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    )
    published: list[Any] | None = None  # keys; None: the one that signs
    said: dict[str, Any] = field(default_factory=dict)  # over the discovery document
    claims: dict[str, Any] = field(default_factory=dict)  # over the ID token's
    header: dict[str, Any] = field(default_factory=dict)
    token: Callable[[dict[str, Any]], str] | None = None  # makes the ID token out of its claims
    answer: tuple[int, Any] | None = None  # of the token endpoint, instead of its own
    userinfo: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)  # what was asked for, by code
    seen: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    now_s: float = 0.0

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def let_in(self, address: str, code: str = "a-code") -> dict[str, str]:
        asked = query_of(address)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def count(self, path: str) -> int:
        return sum(1 for one in self.seen if one[0] == path)

    def get(self, path: str) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            return 200, self._metadata()
        if path == "/keys":
            keys = [self.key] if self.published is None else self.published
            return 200, {"keys": [one if isinstance(one, dict) else one.as_dict() for one in keys]}
        return (200, self.userinfo) if path == "/userinfo" else (404, {})

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        } | self.said

    def exchange(self, form: dict[str, str]) -> tuple[int, Any]:
        if self.answer is not None:
            return self.answer
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or _challenge(form["code_verifier"]) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant", "error_description": "canary-description"}
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "s-1", "nonce": asked["nonce"],
            "iat": int(self.now_s), "exp": int(self.now_s) + 300,
            "email": "alice@example.com", "email_verified": True, "name": "Alice",
        } | self.claims  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self.token(claims) if self.token else self.sign(claims)
        return 200, {"id_token": token, "access_token": "canary-access", "token_type": "Bearer"}

    def sign(self, claims: dict[str, Any]) -> str:
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        header = {name: value for name, value in header.items() if value is not None}
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]])


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@contextmanager
def running_liar() -> Iterator[Liar]:
    liar = Liar()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            liar.seen.append((urlsplit(self.path).path, {}, dict(self.headers)))
            self._give(*liar.get(urlsplit(self.path).path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            liar.seen.append((self.path, form, dict(self.headers)))
            self._give(*liar.exchange(form))

        def _give(self, status: int, said: Any) -> None:
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    liar.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


# --- a browser of ours on the way there and back


@asynccontextmanager
async def lied_to(at, liar, **settings):
    async with at(liar.issuer, **settings) as h:
        liar.now_s = h.clock.now().timestamp()
        await alice_admin(h.db)
        yield h


async def set_out(browser, after="/people"):
    """The address of the provider that the browser is sent to."""
    answer = await browser.get(f"/sign-in/oidc?next={quote(after)}")
    assert 303 == answer.status_code, answer.text[:500]
    return answer.headers["location"]


async def come_back(browser, given):
    return await browser.get(BACK, params=given, headers=PAGE)


async def whoami(browser):
    answer = await browser.get("/api/v1/session")
    return answer.json()["user"]["email"] if answer.status_code == 200 else answer.status_code


async def reasons(h):
    return [one.data["reason"] for one in await h.events("session.refused")]

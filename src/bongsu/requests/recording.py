"""The middleware that sees every request end: pure ASGI, some microseconds each, nothing of it waits.

Who asked is read off what the room `accounts` left in `request.state` (`caller`, `signed_in`) while the
request was answered; a request whose route asks nobody is identified later (recorder.py).
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bongsu.accounts import wire
from bongsu.accounts.model import Actor
from bongsu.kit.clock import Clock
from bongsu.kit.ids import uuid7
from bongsu.kit.text import one_line
from bongsu.requests.model import (
    AGENT_CHARACTERS,
    CUT_STATUS,
    Outcome,
    Seen,
    Via,
    is_kept,
    method_of,
    object_of,
    outcome_of,
    route_of,
)
from bongsu.requests.recorder import Recorder, Shown

HEADER = b"x-request-id"
_STATIC = "/static/"
_STREAM = b"text/event-stream"
_LONG_S = 0.5  # who waited longer may have left: worth a look before the answer goes out
_COOKIES = (wire.COOKIE.encode() + b"=", wire.COOKIE_HTTPS.encode() + b"=")
_SUBJECT = re.compile(rb"(?:^|&)subject=([^&]{1,80})")


class Recording:
    def __init__(self, app: ASGIApp, recorder: Recorder, clock: Clock, trusted: str) -> None:
        self.app, self.recorder, self.clock, self.trusted = app, recorder, clock, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_STATIC):
            await self.app(scope, receive, send)
            return
        visit = _Visit(self, scope, receive, send)
        try:
            await self.app(scope, visit.receive, visit.send)
        except Exception as error:
            await visit.break_off(error)
            raise
        except BaseException:  # cancelled: the client, or the end of the process
            visit.end(cut=True)
            raise
        visit.end(cut=True)  # nothing, where the last byte was sent


class _Visit:
    """One request under way."""

    __slots__ = (
        "_began_at", "_began_s", "_held", "_receive", "_send", "actor", "begun", "id", "language",
        "left", "location", "over", "recording", "scope", "size_bytes", "status", "stream",
    )  # fmt: skip

    def __init__(self, recording: Recording, scope: Scope, receive: Receive, send: Send) -> None:
        self.recording, self.scope = recording, scope
        self._receive, self._send = receive, send
        self._began_at, self._began_s = recording.clock.now(), recording.clock.monotonic_s()
        self._held: list[Message] = []
        self.id = uuid7()
        self.status = self.size_bytes = 0
        self.language, self.location = "", b""
        self.left = self.over = self.stream = False
        self.actor: Actor | None = None
        self.begun = ""  # the session that the answer begins: it says who signed in

    async def receive(self) -> Message:
        message = self._held.pop(0) if self._held else await self._receive()
        if message["type"] == "http.disconnect" and not self.over:
            self.left = True
        return message

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self._started(message)
            if self.recording.clock.monotonic_s() - self._began_s > _LONG_S:
                await self._look_whether_left()
        elif kind == "http.response.body":
            self.size_bytes += len(message.get("body", b""))
        await self._send(message)
        if kind == "http.response.body" and not message.get("more_body"):
            self.end()

    def _started(self, message: Message) -> None:
        self.status = message["status"]
        self.actor = _caller(
            self.scope.get("state") or {}
        )  # a stream outlives the sign-in that opened it
        headers = message["headers"] = [*message.get("headers", ()), (HEADER, self.id.encode())]
        for name, value in headers:
            if name == b"content-type":
                self.stream = value.startswith(_STREAM)
            elif name == b"content-language":
                self.language = value.decode("latin-1")[:16]
            elif name == b"location":
                self.location = value
            elif name == b"set-cookie" and value.startswith(_COOKIES):
                self.begun = (
                    value.partition(b";")[0].partition(b"=")[2].strip(b'"').decode("latin-1")
                )

    async def _look_whether_left(self) -> None:
        """A server says that the client is gone only to who listens; what else it says is kept for the handler."""
        while not self.left:
            asked = asyncio.ensure_future(self._receive())
            await asyncio.sleep(0)
            if not asked.done():
                asked.cancel()
                return
            message = asked.result()
            self.left = message["type"] == "http.disconnect"
            self._held.append(message)

    async def break_off(self, error: Exception) -> None:
        """A bug left the handler: the answer is the application's own, sent from here so that it is counted."""
        handler = self.scope["app"].exception_handlers.get(Exception)
        if self.status == 0 and handler is not None:
            answer = await handler(Request(self.scope), error)
            await answer(self.scope, self.receive, self.send)
        self.end(broke=True)

    def end(self, *, cut: bool = False, broke: bool = False) -> None:
        """Once: whoever comes first says how it ended."""
        if self.over:
            return
        self.over = True
        clock = self.recording.clock
        took_us = round((clock.monotonic_s() - self._began_s) * 1_000_000)
        cut = (cut or self.left) and not self.stream  # a stream has no other end
        self._keep(took_us, cut=cut, broke=broke)

    def _keep(self, took_us: int, *, cut: bool, broke: bool) -> None:
        scope, state = self.scope, self.scope.get("state") or {}
        actor, headers = _caller(state) or self.actor, _headers(scope)
        to_sign_in = actor is None and self.status == 303 and self.location.startswith(b"/sign-in")
        outcome = outcome_of(self.status, cut=cut, broke=broke, to_sign_in=to_sign_in)
        status = self.status or (500 if broke else CUT_STATUS)
        seen = self._seen(actor, headers, took_us, outcome, status)
        shown = None
        if actor is None and outcome != "refused":
            asked = "signed_in" in state
            shown = Shown(cookie=self.begun) if self.begun else _shown(scope, headers, asked=asked)
        if shown is not None:
            self.recording.recorder.add_unknown(seen, shown, scope["path"])
        elif is_kept(seen, scope["path"]):
            self.recording.recorder.add(seen)

    def _seen(
        self,
        actor: Actor | None,
        headers: Mapping[bytes, str],
        took_us: int,
        outcome: Outcome,
        status: int,
    ) -> Seen:
        scope, state = self.scope, self.scope.get("state") or {}
        route, peer = route_of(scope), scope["client"][0] if scope.get("client") else ""
        forwarded = headers.get(b"x-forwarded-for", "")
        return Seen(
            id=self.id,
            at=self._began_at,
            person=actor.id if actor else 0,
            name=actor.name if actor else "",
            token=(actor.token_id or 0) if actor else 0,
            via=_via(actor),
            method=method_of(scope["method"]),
            route=route,
            object=_object(route, scope, state),
            outcome=outcome,
            status=status,
            took_us=took_us,
            size_bytes=0 if scope["method"] == "HEAD" else self.size_bytes,
            stream=self.stream,
            address=wire.client_address(peer, forwarded, self.recording.trusted),
            language=self.language or _language(state),
            agent=_agent(headers.get(b"user-agent", "")),
        )


def _caller(state: Mapping[str, Any]) -> Actor | None:
    found = state.get("caller")
    if found is None and (signed := state.get("signed_in")) is not None:
        found = signed.actor
    return found if isinstance(found, Actor) else None


def _via(actor: Actor | None) -> Via:
    if actor is None:
        return "none"
    return "token" if actor.token_id else "session"


def _headers(scope: Scope) -> dict[bytes, str]:
    """The few that count; several of one name are joined, as proxies mean them."""
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in {b"x-forwarded-for", b"user-agent", b"authorization", b"cookie"}:
            text = value.decode("latin-1")
            found[name] = f"{found[name]},{text}" if name in found else text
    return found


def _agent(text: str) -> str:
    text = text[:AGENT_CHARACTERS]
    return text if text.isprintable() else one_line(text)


def _object(route: str, scope: Scope, state: Mapping[str, Any]) -> str:
    """A handler that knows better says so in `request.state.object`, or the names of things in `…names`."""
    said = state.get("object")
    if isinstance(said, str):
        return said
    named = _SUBJECT.search(scope.get("query_string", b""))
    subject = named[1].decode("latin-1").replace("%2F", "/") if named else ""
    found = object_of(route, scope.get("path_params") or {}, subject)
    return str((state.get("names") or {}).get(found, found))


def _language(state: Mapping[str, Any]) -> str:
    return str(getattr(state.get("shell"), "language", ""))


def _shown(scope: Scope, headers: Mapping[bytes, str], *, asked: bool) -> Shown | None:
    """What may say who it is, where the route did not ask. In memory only, until it is looked up.

    `asked`: whose the session is was looked up already, and it was nobody's.
    """
    if b"authorization" in headers:
        scheme, _, token = headers[b"authorization"].partition(" ")
        return Shown(token=token.strip()) if scheme.lower() == "bearer" else None
    if asked or b"cookie" not in headers:
        return None
    request = Request(scope)
    for name in (wire.COOKIE_HTTPS, wire.COOKIE):
        if cookie := request.cookies.get(name):
            return Shown(cookie=cookie)
    return None

"""One HTTP request, measured and guarded: the http check and every outgoing webhook go through here.

A new connection each time, to an address that we resolved and the egress guard allowed; redirects are
followed hop by hop so that the guard sees each. The outside world's faults are values, never exceptions.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pycurl

from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.i18n import Said, say
from bongsu.net.curl import CurlEngine
from bongsu.net.guard import EgressPolicy
from bongsu.net.handle import Handle, HandlePool
from bongsu.net.model import Fault, Phases, Request, Response
from bongsu.net.place import Place, find_place
from bongsu.net.reading import read_response
from bongsu.net.resolver import Resolver
from bongsu.net.url import Target, parse_url, redirect_target

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRAVELS = frozenset({"accept", "accept-language", "content-type", "user-agent"})
_LEAST_MS = 1


class Fetcher:
    """One for each process: engine, resolver and handles. `ca_file` replaces the system's authorities."""

    def __init__(
        self, resolver: Resolver, *, clock: Clock = SYSTEM_CLOCK, ca_file: Path | None = None
    ) -> None:
        self.resolver = resolver
        self.clock = clock
        self.engine = CurlEngine()
        self.handles = HandlePool(ca_file)

    async def close(self) -> None:
        """Ends what is under way. The resolver is its owner's to close."""
        await self.engine.close()
        self.handles.close()

    async def fetch(self, request: Request, policy: EgressPolicy) -> Response:
        """Bounded by `request.timeout_s` from the look-up to the last byte, redirects included."""
        deadline_s = self.clock.monotonic_s() + request.timeout_s
        target = parse_url(request.url)
        if isinstance(target, Said):
            return Response(request.url, fault=Fault("options", str(target), said=target))
        answer = await self._hop(target, request, policy, deadline_s)
        seen: tuple[str, ...] = ()
        while request.follow and (location := _location(answer)) is not None:
            onward = _onward(target, location, seen, request)
            if isinstance(onward, Fault):
                return replace(answer, fault=onward)
            request = redirected(request, answer.status or 0, target, onward)
            seen, target = (*seen, onward.url), onward
            before = answer.phases_us
            answer = await self._hop(target, request, policy, deadline_s)
            answer = replace(answer, phases_us=before + answer.phases_us, redirects=seen)
        return answer

    async def _hop(
        self, target: Target, request: Request, policy: EgressPolicy, deadline_s: float
    ) -> Response:
        place = await find_place(
            target.host,
            target.port,
            request.family,
            deadline_s - self.clock.monotonic_s(),
            resolver=self.resolver,
            policy=policy,
            clock=self.clock,
        )
        if place.fault is not None:
            return _nowhere(target, place)
        left_ms = int((deadline_s - self.clock.monotonic_s()) * 1000)
        handle = self.handles.take()
        try:
            _set_up(handle, target, request, place, max(left_ms, _LEAST_MS))
            code, words = await self.engine.perform(handle.curl)
            return read_response(handle, target, request, place, code, words)
        finally:
            self.handles.give(handle)


def _nowhere(target: Target, place: Place) -> Response:
    shown = place.shown if place.address else None
    return Response(
        target.url, phases_us=Phases(name=place.name_us), address=shown, fault=place.fault
    )


def _location(answer: Response) -> str | None:
    """Where the answer sends us; None when it is the last one."""
    if answer.fault is not None or answer.status not in _REDIRECTS:
        return None
    return answer.header("location")


def _onward(base: Target, location: str, seen: tuple[str, ...], request: Request) -> Target | Fault:
    if len(seen) >= request.follow:
        said = say(
            "It redirects more than {n} times, at last to {url}.", n=request.follow, url=location
        )
        return Fault("redirects", str(said), said=said)
    target = redirect_target(base.url, location)
    if isinstance(target, Said):
        said = say("It redirects to {url}, which is not followed: {why}", url=location, why=target)
        return Fault("redirects", str(said), said=said)
    return target


def redirected(request: Request, status: int, old: Target, new: Target) -> Request:
    """The request to send on, as browsers do: 303 (and 301, 302 after a POST) become a GET without
    body; to another origin go only headers that cannot hold a secret."""
    to_get = status == 303 or (status in {301, 302} and request.method == "POST")
    headers = request.headers
    if new.origin != old.origin:
        headers = tuple(h for h in headers if h[0].lower() in _TRAVELS)
    if to_get and request.method != "HEAD":
        headers = tuple(h for h in headers if not h[0].lower().startswith("content-"))
        return replace(request, url=new.url, method="GET", body=None, headers=headers)
    return replace(request, url=new.url, headers=headers)


def _set_up(handle: Handle, target: Target, request: Request, place: Place, left_ms: int) -> None:
    """The plain GET, by far the most frequent, sets three options; anything else soils the handle."""
    setopt = handle.curl.setopt
    keep = request.body_limit_bytes
    handle.sink.start(keep, max(keep, request.read_limit_bytes))
    setopt(pycurl.URL, target.url)
    setopt(pycurl.CONNECT_TO, [f"::{place.shown}"])  # Host header and SNI stay those of the URL
    setopt(pycurl.TIMEOUT_MS, left_ms)
    plain = request.method == "GET" and request.body is None and not request.headers
    if plain and request.verify:
        return
    handle.soiled = True
    if not request.verify:
        setopt(pycurl.SSL_VERIFYPEER, 0)
        setopt(pycurl.SSL_VERIFYHOST, 0)
    setopt(pycurl.HTTPHEADER, header_lines(request))
    _set_method(setopt, request)


def _set_method(setopt: Any, request: Request) -> None:
    if request.method == "HEAD":
        setopt(pycurl.NOBODY, 1)
    elif request.body is not None or request.method in {"POST", "PUT", "PATCH"}:
        setopt(pycurl.POSTFIELDS, request.body or b"")
        setopt(pycurl.CUSTOMREQUEST, request.method)
    elif request.method != "GET":
        setopt(pycurl.CUSTOMREQUEST, request.method)


def header_lines(request: Request) -> list[bytes]:
    """What libcurl sends beside its own. A name followed by a bare colon keeps libcurl from adding it.

    Raises ValueError for a line break in a header: that is a bug of the caller's validation.
    """
    given = {name.lower() for name, _ in request.headers}
    lines = ["Connection: close"]
    lines += [f"{name}: {value}" if value else f"{name};" for name, value in request.headers]
    lines += [] if "content-type" in given else ["Content-Type:"]
    lines += ["Expect:"]
    if any("\r" in line or "\n" in line or "\0" in line for line in lines):
        raise ValueError("a header holds a line break")
    return [line.encode() for line in lines]

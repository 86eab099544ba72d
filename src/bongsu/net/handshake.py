"""A TLS handshake and nothing after it, on the engine of `fetch`: for certificates of any service."""

import re
from dataclasses import dataclass, field, replace

import pycurl

from bongsu.net.curl import OK
from bongsu.net.fetch import Fetcher
from bongsu.net.guard import EgressPolicy
from bongsu.net.handle import Handle, end_with_reset
from bongsu.net.model import Certificate, Family, Fault, Phases
from bongsu.net.place import Place, find_place
from bongsu.net.reading import handle_certificate, read_fault, read_phases

_PROTOCOL = re.compile(r"SSL connection using (TLSv[\d.]+)")


@dataclass(frozen=True, slots=True)
class Handshake:
    """A certificate that is not trusted is no fault here: it is there, with its `problem`."""

    connected: bool = False
    phases_us: Phases = field(default_factory=Phases)
    address: str | None = None
    certificate: Certificate | None = None
    fault: Fault | None = None


async def shake_hands(
    fetcher: Fetcher,
    host: str,
    port: int,
    *,
    policy: EgressPolicy,
    timeout_s: float,
    server_name: str = "",
    family: Family = "any",
) -> Handshake:
    """Connects, takes the certificate and ends with a reset. `server_name` is what is asked for and
    verified when it differs from `host`."""
    deadline_s = fetcher.clock.monotonic_s() + timeout_s
    place = await find_place(
        host,
        port,
        family,
        timeout_s,
        resolver=fetcher.resolver,
        policy=policy,
        clock=fetcher.clock,
    )
    if place.fault is not None:
        shown = place.shown if place.address else None
        return Handshake(phases_us=Phases(name=place.name_us), address=shown, fault=place.fault)
    left_ms = int((deadline_s - fetcher.clock.monotonic_s()) * 1000)
    handle = fetcher.handles.take()
    notes: list[str] = []
    try:
        _set_up(handle, server_name or host, place, max(left_ms, 1), notes)
        code, words = await fetcher.engine.perform(handle.curl)
        return _read(handle, place, code, words, notes)
    finally:
        fetcher.handles.give(handle)


def _set_up(handle: Handle, name: str, place: Place, left_ms: int, notes: list[str]) -> None:
    handle.soiled = True
    setopt = handle.curl.setopt
    shown = f"[{name}]" if ":" in name else name
    setopt(pycurl.URL, f"https://{shown}:{place.port}/")
    setopt(pycurl.CONNECT_TO, [f"::{place.shown}"])
    setopt(pycurl.TIMEOUT_MS, left_ms)
    setopt(pycurl.CONNECT_ONLY, 1)
    setopt(pycurl.SOCKOPTFUNCTION, end_with_reset)
    setopt(pycurl.SSL_ENABLE_ALPN, 0)  # the service need not speak HTTP
    setopt(pycurl.VERBOSE, 1)  # the only way libcurl tells the TLS version
    setopt(pycurl.DEBUGFUNCTION, lambda kind, text: _note(notes, kind, text))


def _note(notes: list[str], kind: int, text: bytes) -> None:
    if kind == pycurl.INFOTYPE_TEXT and text.startswith(b"SSL connection using"):
        notes.append(text.decode("latin-1"))


def _read(handle: Handle, place: Place, code: int, words: str, notes: list[str]) -> Handshake:
    connected = code == OK or handle.curl.getinfo(pycurl.CONNECT_TIME_T) > 0
    protocol = next((m[1] for m in map(_PROTOCOL.match, notes) if m), "")
    certificate = handle_certificate(handle, code, words, verify=True, protocol=protocol)
    fault = None
    if code not in {OK, pycurl.E_PEER_FAILED_VERIFICATION}:
        fault = read_fault(handle, code, words, certificate)
    took = read_phases(handle, place.name_us, secure=True)
    took = replace(took, first_byte=0, transfer=0)  # nothing was asked
    return Handshake(connected, took, place.shown, certificate, fault)

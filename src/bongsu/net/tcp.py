"""A TCP connection of our own: connect, perhaps say something, perhaps wait for words, end with a reset."""

import asyncio
import socket
import struct
from dataclasses import dataclass, field

from bongsu.kit.clock import Clock
from bongsu.kit.i18n import say
from bongsu.net.faults import os_fault
from bongsu.net.model import Fault, Phases
from bongsu.net.place import Place

READ_LIMIT_BYTES = 64 << 10
_CLOSED = say("The connection was closed before the expected words came.")
_TOO_MUCH = say("The expected words did not come within the first 64 KiB.")
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Talk:
    """What came of it. `received` is what the other side said until we had heard enough."""

    connected: bool = False
    phases_us: Phases = field(default_factory=Phases)
    address: str | None = None
    received: bytes = b""
    fault: Fault | None = None


async def talk(
    place: Place, clock: Clock, timeout_s: float, *, send: bytes = b"", until: bytes | None = None
) -> Talk:
    """`until` is what is waited for; b"" means anything at all, None that nothing is read.

    Never raises for the outside world. A cancelled talk leaves no socket open.
    """
    if place.fault is not None:
        shown = place.shown if place.address else None
        return Talk(phases_us=Phases(name=place.name_us), address=shown, fault=place.fault)
    watch = _Watch(clock)
    heard = bytearray()
    fault: Fault | None = None
    try:
        async with asyncio.timeout(timeout_s):
            fault = await _converse(place, watch, heard, send, until)
    except TimeoutError:
        kind = "timeout" if watch.connect_us else "connect_timeout"
        fault = Fault(kind, f"timed out after {timeout_s:.3g} s")
    except OSError as error:
        fault = os_fault(error)
    connected = watch.connect_us > 0
    return Talk(connected, watch.phases(place.name_us), place.shown, bytes(heard), fault)


async def _converse(
    place: Place, watch: "_Watch", heard: bytearray, send: bytes, until: bytes | None
) -> Fault | None:
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in place.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as sock:
        # No TIME_WAIT on our side: at 500 probes/s of one target that would use up every port to it.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        await loop.sock_connect(sock, (place.address, place.port))
        watch.connected()
        if send:
            await loop.sock_sendall(sock, send)
        return None if until is None else await _listen(loop, sock, watch, heard, until)


async def _listen(
    loop: asyncio.AbstractEventLoop,
    sock: socket.socket,
    watch: "_Watch",
    heard: bytearray,
    until: bytes,
) -> Fault | None:
    while not (until in heard if until else heard):
        if len(heard) >= READ_LIMIT_BYTES:
            return Fault("protocol", str(_TOO_MUCH), said=_TOO_MUCH)
        chunk = await loop.sock_recv(sock, READ_LIMIT_BYTES)
        watch.heard()
        heard += chunk
        if not chunk:
            return Fault("protocol", str(_CLOSED), said=_CLOSED)
    return None


class _Watch:
    """Stops the time of each phase."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_s = clock.monotonic_s()
        self.connect_us = 0
        self._first_us = 0

    def connected(self) -> None:
        self.connect_us = max(self._now_us(), 1)

    def heard(self) -> None:
        self._first_us = self._first_us or self._now_us()

    def phases(self, name_us: int) -> Phases:
        now_us = self._now_us()
        if not self.connect_us:
            return Phases(name_us, connect=now_us)
        first_us = self._first_us or now_us
        return Phases(
            name_us, self.connect_us, 0, first_us - self.connect_us, max(now_us - first_us, 0)
        )

    def _now_us(self) -> int:
        return round((self._clock.monotonic_s() - self._began_s) * 1e6)

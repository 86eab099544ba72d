"""Web services that break on command: one port a service, in a thread of this process.

Every answer's body has a length of its own (1 to SERIALS bytes, then again from 1), so that a row of the
history names the very request that it is about.
"""

import asyncio
import random
import threading
import time
from dataclasses import dataclass, field

from tests.ports import free_ports

SERIALS = 1900  # below what evidence keeps of a body, so that every row has the whole length


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was answered. Times: monotonic and of the wall clock, seconds."""

    serial: int
    status: int
    at_s: float
    wall_s: float


@dataclass(slots=True)
class Service:
    name: str
    port: int
    status: int = 200
    asked: list[Asked] = field(default_factory=list)

    def answer(self) -> bytes:
        serial = len(self.asked) % SERIALS + 1
        self.asked.append(Asked(serial, self.status, time.monotonic(), time.time()))
        words = "OK" if self.status == 200 else "Internal Server Error"
        head = f"HTTP/1.1 {self.status} {words}\r\nContent-Length: {serial}\r\nConnection: close\r\n\r\n"
        return head.encode() + b"." * serial

    def failing_since(self, at_s: float) -> float:
        """When the first bad answer after `at_s` was given; raises StopIteration when there was none."""
        return next(one.at_s for one in self.asked if one.at_s >= at_s and one.status != 200)


class _Answering(asyncio.Protocol):
    def __init__(self, service: Service) -> None:
        self.service, self.read = service, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.read += data
        if b"\r\n\r\n" in self.read:
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.write(self.service.answer())
            self.transport.close()


class Target:
    """`with Target(10) as target: target.services[0].status = 500`"""

    def __init__(self, count: int) -> None:
        first = free_ports(count)
        self.services = [Service(f"s{number}", first + number) for number in range(count)]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Target":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    async def _listen(self) -> None:
        self._servers = [
            await self._loop.create_server(
                lambda service=service: _Answering(service), "127.0.0.1", service.port, backlog=128
            )
            for service in self.services
        ]

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        await asyncio.sleep(0)

    def all(self, status: int) -> float:
        """Every service at once; the moment (monotonic)."""
        for service in self.services:
            service.status = status
        return time.monotonic()

    def shuffled(self, source: random.Random) -> list[Service]:
        return source.sample(self.services, len(self.services))

    def configuration(self, every: str = "1s") -> str:
        """A file with all services, watched every second and owned by one person."""
        lines = [
            "teams:",
            "  keepers: {title: Keepers, members: [keeper@example.com]}",
            "services:",
        ]
        for service in self.services:
            check = f'{{http: "http://127.0.0.1:{service.port}/", every: {every}, timeout: 900ms, confirm: 1}}'
            lines += [
                f"  {service.name}:",
                "    owners: [keepers]",
                f"    checks: {{page: {check}}}",
            ]
        return "\n".join(lines) + "\n"

"""Is anybody there? Plain TCP connection attempts, thousands at once, each no more than a socket and a future.

A full look at a target that swallows every packet holds twelve kilobytes until its time-out; a knock holds
one (docs/adr/0036-knock-first.md). It only tells whether anything answers at all, even by refusing.
"""

import asyncio
import heapq
import select
import socket
import struct
from itertools import count

from bongsu.kit.clock import Clock

_SWEEP_S = 0.05
_BATCH = 256
_RESET = struct.pack("ii", 1, 0)


class Doors:
    """One for each loop; bound to the loop of its first knock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._epoll = select.epoll()
        self._open: dict[int, tuple[int, socket.socket, asyncio.Future[bool]]] = {}
        self._deadlines: list[tuple[float, int, int]] = []  # when, number of the knock, descriptor
        self._number = count()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        return len(self._open)

    def knock(self, address: str, port: int, timeout_s: float) -> asyncio.Future[bool]:
        """True as soon as anything answers or fails, False after `timeout_s` of silence."""
        loop = self._loop or self._bind()
        answer: asyncio.Future[bool] = loop.create_future()
        try:
            door = _begin(address, port)
        except OSError:  # whatever it is, the full look knows how to say it
            answer.set_result(True)
            return answer
        descriptor, number = door.fileno(), next(self._number)
        self._open[descriptor] = (number, door, answer)
        self._epoll.register(descriptor, select.EPOLLOUT)
        until_s = self._clock.monotonic_s() + timeout_s
        heapq.heappush(self._deadlines, (until_s, number, descriptor))
        return answer

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for _, door, answer in self._open.values():
            door.close()
            answer.cancel()
        self._open.clear()
        if not self._epoll.closed:
            if self._loop is not None:
                self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()

    def _bind(self) -> asyncio.AbstractEventLoop:
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._epoll.fileno(), self._on_ready)
        self._sweep()
        return self._loop

    def _on_ready(self) -> None:
        for descriptor, _ in self._epoll.poll(0, _BATCH):
            self._end(descriptor, answered=True)

    def _sweep(self) -> None:
        now_s = self._clock.monotonic_s()
        while self._deadlines and self._deadlines[0][0] <= now_s:
            _, number, descriptor = heapq.heappop(self._deadlines)
            if descriptor in self._open and self._open[descriptor][0] == number:
                self._end(descriptor, answered=False)
        if self._loop is not None:
            self._timer = self._loop.call_later(_SWEEP_S, self._sweep)

    def _end(self, descriptor: int, *, answered: bool) -> None:
        _, door, answer = self._open.pop(descriptor)
        door.close()
        if not answer.done():
            answer.set_result(answered)


def _begin(address: str, port: int) -> socket.socket:
    """Raises OSError when the attempt fails at once."""
    door = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        door.setblocking(False)
        # Closed by a reset: nobody keeps a port in TIME_WAIT for a knock.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        door.connect((address, port))
    except BlockingIOError:
        return door
    except BaseException:
        door.close()
        raise
    return door

"""libcurl's multi-socket interface on asyncio: many transfers, one event loop, no thread.

Like `pycurl.AsyncCurlMulti`, but libcurl's sockets sit in an epoll of their own whose one descriptor the
loop watches. The loop then never makes or drops a handle for each change of each socket, which saves a
fifth of the CPU of a plain probe (docs/adr/0020-curl-engine.md has the figures).
"""

import asyncio
import contextlib
import select
from typing import Any

import pycurl

_EVENTS = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}
_READABLE = select.EPOLLIN | select.EPOLLHUP
# So many sockets are served before the loop turns to other work; the rest are still ready next time.
_BATCH = 128

_NEVER = float("inf")
_EARLY_S = 0.0005  # libcurl counts whole milliseconds; a wake-up this early is in time

OK = 0


class CurlEngine:
    """Runs prepared easy handles. Bound to the loop of its first transfer."""

    def __init__(self) -> None:
        self._multi: Any = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)
        self._multi.setopt(pycurl.M_NOTIFYFUNCTION, self._on_ended)
        self._multi.notify_enable(pycurl.M_NOTIFY_INFO_READ)
        self._epoll = select.epoll()
        self._watched: set[int] = set()
        self._running: dict[Any, asyncio.Future[tuple[int, str]]] = {}
        self._ended = False
        self._timer: asyncio.Handle | None = None
        self._timer_at_s = _NEVER  # when our timer wakes us
        self._due_s = _NEVER  # when libcurl wants to be woken: often later
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def in_flight(self) -> int:
        return len(self._running)

    async def perform(self, curl: Any) -> tuple[int, str]:
        """Runs one transfer: (0, "") or libcurl's error code and words. Cancelling closes its socket."""
        loop = self._loop or self._bind()
        self._multi.add_handle(curl)
        done = self._running[curl] = loop.create_future()
        try:
            result: tuple[int, str] = await done
        except BaseException:
            if self._running.pop(curl, None) is not None:
                self._multi.remove_handle(curl)
            raise
        return result

    async def close(self) -> None:
        """Ends every transfer; those who wait for one see it cancelled."""
        for curl, done in list(self._running.items()):
            self._finish(curl, None)
            done.cancel()
        if self._timer is not None:
            self._timer.cancel()
        if not self._epoll.closed:
            if self._loop is not None:
                self._loop.remove_reader(self._epoll.fileno())
            self._multi.close()
            self._epoll.close()

    def _bind(self) -> asyncio.AbstractEventLoop:
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._epoll.fileno(), self._on_ready)
        return self._loop

    def _on_socket(self, what: int, fd: int, _multi: Any, _data: Any) -> None:
        events = _EVENTS.get(what)
        if events is None:
            # Nearly always closed in a moment, which takes it out of the epoll by itself.
            self._watched.discard(fd)
        elif fd in self._watched:
            self._epoll.modify(fd, events)
        else:
            self._watch(fd, events)

    def _watch(self, fd: int, events: int) -> None:
        self._watched.add(fd)
        try:
            self._epoll.register(fd, events)
        except FileExistsError:
            self._epoll.modify(fd, events)

    def _drop(self, fd: int) -> None:
        """A socket that libcurl keeps open but no longer watches is ready for ever."""
        with contextlib.suppress(OSError):
            self._epoll.unregister(fd)

    def _on_timer(self, timeout_ms: int) -> None:
        """libcurl moves its one timer several times in a transfer, nearly always to later: then ours
        stays, and looks again when it fires. Never acts at once: this is called from inside libcurl."""
        if self._loop is None:
            return
        now_s = self._loop.time()
        self._due_s = _NEVER if timeout_ms < 0 else now_s + timeout_ms / 1000
        if self._due_s < self._timer_at_s:
            self._wake_at(now_s, self._due_s)

    def _wake_at(self, now_s: float, at_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at_s = None, at_s
        if self._loop is None or at_s == _NEVER:
            return
        if at_s <= now_s:
            self._timer = self._loop.call_soon(self._on_timeout)
        else:
            self._timer = self._loop.call_later(at_s - now_s, self._on_timeout)

    def _on_timeout(self) -> None:
        self._timer, self._timer_at_s = None, _NEVER
        now_s = self._loop.time() if self._loop else 0.0
        if self._due_s > now_s + _EARLY_S:
            self._wake_at(now_s, self._due_s)
            return
        self._due_s = _NEVER
        self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        self._collect()

    def _on_ended(self, _what: int, _curl: Any) -> None:
        self._ended = True

    def _on_ready(self) -> None:
        action = self._multi.socket_action
        for fd, events in self._epoll.poll(0, _BATCH):
            mask = pycurl.CSELECT_IN if events & _READABLE else 0
            if events & select.EPOLLOUT:
                mask |= pycurl.CSELECT_OUT
            if events & select.EPOLLERR:
                mask |= pycurl.CSELECT_ERR
            if fd in self._watched:
                action(fd, mask)
            else:
                self._drop(fd)
        self._collect()

    def _collect(self) -> None:
        """Only when libcurl said that a transfer ended, which it does from inside `socket_action`."""
        while self._ended:
            self._ended = False
            waiting, good, bad = self._multi.info_read()
            self._ended = self._ended or waiting > 0
            for curl in good:
                self._finish(curl, (OK, ""))
            for curl, code, words in bad:
                self._finish(curl, (code, words))

    def _finish(self, curl: Any, result: tuple[int, str] | None) -> None:
        done = self._running.pop(curl, None)
        if done is None:
            return
        self._multi.remove_handle(curl)
        if result is not None and not done.done():
            done.set_result(result)

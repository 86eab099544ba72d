"""The store's door: ClickHouse's HTTP over a Unix socket. Native work happens in the engine's threads."""

import asyncio
import logging
from typing import Protocol

from bongsu.lake.dialect import BAD_ARGUMENTS, Refusal, Statement, read_statement
from bongsu.lake.http1 import BodyTooLarge, Head, ProtocolError, message, read_body, read_head

_LOG = logging.getLogger(__name__)
_IDLE_S = 300.0
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 408: "Request Timeout"}
_REASONS |= {413: "Payload Too Large", 500: "Internal Server Error", 503: "Service Unavailable"}


class Runs(Protocol):
    async def run(self, statement: Statement) -> bytes:
        """Raises Refusal."""


class LakeServer:
    """Answers requests of any number of connections, one at a time on each."""

    def __init__(self, engine: Runs) -> None:
        self._engine = engine
        self._connections: set[asyncio.Task[None]] = set()
        self._busy = 0
        self._calm = asyncio.Event()
        self._calm.set()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The callback of `asyncio.start_unix_server`."""
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def stop(self, grace_s: float) -> None:
        """Lets running requests end for at most `grace_s`, then closes all connections."""
        try:
            await asyncio.wait_for(self._calm.wait(), grace_s)
        except TimeoutError:
            _LOG.warning("stopped with %d statements unanswered", self._busy)
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, ProtocolError, TimeoutError):
            pass  # the other side went away, or was idle for long: nothing to answer
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; False when the connection is to be closed."""
        head = await asyncio.wait_for(read_head(reader), _IDLE_S)
        if head is None:
            return False
        try:
            body = await asyncio.wait_for(read_body(reader, head), _IDLE_S)
        except BodyTooLarge as error:
            writer.write(_answer(413, f"Code: 36. {error}".encode(), BAD_ARGUMENTS))
            await writer.drain()
            return False
        self._began()
        try:
            writer.write(await self._reply(head, body))
            await writer.drain()
        finally:
            self._ended()
        return head.keep_alive

    def _began(self) -> None:
        self._busy += 1
        self._calm.clear()

    def _ended(self) -> None:
        self._busy -= 1
        if self._busy == 0:
            self._calm.set()

    async def _reply(self, head: Head, body: bytes) -> bytes:
        method, _, rest = head.start.partition(" ")
        target = rest.rpartition(" ")[0]
        path = target.partition("?")[0]
        if path == "/ping" or (path == "/" and method == "GET" and "?" not in target):
            return _answer(200, b"Ok.\n")
        if path != "/" or method not in ("GET", "POST"):
            return _answer(404, b"There is /, /?query= and /ping.\n")
        return await self._run(target, body, reads_only=method == "GET")

    async def _run(self, target: str, body: bytes, reads_only: bool) -> bytes:
        try:
            statement = read_statement(target, body, reads_only)
            return _answer(200, await self._engine.run(statement))
        except Refusal as refusal:
            return _answer(refusal.status, f"{refusal}\n".encode(), refusal.code)


def _answer(status: int, body: bytes, exception_code: int | None = None) -> bytes:
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "X-ClickHouse-Server-Display-Name": "bongsu",
    }
    if exception_code is not None:
        headers["X-ClickHouse-Exception-Code"] = str(exception_code)
    return message(f"HTTP/1.1 {status} {_REASONS[status]}", headers, body)

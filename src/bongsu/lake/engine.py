"""ClickHouse in this process: one connection for inserts, a small pool for queries, caps on all.

Only the store process imports this: the library is 0.4 s and 250 MB, one process may open a folder,
and a `fork` after opening hangs. Each connection belongs to one thread; the event loop never waits in it.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chdb.state.sqlitelike import Connection

from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.lake import schema
from bongsu.lake.dialect import (
    TIMEOUT,
    TOO_MANY_QUERIES,
    Refusal,
    Statement,
    clamped,
    with_settings,
)

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Caps:
    """Defaults for one machine that also probes and serves: half its cores, a quarter of its memory."""

    queries: int = 3
    waiting: int = 64
    threads: int = max(1, (os.cpu_count() or 1) // 2)
    query_s: float = 30.0
    query_memory_bytes: int = 512 * _MIB
    answer_bytes: int = 64 * _MIB
    server_memory_bytes: int = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4

    def settings(self) -> dict[str, float]:
        return {
            "max_execution_time": self.query_s,
            "max_memory_usage": self.query_memory_bytes,
            "max_threads": self.threads,
            "max_result_bytes": self.answer_bytes,
        }


class Engine:
    """Opens the folder and brings its schema up to date. Blocks for about 0.5 s."""

    def __init__(self, folder: Path, caps: Caps | None = None, clock: Clock = SYSTEM_CLOCK) -> None:
        if "?" in str(folder):
            raise Invalid(
                say("The folder {folder} has a ? in its name. Choose another.", folder=folder)
            )
        self._caps, self._clock = caps or Caps(), clock
        self._target = f"{folder}?{_server_arguments(self._caps)}"
        self._opened: list[Connection] = []
        self._own = threading.local()
        self._work: set[Future[bytes]] = set()
        self._inserts = ThreadPoolExecutor(1, "lake-insert", self._open_for, (self._for_inserts,))
        self._queries = ThreadPoolExecutor(
            self._caps.queries, "lake-query", self._open_for, (self._for_queries,)
        )
        self._inserts.submit(self._prepare).result()

    @property
    def pending(self) -> int:
        """Statements running or waiting, also those whose caller has gone."""
        return len(self._work)

    async def run(self, statement: Statement) -> bytes:
        """The answer in the statement's format; empty for an INSERT. Raises Refusal."""
        if self.pending >= self._caps.waiting:
            raise Refusal(TOO_MANY_QUERIES, "Code: 202. Too many simultaneous queries")
        capped = clamped(statement.settings, self._caps.settings())
        wait_s = float(capped.get("max_execution_time", self._caps.query_s))
        deadline_s = self._clock.monotonic_s() + wait_s
        pool = self._queries if statement.reads else self._inserts
        work = pool.submit(self._in_time, deadline_s, lambda: self._run(statement, capped))
        self._work.add(work)
        work.add_done_callback(self._work.discard)
        return await asyncio.wrap_future(work)

    def close(self) -> None:
        """Only when nothing is pending: closing under a running statement waits for it."""
        self._queries.shutdown()
        self._inserts.shutdown()
        for connection in self._opened:
            connection.close()
        self._opened.clear()

    def _open_for(self, purpose: Callable[[], list[str]]) -> None:
        connection = Connection(self._target)
        self._opened.append(connection)
        self._own.connection = connection
        for sql in (schema.CREATE_DATABASE, f"USE {schema.DATABASE}", *purpose()):
            connection.query(sql)

    def _for_queries(self) -> list[str]:
        pairs = ", ".join(f"{name} = {value:g}" for name, value in self._caps.settings().items())
        return [f"SET {pairs}", "SET readonly = 2"]

    def _for_inserts(self) -> list[str]:
        # Batches are small and synchronous: threads to parse them in parallel cost more than they win.
        return ["SET max_threads = 1, max_insert_threads = 1, input_format_parallel_parsing = 0"]

    def _prepare(self) -> None:
        for sql in schema.BEGIN:
            self._own.connection.query(sql)
        found = int(bytes(self._own.connection.query(schema.FOUND_VERSION, "TSV").bytes()) or b"0")
        for sql in schema.missing_statements(found):
            self._own.connection.query(sql)

    def _in_time(self, deadline_s: float, work: Callable[[], bytes]) -> bytes:
        """What waited longer than it may run is not run: its caller has gone."""
        if self._clock.monotonic_s() > deadline_s:
            raise Refusal(TIMEOUT, "Code: 159. Waited for longer than max_execution_time")
        return work()

    def _run(self, statement: Statement, settings: dict[str, str]) -> bytes:
        sql = with_settings(statement.sql, settings)
        try:
            if statement.rows is None:
                return _bytes_of(
                    self._own.connection.query(sql, statement.format, statement.params)
                )
            with self._own.connection.send_insert(sql, statement.format) as insert:
                insert.append(statement.rows)
                insert.finish()
        except RuntimeError as error:  # ChdbError is one
            raise Refusal.from_engine(str(error)) from error
        return b""


def _bytes_of(answer: Any) -> bytes:
    """A statement without rows may answer None, or a result whose bytes are None."""
    return (answer.bytes() if answer is not None else None) or b""


def _server_arguments(caps: Caps) -> str:
    """The defaults are those of a server: 90 % of the memory, caches of 5 GiB."""
    caches = 64 * _MIB
    arguments = {
        "max_server_memory_usage": caps.server_memory_bytes,
        "mark_cache_size": caches,
        "index_mark_cache_size": caches,
        "primary_index_cache_size": caches,
        "query_condition_cache_size": caches // 4,
    }
    return "&".join(f"{name}={value}" for name, value in arguments.items())

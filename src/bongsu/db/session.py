"""`read()` and `write()`, nothing else: every way to the state goes through here."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiosqlite
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bongsu.kit.errors import NOT_KEPT, Invalid, StateBusy
from bongsu.kit.redact import redact_url

LOCK_TIMEOUT_S = 10.0
_READERS = 4
_TURN_S = 0.02  # between tries for a file that another process has
# Of PostgreSQL: connection gone, deadlock, too many of something, lock not had, starting or stopping. It passes.
_PASSING = ("08", "40", "53", "55", "57")
_DISK_FULL = "53100"
_DATA = "22"  # a NUL in a text, a number beyond all numbers


class Tx:
    """One transaction. The rows in `late` are written by `write_late` as its last statements."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.dialect = connection.dialect.name
        self.late: list[dict[str, Any]] = []
        self.write_late: Callable[[Tx], Awaitable[None]] | None = None

    async def execute(
        self,
        statement: sa.Executable,
        params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> sa.CursorResult[Any]:
        return await self._connection.execute(statement, params)

    async def rows(self, statement: sa.Executable) -> list[sa.Row[Any]]:
        return list((await self._connection.execute(statement)).all())

    async def row(self, statement: sa.Executable) -> sa.Row[Any] | None:
        return (await self._connection.execute(statement)).first()

    async def scalar(self, statement: sa.Executable) -> Any:
        return (await self._connection.execute(statement)).scalar()

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Rolls back what happens inside when it raises, late rows included."""
        kept = len(self.late)
        try:
            async with self._connection.begin_nested():
                yield
        except BaseException:
            del self.late[kept:]
            raise

    async def finish(self) -> None:
        if self.late and self.write_late is not None:
            await self.write_late(self)


class Database:
    """State on SQLite (one writer connection, a pool of readers) or PostgreSQL (one pool)."""

    def __init__(self, url: str, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self.url = url
        self.dialect = writer.dialect.name
        self._writer, self._reader = writer, reader

    def __repr__(self) -> str:
        return f"Database({redact_url(self.url)})"

    @classmethod
    def open(cls, url: str, lock_timeout_s: float = LOCK_TIMEOUT_S) -> "Database":
        """Connects lazily. `url`: `sqlite:///path` or `postgresql://…`."""
        if url.startswith("sqlite"):
            return _open_sqlite(url, lock_timeout_s)
        return _open_postgres(url, lock_timeout_s)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A consistent snapshot; writing in it fails."""
        async with _busy_is_ours(), self._reader.connect() as connection:
            yield Tx(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """One transaction, committed at the end, rolled back when the block raises.

        Raises StateBusy when the database is not had within the lock time-out.
        """
        async with _busy_is_ours(), self._writer.begin() as connection:
            tx = Tx(connection)
            yield tx
            await tx.finish()

    async def close(self) -> None:
        await asyncio.gather(self._writer.dispose(), self._reader.dispose())


@asynccontextmanager
async def _busy_is_ours() -> AsyncIterator[None]:
    try:
        yield
    except DBAPIError as error:
        if _passes(error):
            raise StateBusy from error
        if str(getattr(error.orig, "sqlstate", "")).startswith(_DATA):
            raise Invalid(NOT_KEPT) from error
        raise
    except sa.exc.TimeoutError as error:  # the pool had no connection in time
        raise StateBusy from error


def _passes(error: DBAPIError) -> bool:
    """Many of asyncpg's errors come as the base class, so only their code tells."""
    code = getattr(error.orig, "sqlstate", None)
    if code is not None:
        return str(code).startswith(_PASSING) and code != _DISK_FULL
    text = str(error.orig)
    return error.connection_invalidated or "locked" in text or "busy" in text


def _open_sqlite(url: str, lock_timeout_s: float) -> Database:
    target = "sqlite+aiosqlite" + url[len("sqlite") :]
    common: dict[str, Any] = {
        "connect_args": {"timeout": lock_timeout_s},
        "pool_timeout": lock_timeout_s,
        "hide_parameters": True,  # an error in the log must not carry what somebody typed
    }
    writer = create_async_engine(target, pool_size=1, max_overflow=0, **common)
    reader = create_async_engine(target, pool_size=_READERS, max_overflow=0, **common)
    for engine, begin, query_only in ((writer, "BEGIN IMMEDIATE", 0), (reader, "BEGIN", 1)):
        sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite(query_only, lock_timeout_s))
        sa.event.listen(engine.sync_engine, "begin", _begin_with(begin))
    return Database(url, writer, reader)


def _prepare_sqlite(query_only: int, lock_timeout_s: float) -> Callable[[Any, Any], None]:
    def prepare(dbapi_connection: Any, _record: Any) -> None:
        # Without this the driver begins a deferred transaction by itself, which fails later, when it
        # must become a writing one: 4 % of writes met "database is locked".
        dbapi_connection.isolation_level = None
        dbapi_connection.run_async(partial(_keep_a_log, timeout_s=lock_timeout_s))
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -16000")
        cursor.execute(f"PRAGMA query_only = {query_only}")
        cursor.close()

    return prepare


async def _keep_a_log(connection: aiosqlite.Connection, timeout_s: float) -> None:
    """The change to write-ahead logging asks for the whole file and, other than all else, does not wait for
    it by itself: of several that start on a new file one would be told that it is locked."""
    clock_s = asyncio.get_running_loop().time
    give_up_s = clock_s() + timeout_s
    while True:
        try:
            await connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or clock_s() >= give_up_s:
                raise
            await asyncio.sleep(_TURN_S)
        else:
            return


def _begin_with(statement: str) -> Callable[[sa.Connection], None]:
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _open_postgres(url: str, lock_timeout_s: float) -> Database:
    target = "postgresql+asyncpg" + url[url.index(":") :]
    milliseconds = str(int(lock_timeout_s * 1000))
    server = {"lock_timeout": milliseconds, "application_name": "bongsu"}
    common: dict[str, Any] = {
        "connect_args": {"server_settings": server, "timeout": lock_timeout_s},
        "pool_timeout": lock_timeout_s,
        "pool_pre_ping": True,
        "hide_parameters": True,
    }
    writer = create_async_engine(target, pool_size=4, max_overflow=4, **common)
    reader = create_async_engine(
        target, pool_size=_READERS, max_overflow=4, isolation_level="REPEATABLE READ", **common
    )
    sa.event.listen(reader.sync_engine, "begin", _begin_with("SET TRANSACTION READ ONLY"))
    return Database(url, writer, reader)

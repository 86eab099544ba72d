"""Where what people say is kept: in PostgreSQL where one is named, else in memory."""

import asyncio
import json
import os
import threading
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

MOST = 50  # that are shown
WAIT_S = 5.0
T = TypeVar("T")
TABLE = """CREATE TABLE IF NOT EXISTS feedback (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(), name text NOT NULL, text text NOT NULL, label text NOT NULL)"""
INSERT = "INSERT INTO feedback (name, text, label) VALUES ($1, $2, $3)"
SELECT = "SELECT name, text, label FROM feedback ORDER BY id DESC LIMIT $1"
Said = dict[str, str]


class Store(Protocol):
    def add(self, name: str, text: str, label: str) -> None: ...

    def last(self) -> list[Said]: ...


def store() -> Store:
    """DATABASE is the secret that RDS keeps for its user (JSON); DATABASE_URL an address for everything else."""
    if secret := os.environ.get("DATABASE"):
        return Postgres(**of_secret(json.loads(secret), os.environ["DATABASE_HOST"]))
    if url := os.environ.get("DATABASE_URL"):
        return Postgres(dsn=url)
    return Memory()


def of_secret(secret: dict[str, Any], host: str) -> dict[str, Any]:
    return {
        "host": host,
        "port": int(secret.get("port", 5432)),
        "user": secret["username"],
        "password": secret["password"],
        "database": secret.get("dbname", "postgres"),
        "ssl": "require",
    }


class Memory:
    """Of one copy only: enough to try the program."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.said: list[Said] = []

    def add(self, name: str, text: str, label: str) -> None:
        with self.lock:
            self.said.append({"name": name, "text": text, "label": label})

    def last(self) -> list[Said]:
        with self.lock:
            return self.said[: -MOST - 1 : -1]


class Postgres:
    """asyncpg on a loop of its own thread; a database that is not there is asked again with the next request."""

    def __init__(self, **where: Any) -> None:
        import asyncpg

        self.asyncpg, self.where = asyncpg, where
        self.lock = threading.Lock()
        self.pool: Any = None
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def add(self, name: str, text: str, label: str) -> None:
        self._run(self._execute(name, text, label))

    def last(self) -> list[Said]:
        return self._run(self._fetch())

    async def _execute(self, name: str, text: str, label: str) -> None:
        await (await self._pool()).execute(INSERT, name, text, label)

    async def _fetch(self) -> list[Said]:
        return [dict(row) for row in await (await self._pool()).fetch(SELECT, MOST)]

    async def _pool(self) -> Any:
        if self.pool is None:
            pool = await self.asyncpg.create_pool(
                min_size=0, max_size=5, timeout=WAIT_S, **self.where
            )
            await pool.execute(TABLE)
            self.pool = pool
        return self.pool

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(2 * WAIT_S)

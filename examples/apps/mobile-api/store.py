"""Pictures and devices: in MySQL, or in a file of SQLite where one person tries it. The same statements."""

import json
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any

TABLES = (
    """CREATE TABLE IF NOT EXISTS pictures (id VARCHAR(36) PRIMARY KEY, owner VARCHAR(64) NOT NULL,
    name VARCHAR(200) NOT NULL, made_at BIGINT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS devices (arn VARCHAR(250) PRIMARY KEY, owner VARCHAR(64) NOT NULL)",
)
LISTED = 50
Connect = Callable[[], Any]


class Store:
    """One connection for each thread, made again after a failure. `mark`: how the driver writes a place."""

    def __init__(self, connect: Connect, mark: str) -> None:
        self.connect, self.mark, self.mine = connect, mark, threading.local()
        for statement in TABLES:
            self._run(statement)

    def add_picture(self, key: str, owner: str, name: str, made_at: int) -> None:
        self._run(
            "INSERT INTO pictures (id, owner, name, made_at) VALUES (?, ?, ?, ?)",
            key,
            owner,
            name,
            made_at,
        )

    def pictures(self, owner: str) -> list[dict[str, Any]]:
        """The last ones, the newest first."""
        found = self._run(
            f"SELECT id, name, made_at FROM pictures WHERE owner = ? ORDER BY made_at DESC, id LIMIT {LISTED}",
            owner,
        )
        return [{"id": key, "name": name, "made_at": made_at} for key, name, made_at in found]

    def add_device(self, arn: str, owner: str) -> None:
        """Whoever signed in last on a telephone gets its pushes."""
        self._run("DELETE FROM devices WHERE arn = ?", arn)
        self._run("INSERT INTO devices (arn, owner) VALUES (?, ?)", arn, owner)

    def devices(self, owner: str) -> list[str]:
        return [
            arn
            for (arn,) in self._run("SELECT arn FROM devices WHERE owner = ? ORDER BY arn", owner)
        ]

    def _run(self, statement: str, *values: Any) -> Sequence[Any]:
        connection = getattr(self.mine, "connection", None) or self.connect()
        self.mine.connection = connection
        try:
            cursor = connection.cursor()
            cursor.execute(statement.replace("?", self.mark), values)
            rows = cursor.fetchall() if cursor.description else ()
            connection.commit()
        except Exception:
            self.mine.connection = None
            connection.close()
            raise
        return list(rows)


def opened(environment: dict[str, str]) -> Store:
    """`DATABASE_HOST` and `DATABASE`, the JSON that RDS keeps for its user; else `DATABASE_FILE`."""
    host = environment.get("DATABASE_HOST")
    if not host:
        file = environment.get("DATABASE_FILE", "mobile.sqlite")
        return Store(lambda: sqlite3.connect(file, timeout=5), "?")
    return Store(lambda: _mysql(host, json.loads(environment["DATABASE"])), "%s")


def _mysql(host: str, secret: dict[str, str]) -> Any:
    """Encrypted; whether the certificate is that of RDS is not asked."""
    import pymysql  # only where there is a MySQL

    made = pymysql.connect(
        host=host,
        user=secret["username"],
        password=secret["password"],
        connect_timeout=5,
        read_timeout=10,
        ssl={"check_hostname": False},
    )
    with made.cursor() as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS mobile")
    made.select_db("mobile")
    return made

"""Asks the lake: the embedded store on its socket, or a ClickHouse server by URL, in the same words.

`http+unix:///path/lake.sock` is tested. `http(s)://user:password@host:8123/?database=…` sends the same
requests to a real ClickHouse (26 or newer); no such server could be run here, so that way is unproven.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import msgspec

from bongsu.kit.errors import Invalid, LakeAway
from bongsu.kit.i18n import say
from bongsu.kit.redact import redact_url
from bongsu.lake.http1 import HEAD_LIMIT_BYTES, Head, ProtocolError, message, read_body, read_head
from bongsu.lake.schema import DATABASE, SCHEMA_VERSION, insert_into

Param = int | float | str | datetime | Sequence[int] | Sequence[str]

_CONNECTIONS = 8
_CONNECT_S = 1.0
# The rows themselves are wrong; sending them again changes nothing. Everything else may pass.
_WRONG_ROWS = frozenset({6, 25, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 349, 691})
_UNKNOWN_HERE = 0
_ROWS = msgspec.json.Decoder()


class LakeRefused(LakeAway):
    """The lake answered, and said no: a wrong query (a bug) or rows that do not parse.

    It is a LakeAway because a page dims history all the same; `code` is ClickHouse's number.
    """

    permanent = True

    def __init__(self, exception_code: int, why: str) -> None:
        super().__init__(why)
        self.exception_code = exception_code

    @property
    def rows_are_wrong(self) -> bool:
        return self.whole_batch or self.exception_code in _WRONG_ROWS

    @property
    def whole_batch(self) -> bool:
        """Nothing in the batch can be stored by this version: a table or schema it does not know."""
        return self.exception_code == _UNKNOWN_HERE


class LakeClient:
    """One per process and event loop. Every call has a deadline and raises LakeAway when it is missed."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http+unix", "http", "https"):
            raise Invalid(
                say(
                    "{url} is no address of a lake. Use http+unix:///path/lake.sock or http://host:8123/.",
                    url=redact_url(url),
                )
            )
        self._parts = parts
        given = parse_qs(parts.query)
        self._database = given.get("database", [DATABASE])[0]
        self._headers = {
            "Host": parts.hostname or "lake",
            **_identity(parts.username, parts.password, given),
        }
        self._idle: list[_Connection] = []
        self._free = asyncio.Semaphore(_CONNECTIONS)
        self._shown = redact_url(url)

    def __repr__(self) -> str:
        return f"LakeClient({self._shown})"

    async def __aenter__(self) -> "LakeClient":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def insert(
        self,
        table: str,
        rows: bytes,
        token: str,
        *,
        version: int = SCHEMA_VERSION,
        timeout_s: float = 10.0,
    ) -> None:
        """`rows` are JSONCompactEachRow, as schema `version` has the columns.

        Returns when they are on disk, in the table and its roll-ups. The same token again changes nothing.
        Raises LakeAway; LakeRefused when the rows are wrong or the table is unknown.
        """
        try:
            sql = insert_into(table, version)
        except KeyError as error:
            raise LakeRefused(
                _UNKNOWN_HERE, f"no table {table} in schema version {version}"
            ) from error
        arguments: dict[str, str | float] = {
            "query": sql,
            "insert_deduplication_token": token,
            "deduplicate_blocks_in_dependent_materialized_views": 1,
            "async_insert": 0,  # the default is 1 since 26: an acknowledgement must mean "stored"
        }
        await self._ask(arguments, rows, timeout_s)

    async def query(
        self, sql: str, params: Mapping[str, Param] | None = None, timeout_s: float = 2.0
    ) -> list[list[Any]]:
        """Rows of JSON values. `{name:Type}` in `sql` stand for `params`. Raises LakeAway, LakeRefused."""
        arguments: dict[str, str | float] = {
            "default_format": "JSONCompactEachRow",
            "max_execution_time": timeout_s,
            "output_format_json_quote_64bit_integers": 0,
            "wait_end_of_query": 1,  # else an error may come behind a 200
            **{f"param_{name}": encode_param(value) for name, value in (params or {}).items()},
        }
        return _ROWS.decode_lines(await self._ask(arguments, sql.encode(), timeout_s))

    async def command(self, sql: str, timeout_s: float = 30.0) -> None:
        """For statements that answer nothing, such as those of the schema."""
        await self._ask({}, sql.encode(), timeout_s)

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().closed()

    async def _ask(
        self, arguments: Mapping[str, str | float], body: bytes, timeout_s: float
    ) -> bytes:
        target = "/?" + urlencode({"database": self._database, **arguments}, quote_via=quote)
        request = message(f"POST {target} HTTP/1.1", self._headers, body)
        try:
            async with asyncio.timeout(timeout_s), self._free:
                head, answer = await self._exchange(request)
        except TimeoutError as error:
            raise LakeAway(f"no answer within {timeout_s:g} s") from error
        except (OSError, ProtocolError, EOFError) as error:
            raise LakeAway(str(error) or type(error).__name__) from error
        return _checked(head, answer)

    async def _exchange(self, request: bytes) -> tuple[Head, bytes]:
        """A kept connection may have been closed by a restarted lake: then once more on a new one.

        Sending twice is safe: queries change nothing and inserts carry a token.
        """
        while self._idle:
            connection = self._idle.pop()
            try:
                return await self._use(connection, request)
            except (OSError, EOFError, ProtocolError):
                continue
        async with asyncio.timeout(_CONNECT_S):
            connection = await self._connect()
        return await self._use(connection, request)

    async def _use(self, connection: "_Connection", request: bytes) -> tuple[Head, bytes]:
        try:
            head, body = await connection.exchange(request)
        except BaseException:  # a half-read answer must not be the next caller's
            connection.close()
            raise
        if head.keep_alive and len(self._idle) < _CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()
        return head, body

    async def _connect(self) -> "_Connection":
        parts = self._parts
        if parts.scheme == "http+unix":
            path = unquote(parts.path)
            return _Connection(*await asyncio.open_unix_connection(path, limit=HEAD_LIMIT_BYTES))
        secure = ssl.create_default_context() if parts.scheme == "https" else None
        port = parts.port or (8443 if secure else 8123)
        return _Connection(
            *await asyncio.open_connection(parts.hostname, port, ssl=secure, limit=HEAD_LIMIT_BYTES)
        )


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def exchange(self, request: bytes) -> tuple[Head, bytes]:
        """Raises EOFError where the lake closed the connection, ProtocolError, OSError."""
        self._writer.write(request)
        await self._writer.drain()
        head = await read_head(self._reader)
        if head is None:
            raise EOFError("the lake closed the connection")
        return head, await read_body(self._reader, head)

    def close(self) -> None:
        """At once: what was not sent yet has no reader any more."""
        self._writer.transport.abort()

    async def closed(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def _identity(
    user: str | None, password: str | None, given: Mapping[str, list[str]]
) -> dict[str, str]:
    """In headers, so that no log of addresses has the password."""
    name = unquote(user or given.get("user", [""])[0])
    secret = unquote(password or given.get("password", [""])[0])
    return {"X-ClickHouse-User": name, "X-ClickHouse-Key": secret} if name else {}


def _checked(head: Head, answer: bytes) -> bytes:
    code = head.headers.get("x-clickhouse-exception-code")
    if code is None and head.start.split(" ")[1:2] == ["200"]:
        return answer
    why = answer.decode("utf-8", "replace").strip()[:1000] or head.start
    if code is None:
        raise LakeAway(why)
    if int(code) in (159, 202, 209, 210, 241, 243, 252, 394):  # late, busy, out of memory or disk
        raise LakeAway(why)
    raise LakeRefused(int(code), why)


def encode_param(value: Param) -> str:
    """As ClickHouse reads `param_*`: tab-separated text, arrays as literals."""
    if isinstance(value, datetime):
        return f"{value.timestamp():.3f}"
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, int | float):
        return str(value)
    return "[" + ",".join(_element(item) for item in value) + "]"


def _element(item: int | str) -> str:
    return str(item) if isinstance(item, int) else "'" + _escaped(item).replace("'", "\\'") + "'"


def _escaped(text: str) -> str:
    for plain, written in (
        ("\\", "\\\\"),
        ("\t", "\\t"),
        ("\n", "\\n"),
        ("\r", "\\r"),
        ("\0", "\\0"),
    ):
        text = text.replace(plain, written)
    return text

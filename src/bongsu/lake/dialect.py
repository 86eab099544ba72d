"""ClickHouse's HTTP dialect, the part that we speak. Pure: a request becomes a Statement, an error a Reply.

What is taken: the query in `?query=`, in the body, or begun in the one and ended in the other; `param_*`;
settings as arguments; `default_format`; `database`; rows after `INSERT … FORMAT name`; `/ping`.
Not taken: sessions, compression of bodies, multipart, external tables, users (the socket's mode is the door).
"""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from bongsu.lake.schema import DATABASE

_ARGUMENTS = frozenset(  # of HTTP, not of the engine
    (
        "query",
        "database",
        "default_format",
        "user",
        "password",
        "query_id",
        "quota_key",
        "wait_end_of_query",
        "buffer_size",
        "enable_http_compression",
        "send_progress_in_http_headers",
    )
)
_READING = frozenset(("SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN"))
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_INSERT = re.compile(
    rb"\s*INSERT\s+INTO\s+(?P<into>.+?)\s+FORMAT\s+(?P<format>\w+)[ \t;]*\r?\n?",
    re.IGNORECASE | re.DOTALL,
)
_NOT_STREAMED = re.compile(rb"\b(SELECT|VALUES|WITH)\b", re.IGNORECASE)
_COMMENT = re.compile(r"\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\(", re.DOTALL)
_CODE = re.compile(r"Code: (\d+)\. ")
_HEAD_BYTES = 16 << 10  # where FORMAT of an INSERT must be found

BAD_ARGUMENTS, UNKNOWN_DATABASE, TIMEOUT, TOO_MANY_QUERIES = 36, 81, 159, 202
_STATUS = {
    36: 400,
    27: 400,
    62: 400,
    47: 400,
    60: 404,
    UNKNOWN_DATABASE: 404,
    TIMEOUT: 408,
    TOO_MANY_QUERIES: 503,
}


class Refusal(Exception):
    """An error in ClickHouse's numbering; `code` is what clients look at."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code

    @property
    def status(self) -> int:
        return _STATUS.get(self.code, 500)

    @classmethod
    def from_engine(cls, text: str) -> "Refusal":
        """The binding puts words of its own before `Code: …`; they are dropped."""
        found = _CODE.search(text)
        return cls(int(found[1]), text[found.start() :]) if found else cls(1002, text)


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing to run. `rows` is not None for an INSERT with rows in `format`."""

    sql: str
    format: str
    reads: bool
    params: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    rows: bytes | None = None


def read_statement(target: str, body: bytes, reads_only: bool = False) -> Statement:
    """`target` is the request's path with its arguments. Raises Refusal."""
    statement = _statement(target, body)
    if reads_only and not statement.reads:
        raise Refusal(BAD_ARGUMENTS, "Code: 36. GET reads only; send this with POST")
    return statement


def _statement(target: str, body: bytes) -> Statement:
    arguments = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
    if arguments.get("database", DATABASE) != DATABASE:
        raise Refusal(
            UNKNOWN_DATABASE, f"Code: 81. Database {arguments['database']} does not exist"
        )
    whole = arguments.get("query", "").encode()
    whole = whole + b"\n" + body if whole and body else whole or body
    params = {name[6:]: value for name, value in arguments.items() if name.startswith("param_")}
    settings = {
        name: value
        for name, value in arguments.items()
        if name not in _ARGUMENTS and not name.startswith("param_")
    }
    _check_names(settings)
    streamed = _INSERT.match(whole[:_HEAD_BYTES])
    if streamed and not _NOT_STREAMED.search(streamed["into"]):
        return _insert(streamed, whole[streamed.end() :], settings)
    return _plain(
        _decoded(whole), arguments.get("default_format", "TabSeparated"), params, settings
    )


def _check_names(settings: dict[str, str]) -> None:
    for name in settings:
        if not _NAME.fullmatch(name):
            raise Refusal(BAD_ARGUMENTS, f"Code: 36. {name!r} is not the name of a setting")


def _decoded(whole: bytes) -> str:
    try:
        return whole.decode()
    except UnicodeDecodeError as error:
        raise Refusal(BAD_ARGUMENTS, "Code: 36. The query is not UTF-8") from error


def _insert(streamed: re.Match[bytes], rows: bytes, settings: dict[str, str]) -> Statement:
    sql = f"INSERT INTO {_decoded(streamed['into'])}"
    return Statement(sql, streamed["format"].decode(), reads=False, settings=settings, rows=rows)


def _plain(
    sql: str, format_name: str, params: dict[str, str], settings: dict[str, str]
) -> Statement:
    reads = first_word(sql) in _READING
    if not reads and settings:
        # Behind CREATE, SETTINGS would be the table's; dropping them silently would be worse.
        raise Refusal(BAD_ARGUMENTS, "Code: 36. Settings go with SELECT and with INSERT … FORMAT")
    return Statement(sql.rstrip().rstrip(";"), format_name, reads, params, settings)


def first_word(sql: str) -> str:
    position = 0
    while found := _COMMENT.match(sql, position):
        position = found.end()
    word = re.match(r"\w+", sql[position:])
    return word[0].upper() if word else ""


def with_settings(sql: str, settings: dict[str, str]) -> str:
    """SETTINGS may follow FORMAT, so the end is always a right place for them."""
    if not settings:
        return sql
    pairs = ", ".join(f"{name} = {_literal(value)}" for name, value in settings.items())
    return f"{sql}\nSETTINGS {pairs}"


def _literal(value: str) -> str:
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def clamped(settings: dict[str, str], caps: dict[str, float]) -> dict[str, str]:
    """A caller may ask for less than the caps, never for more; 0 means "no limit" and becomes the cap."""
    within = dict(settings)
    for name, cap in caps.items():
        if name in within:
            within[name] = f"{_at_most(within[name], cap):g}"
    return within


def _at_most(text: str, cap: float) -> float:
    try:
        wanted = float(text)
    except ValueError:
        return cap
    return min(wanted, cap) if wanted > 0 else cap

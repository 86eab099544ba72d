"""The tables of the lake, their roll-ups and their version. One node: no cluster form is claimed.

    check_result   one row a probe            100 days   in fortnights, sorted by (check_id, ts)
    check_hour     counts, seconds, sketches  400 days   filled from check_result by a materialised view
    check_day      counts, seconds            5 years    ditto
    request        one row a request          100 days   in fortnights, sorted by (ts, id)

Why the codecs, the two words for a state and the sketches are what they are: docs/adr/0018.
Why requests lie in order of time: docs/adr/0058.
"""

# ruff: noqa: S608 (statements are put together from this file's own constants)

from bongsu.kit.errors import Conflict
from bongsu.kit.i18n import say

DATABASE = "bongsu"
SCHEMA_VERSION = 2
RAW_DAYS, HOUR_DAYS, DAY_DAYS = 100, 400, 1826
LEVELS = ("up", "degraded", "down", "unknown")
PHASES = ("name", "connect", "tls", "first_byte", "transfer")
OUTCOMES = ("ok", "invalid", "not_found", "refused", "cut", "failed")
QUANTILES = "0.5,0.95,0.99"
SKETCH = f"quantilesDD{{}}(0.01,{QUANTILES})"  # within 1 % of the value, however often it is merged

# More than the inserts of all writers between an insert and its replay: a segment holds at most 64 (spool.py).
_DEDUPLICATION_WINDOW = 10_000

# An acknowledged insert survives a power cut, not only the death of the process: +2.6 ms an insert.
_DURABLE = "fsync_after_insert = 1, fsync_part_directory = 1"
_TABLE = f"non_replicated_deduplication_window = {_DEDUPLICATION_WINDOW}, {_DURABLE}"

# A question reads whole granules, and the hours' sketches are dear: of 8,192 rows, 90 days of a check took 55 ms.
_SMALL_GRANULES = "index_granularity = 256"

# Short partitions make a long question dear (each opened file costs), long ones keep rows beyond their days.
_FORTNIGHT = "intDiv(toRelativeDayNum({}), 14)"

_LEVEL = "Enum8('up' = 1, 'unknown' = 2, 'degraded' = 3, 'down' = 4)"  # max() is the worst
_MICROSECONDS = (
    "UInt32 CODEC(T64, ZSTD(1))"  # T64 crops the bits that never vary: 20 % under plain ZSTD
)
_SUM = "SimpleAggregateFunction(sum, UInt64)"
_MAX = "SimpleAggregateFunction(max, UInt32)"

# What a writer sends, in this order, by schema version: a frame spooled by an older version still fits.
_CHECK_RESULT_COLUMNS = (
    *("check_id", "ts", "loc", "level", "state", "every_ms", "status"),
    *(f"{phase}_us" for phase in PHASES),
    *("bytes", "fault", "own"),
)
REQUEST_COLUMNS = (
    *("id", "ts", "person", "name", "token", "via", "method", "route", "object", "outcome"),
    *("status", "took_us", "bytes", "stream", "address", "language", "agent"),
)
INSERT_COLUMNS: dict[str, dict[int, tuple[str, ...]]] = {
    "check_result": {1: _CHECK_RESULT_COLUMNS, 2: _CHECK_RESULT_COLUMNS},
    "request": {2: REQUEST_COLUMNS},
}

_VERSION_TABLE = (
    "CREATE TABLE IF NOT EXISTS schema_version (version UInt32, applied DateTime DEFAULT now())"
    " ENGINE = MergeTree ORDER BY version"
)

_CHECK_RESULT = f"""
CREATE TABLE IF NOT EXISTS check_result (
    check_id UInt32 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    loc LowCardinality(String),
    level {_LEVEL},
    state {_LEVEL},
    every_ms UInt32 CODEC(ZSTD(1)),
    status UInt16 CODEC(ZSTD(1)),
    {", ".join(f"{phase}_us {_MICROSECONDS}" for phase in PHASES)},
    total_us UInt32 MATERIALIZED {" + ".join(f"{phase}_us" for phase in PHASES)} CODEC(T64, ZSTD(1)),
    bytes UInt32 CODEC(ZSTD(1)),
    fault LowCardinality(String),
    own LowCardinality(String)
) ENGINE = MergeTree PARTITION BY {_FORTNIGHT.format("ts")} ORDER BY (check_id, ts)
TTL toDateTime(ts) + INTERVAL {RAW_DAYS} DAY SETTINGS ttl_only_drop_parts = 1, {_TABLE}
"""

_STATE_COLUMNS = ", ".join(f"{level}_n {_SUM}, {level}_ms {_SUM}" for level in LEVELS)
_PHASE_COLUMNS = ", ".join(f"{phase}_us {_SUM}" for phase in (*PHASES, "total"))

_CHECK_HOUR = f"""
CREATE TABLE IF NOT EXISTS check_hour (
    check_id UInt32, hour DateTime('UTC'), loc LowCardinality(String), {_STATE_COLUMNS},
    answered_n {_SUM}, {_PHASE_COLUMNS}, max_us {_MAX},
    timing AggregateFunction({SKETCH.format("")}, UInt32) CODEC(ZSTD(3))
) ENGINE = AggregatingMergeTree PARTITION BY {_FORTNIGHT.format("hour")} ORDER BY (check_id, hour, loc)
TTL hour + INTERVAL {HOUR_DAYS} DAY SETTINGS ttl_only_drop_parts = 1, {_SMALL_GRANULES}, {_TABLE}
"""

_CHECK_DAY = f"""
CREATE TABLE IF NOT EXISTS check_day (
    check_id UInt32, day Date, loc LowCardinality(String), {_STATE_COLUMNS},
    answered_n {_SUM}, total_us {_SUM}, max_us {_MAX}
) ENGINE = AggregatingMergeTree PARTITION BY toYear(day) ORDER BY (check_id, day, loc)
TTL day + INTERVAL {DAY_DAYS} DAY SETTINGS ttl_only_drop_parts = 1, {_TABLE}
"""

# `_n` counts what each probe saw; `_ms` is time spent in the confirmed state. Latency is that of answers:
# a refused connection is fast and a time-out is the time-out, and neither says how fast the service is.
_ANSWERED = "r.level IN ('up', 'degraded')"
_FILL_STATES = ", ".join(
    f"countIf(r.level = '{level}') AS {level}_n, sumIf(r.every_ms, r.state = '{level}') AS {level}_ms"
    for level in LEVELS
)
_FILL_PHASES = ", ".join(
    f"sumIf(r.{phase}_us, {_ANSWERED}) AS {phase}_us" for phase in (*PHASES, "total")
)
_FILL_MAX = f"maxIf(r.total_us, {_ANSWERED}) AS max_us"

_HOUR_FILL = f"""
CREATE MATERIALIZED VIEW IF NOT EXISTS check_hour_fill TO check_hour AS
SELECT r.check_id AS check_id, toStartOfHour(toDateTime(r.ts, 'UTC')) AS hour, r.loc AS loc, {_FILL_STATES},
    countIf({_ANSWERED}) AS answered_n, {_FILL_PHASES}, {_FILL_MAX},
    {SKETCH.format("StateIf")}(r.total_us, {_ANSWERED}) AS timing
FROM check_result AS r GROUP BY check_id, hour, loc
"""

_DAY_FILL = f"""
CREATE MATERIALIZED VIEW IF NOT EXISTS check_day_fill TO check_day AS
SELECT r.check_id AS check_id, toDate(r.ts) AS day, r.loc AS loc, {_FILL_STATES},
    countIf({_ANSWERED}) AS answered_n, sumIf(r.total_us, {_ANSWERED}) AS total_us, {_FILL_MAX}
FROM check_result AS r GROUP BY check_id, day, loc
"""

# Asked for by time above all; the indexes skip the granules in which a person or a thing does not occur.
_REQUEST = f"""
CREATE TABLE IF NOT EXISTS request (
    id UUID,
    ts DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    person UInt32 CODEC(ZSTD(1)), name LowCardinality(String), token UInt32 CODEC(ZSTD(1)),
    via LowCardinality(String), method LowCardinality(String), route LowCardinality(String),
    object String CODEC(ZSTD(1)),
    outcome Enum8({", ".join(f"'{one}' = {number}" for number, one in enumerate(OUTCOMES, 1))}),
    status UInt16 CODEC(ZSTD(1)),
    took_us UInt64 CODEC(T64, ZSTD(1)), bytes UInt64 CODEC(T64, ZSTD(1)), stream Bool,
    address String CODEC(ZSTD(1)), language LowCardinality(String), agent LowCardinality(String),
    INDEX by_person person TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_object object TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_id id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_outcome outcome TYPE set(8) GRANULARITY 1,
    INDEX by_took took_us TYPE minmax GRANULARITY 1
) ENGINE = MergeTree PARTITION BY {_FORTNIGHT.format("ts")} ORDER BY (ts, id)
TTL toDateTime(ts) + INTERVAL {RAW_DAYS} DAY SETTINGS ttl_only_drop_parts = 1, {_TABLE}
"""

# Append a version; never change one that was released. Each statement may run twice.
_VERSIONS: dict[int, tuple[str, ...]] = {
    1: (_CHECK_RESULT, _CHECK_HOUR, _CHECK_DAY, _HOUR_FILL, _DAY_FILL),
    2: (_REQUEST,),
}

CREATE_DATABASE = f"CREATE DATABASE IF NOT EXISTS {DATABASE}"
FOUND_VERSION = "SELECT max(version) FROM schema_version"
BEGIN = (_VERSION_TABLE,)


def missing_statements(found: int) -> list[str]:
    """What brings a lake at version `found` (0: empty) to this one. Raises Conflict for a newer lake."""
    if found > SCHEMA_VERSION:
        raise Conflict(
            say(
                "The history folder was written by a newer Bongsu (schema {found}, this one knows {known})."
                " Start that version, or give this one another folder.",
                found=found,
                known=SCHEMA_VERSION,
            )
        )
    statements: list[str] = []
    for version in range(found + 1, SCHEMA_VERSION + 1):
        statements += [
            *_VERSIONS[version],
            f"INSERT INTO schema_version (version) VALUES ({version})",
        ]
    return statements


def insert_into(table: str, version: int = SCHEMA_VERSION) -> str:
    """`INSERT INTO … FORMAT …` for rows written by schema `version`. Raises KeyError for unknown ones."""
    columns = INSERT_COLUMNS[table][version]
    return f"INSERT INTO {table} ({', '.join(columns)}) FORMAT JSONCompactEachRow"

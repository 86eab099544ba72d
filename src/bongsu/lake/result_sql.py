"""The questions of results.py in ClickHouse's language. Each has its leading key, its span and its limit."""

# ruff: noqa: S608 (statements are put together from constants; values are parameters)

from bongsu.lake.schema import INSERT_COLUMNS, PHASES, QUANTILES, SCHEMA_VERSION, SKETCH

_ANSWERED = "level IN ('up', 'degraded')"
_MERGED = f"{SKETCH.format('Merge')}(timing)"
_STATES = "sum(up_ms) AS u, sum(degraded_ms) AS d, sum(down_ms) AS w, sum(unknown_ms) AS x"
_LISTS = ", ".join(f"groupArray({name})" for name in ("nth", "u", "d", "w", "x", "locations"))


def _days(day: str, source: str, since: str) -> str:
    """One row a check, with lists: a row a day took four times as long to read."""
    return (
        f"SELECT check_id, {_LISTS} FROM ("
        f"SELECT check_id, toInt32({day} - {{first:Date}}) AS nth, {_STATES}, uniqExact(loc) AS locations"
        f" FROM {source} WHERE check_id IN {{ids:Array(UInt32)}} AND {since}"
        " GROUP BY check_id, nth) GROUP BY check_id LIMIT {limit:UInt32}"
    )


DAYS_UTC = _days("day", "check_day", "day >= {first:Date}")
DAYS_IN_ZONE = _days("toDate(hour, {zone:String})", "check_hour", "hour >= {since:DateTime('UTC')}")

SPARKS = (
    "SELECT check_id, toUnixTimestamp(hour) AS at, sum(answered_n) AS answers,"
    f" {_MERGED}[2] FROM check_hour"
    " WHERE check_id IN {ids:Array(UInt32)} AND hour >= {since:DateTime('UTC')}"
    " GROUP BY check_id, hour ORDER BY check_id, hour LIMIT {limit:UInt32}"
)

_STEP = "intDiv(toUnixTimestamp({time}), {{step:UInt32}}) * {{step:UInt32}} AS at"
_PHASE_SUMS = ", ".join(f"sum({phase}_us)" for phase in PHASES)
_PHASE_SUMS_RAW = ", ".join(f"sumIf({phase}_us, {_ANSWERED})" for phase in PHASES)

SERIES_RAW = (
    f"SELECT {_STEP.format(time='ts')}, countIf({_ANSWERED}) AS answers, countIf(level = 'down'),"
    f" sumIf(total_us, {_ANSWERED}), quantilesExactIf({QUANTILES})(total_us, {_ANSWERED}),"
    f" {_PHASE_SUMS_RAW} FROM check_result"
    " WHERE check_id = {id:UInt32} AND ts >= {since:DateTime64(3, 'UTC')} AND ts < {until:DateTime64(3, 'UTC')}"
    " GROUP BY at ORDER BY at LIMIT {limit:UInt32}"
)

SERIES_HOURS = (
    f"SELECT {_STEP.format(time='hour')}, sum(answered_n) AS answers, sum(down_n),"
    f" sum(check_hour.total_us), {_MERGED}, {_PHASE_SUMS} FROM check_hour"
    " WHERE check_id = {id:UInt32} AND hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')}"
    " GROUP BY at ORDER BY at LIMIT {limit:UInt32}"
)

_RAW_WINDOW = (
    f"count(), sumIf(every_ms, state IN ('up', 'degraded')), sumIf(every_ms, state = 'down'),"
    f" countIf({_ANSWERED}), quantilesExactIf({QUANTILES})(total_us, {_ANSWERED})"
)
_HOUR_WINDOW = (
    "sum(up_n + degraded_n + down_n + unknown_n), sum(up_ms + degraded_ms), sum(down_ms),"
    f" sum(answered_n), {_MERGED}"
)

WINDOW_RAW = (
    f"SELECT {_RAW_WINDOW} FROM check_result"
    " WHERE check_id = {id:UInt32} AND ts >= {since:DateTime64(3, 'UTC')}"
)
WINDOW_HOURS = (
    f"SELECT {_HOUR_WINDOW} FROM check_hour"
    " WHERE check_id = {id:UInt32} AND hour >= {since:DateTime('UTC')}"
)

_COLUMNS = INSERT_COLUMNS["check_result"][SCHEMA_VERSION]
_READ = ("toUnixTimestamp64Milli(ts)" if name == "ts" else name for name in _COLUMNS)
NEWEST = (
    f"SELECT {', '.join(_READ)} FROM check_result"
    " WHERE check_id = {id:UInt32} AND ts < {before:DateTime64(3, 'UTC')}"
    " ORDER BY check_id DESC, ts DESC LIMIT {limit:UInt32}"
)

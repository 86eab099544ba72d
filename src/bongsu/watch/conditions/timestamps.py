"""Times as replies write them: RFC 3339, HTTP dates, seconds or milliseconds since 1970."""

import re
from datetime import UTC, datetime, timedelta

_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4})"
    r" ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_EPOCH = re.compile(r"([0-9]{1,13})(?:\.[0-9]{1,9})?")
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MILLISECONDS = 10**12  # as seconds this would be the year 33658


def parse_timestamp(text: str) -> datetime | None:
    """None for everything else, a time without a zone among it."""
    try:
        return _rfc3339(text) or _http_date(text) or _epoch(text)
    except (ValueError, OverflowError):  # 31 February, hour 25, the year 33658
        return None


def _rfc3339(text: str) -> datetime | None:
    found = _RFC3339.fullmatch(text)
    if found is None:
        return None
    plain = text.upper().replace("Z", "+00:00")
    if found[1]:
        plain = plain.replace(found[1], found[1][:7].ljust(7, "0"), 1)
    return datetime.fromisoformat(plain)


def _http_date(text: str) -> datetime | None:
    found = _HTTP_DATE.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        return None
    day, _, year, hour, minute, second = found.groups()
    clock = (int(hour), int(minute), int(second))
    return datetime(int(year), _MONTHS.index(found[2]) + 1, int(day), *clock, tzinfo=UTC)


def _epoch(text: str) -> datetime | None:
    found = _EPOCH.fullmatch(text)
    if found is None:
        return None
    if int(found[1]) >= _FIRST_MILLISECONDS:
        return _EPOCH_START + timedelta(milliseconds=int(found[1]))
    return _EPOCH_START + timedelta(seconds=float(text))

"""How quantities and times look to people: pure, by language and zone. Clock first, then length."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from math import floor, isfinite

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WORDS = {
    "en": {"s": " s", "min": " min", "h": " h", "d": " d"},
    "ko": {"s": "초", "min": "분", "h": "시간", "d": "일"},
}


def clock(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%H:%M")


def clock_s(at: datetime, zone: tzinfo) -> str:
    """With seconds: timelines and evidence only."""
    return at.astimezone(zone).strftime("%H:%M:%S")


def length(seconds: float, language: str) -> str:
    """`8 s`, `23 min`, `1 h 12 min`, `12 d`: the largest unit, hours with their minutes; rounded down."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return _join(language, (whole, "s"))
    if whole < _HOUR:
        return _join(language, (whole // _MINUTE, "min"))
    if whole < _DAY:
        minutes = whole % _HOUR // _MINUTE
        return _join(language, (whole // _HOUR, "h"), *([(minutes, "min")] if minutes else []))
    return _join(language, (whole // _DAY, "d"))


def _join(language: str, *parts: tuple[int, str]) -> str:
    words = _WORDS[language]
    return " ".join(f"{number(count)}{words[unit]}" for count, unit in parts)


def running(seconds: float, language: str) -> str:
    """A length that still grows; Korean marks it with 째."""
    return length(seconds, language) + ("째" if language == "ko" else "")


def since(at: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """`09:41 · 23 min`; after a day the days alone."""
    seconds = (now - at).total_seconds()
    if seconds >= _DAY:
        return running(seconds, language)
    return f"{clock(at, zone)} · {running(seconds, language)}"


def ago(at: datetime, now: datetime, language: str) -> str:
    text = length((now - at).total_seconds(), language)
    return f"{text} 전" if language == "ko" else f"{text} ago"


def day(at: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """`3 Nov`; with its year when that is another one."""
    here = at.astimezone(zone)
    if here.year != now.astimezone(zone).year:
        return date(at, zone, language)
    return (
        f"{here.month}월 {here.day}일"
        if language == "ko"
        else f"{here.day} {_MONTHS[here.month - 1]}"
    )


def date(at: datetime, zone: tzinfo, language: str) -> str:
    here = at.astimezone(zone)
    if language == "ko":
        return f"{here.year}년 {here.month}월 {here.day}일"
    return f"{here.day} {_MONTHS[here.month - 1]} {here.year}"


def moment(at: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """`today 09:41`, `yesterday 09:41`, `3 Nov, 09:41`."""
    days = (now.astimezone(zone).date() - at.astimezone(zone).date()) // timedelta(days=1)
    near = {0: {"en": "today", "ko": "오늘"}, 1: {"en": "yesterday", "ko": "어제"}}.get(days)
    if near:
        return f"{near[language]} {clock(at, zone)}"
    joint = " " if language == "ko" else ", "
    return f"{day(at, now, zone, language)}{joint}{clock(at, zone)}"


def number(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}"


def ms(value: float | None) -> str:
    """Milliseconds with separators; one digit below 10 when it says something."""
    if value is None:
        return "–"
    if 0 < value < 10 and round(value, 1) != round(value):
        return f"{value:.1f} ms"
    return f"{number(round(value))} ms"


def us(value: float | None) -> str:
    return ms(None if value is None else value / 1000)


def seconds(value_ms: float | None, language: str) -> str:
    """`1.24 s`, `0.8 s`: milliseconds in words, at most two digits, no trailing zero."""
    if value_ms is None:
        return "–"
    text = f"{value_ms / 1000:,.2f}".rstrip("0").rstrip(".")
    return f"{text}{_WORDS[language]['s']}"


def percent(fraction: float | None, digits: int = 2) -> str:
    """Rounded down, so that 100 % is said only of what never failed; 0 only of what never worked."""
    if fraction is None or not isfinite(fraction):
        return "–"
    if fraction >= 1:
        return "100 %"
    scale = 10**digits
    cut = floor(round(fraction * 100 * scale, 6)) / scale
    if cut <= 0 < fraction:
        cut = 1 / scale
    return f"{cut:.{digits}f} %"


def size(count: int) -> str:
    """Decimal units, as disks and networks are sold: `812 B`, `2 kB`, `1.4 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    short = unit == "B" or value >= 10 or round(value, 1) == round(value)
    return f"{value:,.0f} {unit}" if short else f"{value:.1f} {unit}"


def listed(words: Sequence[str], language: str) -> str:
    """`a, b and c` / `a, b, c`."""
    if language == "ko" or len(words) < 2:
        return ", ".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def badge(title: str) -> str:
    """Two letters for a team: the first of two words of `Shop team` or `shop-team`, else the first two."""
    words = [word for word in re.split(r"[\s_-]+", title) if word]
    if not words:
        return "?"
    if len(words) > 1 and words[0][0].isascii():
        return (words[0][0] + words[1][0]).upper()
    return words[0][:2].upper()


def initials(name: str) -> str:
    """Two letters of a Latin name; the given name of a Korean one, as it is written on a badge."""
    words = [word for word in name.replace(".", " ").split() if word]
    if not words:
        return "?"
    if "가" <= words[0][0] <= "힣":
        whole = words[0] if len(words[0]) > 1 else "".join(words)
        return whole[-2:] if len(whole) > 2 else whole
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

"""The functions of `format` with the reader's language, zone and now filled in: `fmt` in templates."""

import json as _json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bongsu.kit.clock import iso
from bongsu.web import format as words
from bongsu.web.view import current


def clock(at: datetime) -> str:
    return words.clock(at, current().zone)


def clock_s(at: datetime) -> str:
    return words.clock_s(at, current().zone)


def length(seconds: float) -> str:
    return words.length(seconds, current().language)


def running(seconds: float) -> str:
    return words.running(seconds, current().language)


def since(at: datetime) -> str:
    view = current()
    return words.since(at, view.now, view.zone, view.language)


def ago(at: datetime) -> str:
    view = current()
    return words.ago(at, view.now, view.language)


def day(at: datetime) -> str:
    view = current()
    return words.day(at, view.now, view.zone, view.language)


def date(at: datetime) -> str:
    view = current()
    return words.date(at, view.zone, view.language)


def moment(at: datetime) -> str:
    view = current()
    return words.moment(at, view.now, view.zone, view.language)


def seconds(value_ms: float | None) -> str:
    return words.seconds(value_ms, current().language)


def listed(items: Sequence[str]) -> str:
    return words.listed(items, current().language)


def json(value: Any, indent: int | None = None) -> str:
    """For people: Korean as it is, and `<` as `<`; the template escapes it."""
    return _json.dumps(value, ensure_ascii=False, indent=indent, default=str)


ms = words.ms
us = words.us
percent = words.percent
number = words.number
bytes = words.size  # noqa: A001  `fmt.bytes` reads well in a template
initials = words.initials
badge = words.badge
machine = iso

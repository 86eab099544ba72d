"""A pattern against what has happened: how often it would have fired, on what, who would have been told."""

from collections import Counter
from typing import Any

from bongsu.db.session import Database
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.events.pattern import compile_pattern
from bongsu.kit.clock import Clock, iso
from bongsu.rules.log_view import Sees

EVENTS_LIMIT = 100_000
TIME_LIMIT_S = 5.0
SAMPLES = 20
_PAGE = 1000  # one short read each, so that no reader holds the log for seconds


async def backtest(
    db: Database,
    pattern: Any,
    clock: Clock,
    limit: int = EVENTS_LIMIT,
    sees: Sees | None = None,
) -> dict[str, Any]:
    """Newest events first, at most `limit` and at most 5 s; says how many were looked at.

    `sees` leaves those that whoever asks may see; without it, all. Raises Invalid for a wrong pattern.
    """
    compiled = compile_pattern(pattern)
    until_s = clock.monotonic_s() + TIME_LIMIT_S
    scanned, before, fired = 0, None, Counter[str]()
    samples: list[Event] = []
    oldest: Event | None = None
    while scanned < limit and clock.monotonic_s() < until_s:
        async with db.read() as tx:
            page = await log.search(tx, before_seq=before, limit=min(_PAGE, limit - scanned))
            visible = await sees(tx, page) if sees else page
        for event in visible:
            if compiled.matches(event.match_view()):
                fired[event.type] += 1
                samples += [event] if len(samples) < SAMPLES else []
        scanned += len(page)
        if len(page) < _PAGE:
            oldest = page[-1] if page else oldest
            break
        oldest, before = page[-1], page[-1].seq
    return {
        "scanned": scanned,
        "since": iso(oldest.recorded) if oldest else None,
        "fired": fired.total(),
        "by_type": dict(fired),
        "samples": [event.cloudevent() for event in samples],
    }

"""Ninety days of plausible results for the demo's checks, written through the lake's own client."""

import json
import math
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from bongsu.lake.client import LakeClient

DAYS = 90
EVERY_MS = 600_000  # one row stands for ten minutes
BATCH = 50_000


def incidents_of(name: str, rng: random.Random) -> list[tuple[int, int, str]]:
    """(first row, rows, level): a few short troubles a quarter, more for the busy ones."""
    rows = DAYS * 144
    count = 6 if "checkout" in name or "signup" in name else rng.choice((0, 1, 1, 2, 3))
    levels = ("degraded", "degraded", "down")
    return [
        (rng.randrange(rows - 300), rng.randint(1, 6), rng.choice(levels)) for _ in range(count)
    ]


def rows_of(check_id: int, name: str, now: datetime) -> Iterator[list[Any]]:
    """One row as the lake's schema 1 wants it; the day has a rhythm, an outage a shape."""
    rng = random.Random(name)
    base_us = rng.choice((9_000, 28_000, 64_000, 140_000))
    troubles = incidents_of(name, rng)
    total = DAYS * 144
    for number in range(total):
        at = now - timedelta(milliseconds=EVERY_MS * (total - number))
        level = next(
            (lv for start, length, lv in troubles if start <= number < start + length), "up"
        )
        swing = 1 + 0.35 * math.sin((at.hour - 9) / 24 * 2 * math.pi) + rng.random() * 0.3
        first_us = int(base_us * swing * (6 if level == "degraded" else 1))
        status = 503 if level == "down" else 200
        phases = [
            300 + rng.randrange(400),
            700 + rng.randrange(900),
            0,
            first_us,
            200 + rng.randrange(300),
        ]
        stamp = at.strftime("%Y-%m-%d %H:%M:%S.000")
        fault = ""
        yield [check_id, stamp, "here", level, level, EVERY_MS, status, *phases, 180, fault, ""]


async def write_history(lake: LakeClient, checks: Sequence[tuple[int, str]], now: datetime) -> int:
    """Gives the number of rows written. The same demo folder twice writes nothing twice."""
    written = 0
    batch: list[str] = []
    for check_id, name in checks:
        rows = rows_of(check_id, name, now.replace(minute=0, second=0, microsecond=0))
        batch += [json.dumps(row, separators=(",", ":")) for row in rows]
        if len(batch) >= BATCH or (check_id, name) == checks[-1]:
            await lake.insert(
                "check_result", "\n".join(batch).encode(), f"demo-{name}-{now:%Y%m%d}", timeout_s=60
            )
            written += len(batch)
            batch.clear()
    return written

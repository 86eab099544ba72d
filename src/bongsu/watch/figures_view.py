"""Series and percentiles as the service page draws them: pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bongsu.kit.i18n import say
from bongsu.lake.results import Bucket, Window

PERIODS = {"6h": timedelta(hours=6), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
PHASES = (say("name"), say("connect"), say("TLS"), say("first byte"), say("transfer"))
WINDOW_NAMES = {"now": say("Now"), "24h": say("24 h"), "7d": say("7 d"), "30d": say("30 d")}
_HOT = 2.0  # times what it was, and worth a word


def chart_of(buckets: Sequence[Bucket], language: str) -> dict[str, Any] | None:
    """Stacked phases in ms, the legend with now and before, bands where nothing answered. None: no answers."""
    answered = [bucket for bucket in buckets if bucket.answers]
    if len(answered) < 2:
        return None
    names = [phase.to(language) for phase in PHASES]
    series = [
        {"name": name, "ramp": index + 1, "values": [_ms(b, index) for b in buckets]}
        for index, name in enumerate(names)
    ]
    recent, before = answered[-3:], answered[:-3] or answered
    legend = [_legend(name, index, recent, before) for index, name in enumerate(names)]
    hottest = max(legend, key=lambda one: one["now_ms"])
    return {
        "times": [bucket.at for bucket in buckets],
        "series": series,
        "legend": legend,
        "bands": _bands(buckets),
        "label": say(
            "Phases over time; the largest part is {name} with {ms} ms now, {was} ms before.",
            name=hottest["name"],
            ms=round(hottest["now_ms"]),
            was=round(hottest["was_ms"]),
        ).to(language),
    }


def _ms(bucket: Bucket, phase: int) -> float | None:
    return bucket.phases_us[phase] / 1000 if bucket.answers else None


def _mean_ms(buckets: Sequence[Bucket], phase: int) -> float:
    return sum(bucket.phases_us[phase] for bucket in buckets) / len(buckets) / 1000


def _legend(
    name: str, phase: int, recent: Sequence[Bucket], before: Sequence[Bucket]
) -> dict[str, Any]:
    now_ms, was_ms = _mean_ms(recent, phase), _mean_ms(before, phase)
    hot = now_ms > 50 and now_ms > was_ms * _HOT
    return {"name": name, "ramp": phase + 1, "now_ms": now_ms, "was_ms": was_ms, "hot": hot}


def _bands(buckets: Sequence[Bucket]) -> list[dict[str, Any]]:
    """Runs of buckets in which looks failed."""
    bands: list[dict[str, Any]] = []
    for before, bucket in zip((None, *buckets), buckets, strict=False):
        if not bucket.failures:
            continue
        if bands and before is not None and bands[-1]["end"] == before.at:
            bands[-1]["end"] = bucket.at
        else:
            bands.append(
                {"start": before.at if before else bucket.at, "end": bucket.at, "state": "down"}
            )
    return bands


def windows_of(windows: Mapping[str, Window]) -> list[dict[str, Any]]:
    """Rows of the percentile table; a figure twice that of 7 days stands out."""
    usual = windows["7d"]
    rows = []
    for key, window in windows.items():
        figures = [
            (window.p50_us, usual.p50_us),
            (window.p95_us, usual.p95_us),
            (window.p99_us, usual.p99_us),
        ]
        rows.append(
            {
                "name": WINDOW_NAMES[key],
                "percent": None if window.percent is None else window.percent / 100,
                "cells": [_cell(value, normal) for value, normal in figures],
            }
        )
    return rows


def _cell(value: float | None, normal: float | None) -> dict[str, Any]:
    hot = value is not None and normal is not None and value > 100_000 and value > normal * _HOT
    return {"ms": None if value is None else value / 1000, "hot": hot}

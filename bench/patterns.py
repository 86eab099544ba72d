"""Events matched per second on one core, by the index, with 100 and 10,000 rules.

Events are about 900 bytes, of 60 types from 12 sources about 400 services on 2,000 hosts; services, hosts
and types are as unequal as in life (Zipf). A rule is made from an event drawn the same way and tests values
which that event has: every rule can fire, and popular things have many rules *and* many events, so that no
rule is there only to die on its first field. The mix is 40 % exact on 3 fields, 20 % prefix or suffix, 15 %
numeric, 10 % anything-but, 10 % wildcard, 5 % `$or`; of the 60 % with operators four in five name the type,
the source or the service too, as rules do, and one in five names nothing exact. An event fits about 50 of
10,000 rules; the figure is printed.

The hard mix has no exact value anywhere: heads and tails of texts, ranges, wildcards, exclusions. It has no
target; an event fits about 180 of its 10,000 rules.

What is timed is `PatternIndex.match` on events as the follower has them (Python dicts with both names of
the data). A sample of events is judged by trying each pattern in turn as well, which is also the peer of
the ratio.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.patterns_world import World
from bongsu.events.pattern import Pattern, PatternIndex, compile_pattern, explain

TARGETS = {100: 10_000, 10_000: 5_000}
Json = dict[str, Any]


def _indexed(sources: list[Json]) -> tuple[PatternIndex[int], list[Pattern]]:
    patterns = [compile_pattern(source) for source in sources]
    index: PatternIndex[int] = PatternIndex()
    for number, pattern in enumerate(patterns):
        index.add(number, pattern)
    return index, patterns


def _tried(patterns: list[Pattern], event: Json) -> list[int]:
    """The peer: every pattern in turn."""
    return [number for number, pattern in enumerate(patterns) if pattern.matches(event)]


def _rates(match: Callable[[Json], Any], events: list[Json], rounds: int) -> list[float]:
    """Events a second of this process's CPU time, so that a busy neighbour costs less; one figure a round."""
    rates = []
    for _ in range(rounds):
        started = time.process_time()
        for event in events:
            match(event)
        rates.append(len(events) / (time.process_time() - started))
    return rates


def _figure(name: str, value: float, unit: str, **more: Any) -> Json:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "target": None,
        "ok": None,
        **more,
    }


def _measured(
    label: str, sources: list[Json], events: list[Json], target: float | None
) -> list[Json]:
    index, patterns = _indexed(sources)
    matches = sum(len(index.match(event)) for event in events)
    sample = events[:: len(events) // 20]
    wrong = sum(index.match(event) != _tried(patterns, event) for event in sample)
    rates = sorted(_rates(index.match, events, 9))
    rate = rates[len(rates) // 2]
    peer = max(_rates(lambda event: _tried(patterns, event), sample[:4], 2))
    noise = f"{min(rates):,.0f} to {max(rates):,.0f} in {len(rates)} rounds"
    ok = None if target is None else rate >= target
    return [
        _figure(label, rate, "events/s", target=target, ok=ok, noise=noise),
        _figure(f"{label}: times as fast as trying each", rate / peer, "×"),
        _figure(f"{label}: patterns that fit an event", matches / len(events), "patterns"),
        _figure(
            f"{label}: events of {len(sample)} judged otherwise than by trying each",
            wrong,
            "events",
            target=0,
            ok=not wrong,
        ),
    ]


def run() -> list[Json]:
    world = World()
    events = [world.event() for _ in range(1000)]
    aliases = {"specversion", "type", "subject", "severity", "actor", "data"}
    sizes = [len(json.dumps({k: v for k, v in e.items() if k not in aliases})) for e in events]
    figures = [_figure("size of an event", sum(sizes) / len(sizes), "bytes")]
    for count, target in TARGETS.items():
        rules = [world.rule() for _ in range(count)]
        figures += _measured(f"{count:,} rules", rules, events, target)
    hard = [world.hard_rule() for _ in range(10_000)]
    figures += _measured("10,000 rules, none with an exact value", hard, events, None)
    return [*figures, _explained(world, events)]


def _explained(world: World, events: list[Json]) -> Json:
    """The slowest of 1,000 explanations, in both languages, in milliseconds of CPU time."""
    slowest = 0.0
    for event in events:
        pattern = compile_pattern(world.rule())
        started = time.process_time()
        for language in ("en", "ko"):
            explain(pattern, event).lines(language)
        slowest = max(slowest, time.process_time() - started)
    return _figure(
        "why a rule fired or not", slowest * 500, "ms", target=10, ok=slowest * 500 <= 10
    )


def main() -> int:
    figures = run()
    for figure in figures:
        verdict = {True: "ok", False: "MISSED", None: ""}[figure["ok"]]
        target = "" if figure["target"] is None else f"(target {figure['target']:,})"
        noise = f"[{figure['noise']}]" if "noise" in figure else ""
        print(
            f"{figure['name']:80} {figure['value']:>10,} {figure['unit']} {target} {verdict} {noise}"
        )
    return 1 if any(figure["ok"] is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())

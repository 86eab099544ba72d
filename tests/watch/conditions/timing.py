"""How long conditions take: `python tests/watch/conditions/timing.py`. Figures only; nothing is asserted."""

import json
import sys
import timeit
from collections.abc import Callable

from bongsu.watch.conditions import ConditionResult, compile_condition
from bongsu.watch.conditions.condition import Compat

BODY = json.dumps(
    {
        "status": "UP",
        "items": [{"id": n, "name": f"item-{n}", "price": n * 1.25, "ok": True} for n in range(34)],
        "data": {"id": 123456789},
    }
).encode()
CONDITIONS = (
    "[STATUS] == 200",
    "[STATUS] == 201",
    "[RESPONSE_TIME] < 500",
    "[STATUS] == any(200, 204)",
    "[BODY].items[3].name == item-3",
    "[BODY] == pat(*item-33*)",
    "[BODY] == pat(*item-3[0-9]*)",
    '[BODY] == re("item-3[0-9]")',
    "[STATUS] == 200 and [BODY].data.id > 5",
)


def best_us(run: Callable[[], object]) -> float:
    return min(timeit.repeat(run, number=2000, repeat=7)) / 2000 * 1e6


def fresh() -> ConditionResult:
    return ConditionResult(status=200, duration_ms=53.2, body=BODY)


def main() -> None:
    result = fresh()
    for compat in COMPATS:
        for text in CONDITIONS:
            condition = compile_condition(text, compat)
            write(compat, text, best_us(lambda condition=condition: condition.evaluate(result)))  # type: ignore[misc]
        path = compile_condition("[BODY].data.id > 5", compat)
        parsed = best_us(lambda path=path: path.evaluate(fresh())) - best_us(fresh)  # type: ignore[misc]
        write(compat, f"[BODY].data.id > 5, {len(BODY)} bytes parsed", parsed)


def write(compat: Compat, text: str, microseconds: float) -> None:
    sys.stdout.write(f"{compat:8}{text:48}{microseconds:8.2f} µs\n")


COMPATS: tuple[Compat, ...] = ("bongsu", "gatus")

if __name__ == "__main__":
    main()

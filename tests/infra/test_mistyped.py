"""Files as people spoil them: a value lost, replaced or pasted elsewhere. Everything is answered in sentences."""

import contextlib
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import yaml

from bongsu.infra.build.build import build_graph
from bongsu.infra.check.check import check_file
from bongsu.infra.cost.prices import load_prices
from bongsu.infra.cost.report import cost_report
from bongsu.infra.draw.layout import layout
from bongsu.infra.draw.svg import svg
from bongsu.infra.drill.drill import drill_all
from bongsu.infra.plan.lock import Lock
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.present import plan_lines
from bongsu.infra.read import read
from bongsu.infra.render.cfn import templates
from bongsu.kit.errors import BongsuError
from tests.infra.support import EXAMPLES

TRIES = 40
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.rglob("*.yaml"))]
WORDS = ("", "a", "x y", "10.0.0.0/8", "10.0.0.0/29", "none", "single", "regional", "public", "data", "app",
         "*", "${orders}", "${nope}", "aurora-mysql", "network", "cluster", "2027-01-01", "한글")  # fmt: skip
VALUES = (
    None,
    0,
    -1,
    1,
    3,
    70_000,
    1.5,
    True,
    False,
    [],
    {},
    ["a"],
    {"a": 1},
    ["logs", "logs"],
    *WORDS,
)


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    keys = (
        value.keys()
        if isinstance(value, dict)
        else range(len(value))
        if isinstance(value, list)
        else ()
    )
    for key in keys:
        yield (*here, key)
        yield from places(value[key], (*here, key))


def spoil(data: Any, chance: random.Random) -> None:
    *above, last = chance.choice(list(places(data)))
    block = data
    for key in above:
        block = block[key]
    if chance.random() < 0.25:
        del block[last]
    else:
        block[last] = chance.choice(VALUES)


def use(text: bytes) -> None:
    """Everything that the commands do with a file."""
    check_file("spoilt.yaml", text, Lock(), date(2026, 11, 28))
    plan = make_plan(read("spoilt.yaml", text).architecture)
    plan_lines(plan, "ko")
    cost_report(plan, load_prices())
    drill_all(plan)
    svg(layout(plan))
    templates(plan, build_graph(plan))


@pytest.mark.parametrize("seed", range(4))
def test_no_spoilt_file_ends_in_a_fault_of_ours(seed):
    chance, used = random.Random(seed), 0
    for _ in range(TRIES):
        data = yaml.safe_load(chance.choice(TEXTS))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            spoil(data, chance)
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
        with contextlib.suppress(BongsuError):  # which says in words what is wrong
            use(text.encode())
            used += 1
    assert 0 < used < TRIES  # both kinds were met

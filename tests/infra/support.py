"""Architectures for tests: a small right one, changed by a few words each."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from bongsu.infra.build.build import build_graph
from bongsu.infra.graph import Graph
from bongsu.infra.plan.lock import Lock
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.read import Source, read

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "architectures"
EVERY = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
CASES = [
    (name, environment)
    for name in EVERY
    for environment in yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text())["environments"]
]
# Production made smaller: what these overlays add is looked through by `make long` and the journey.
SMALLER = ("staging", "development")
# Two with nearly every kind of part: enough in every run for what looks at one for half a minute.
RICHEST = [("001-tasks", "production"), ("003-mobile", "production")]
# Two tiers behind a load balancer, with everything that a check looks at as it should be.
SMALL = """
name: shop
region: ap-northeast-2
domain: example.com
networks:
  main: {}
load_balancers:
  front: {waf: true}
services:
  web:
    image: {build: .}
    port: 3000
    health: {path: /healthz}
    routes: [{via: front, hosts: [shop.example.com]}]
    uses: {orders: connect, pictures: write}
    environment: {DATABASE_HOST: "${orders}", PICTURES: "${pictures}"}
databases:
  orders: {}
buckets:
  pictures: {}
alarms: {mail: [ops@example.com], probe: /}
"""


def source(text: str = SMALL, environment: str | None = None, **changes: Any) -> Source:
    """`changes`: dotted places (with `__` for the dot) and their new values; None takes away."""
    data = yaml.safe_load(text)
    for place, value in changes.items():
        put(data, place.split("__"), value)
    return read("architecture.yaml", yaml.safe_dump(data, sort_keys=False).encode(), environment)


def put(data: dict[str, Any], place: list[str], value: Any) -> None:
    *above, last = place
    for key in above:
        data = data.setdefault(key, {})
    if value is None:
        data.pop(last, None)
    else:
        data[last] = deepcopy(value)  # a later place may lie inside it


def plan(text: str = SMALL, lock: Lock | None = None, **changes: Any) -> Plan:
    return make_plan(source(text, **changes).architecture, lock)


def graph(text: str = SMALL, **changes: Any) -> Graph:
    return build_graph(plan(text, **changes))


def example(name: str, environment: str | None = None) -> Source:
    path = EXAMPLES / f"{name}.yaml"
    return read(path.name, path.read_bytes(), environment)


def in_every_run(is_shown: Callable[[Any], bool], cases: Iterable[Any]) -> list[Any]:
    """Parameters of a test: what is not shown in every run is shown in the long one."""
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=() if is_shown(case) else pytest.mark.long,
        )
        for case in cases
    ]

"""From a plan to a graph: one builder for each block, in an order that readers of a template would choose."""

import importlib
from collections.abc import Iterator
from pathlib import Path

from bongsu.document import dotted
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Graph
from bongsu.infra.model.base import Wrong
from bongsu.infra.plan.model import Plan
from bongsu.infra.unsupported import unbuildable
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say

BLOCKS = (
    "distributions",
    "distribution_logs",
    "records",
    "network",
    "groups",
    "volumes",
    "buckets",
    "tables",
    "events",
    "mail",
    "messages",
    "databases",
    "caches",
    "images",
    "pipelines",
    "load_balancers",
    "clusters",
    "pods",
    "ecs",
    "capacity",
    "services",
    "servers",
    "functions",
    "gateways",
    "transit",
    "migrations",
    "people",
    "trail",
    "hours",
    "alarms",
)


def build_graph(plan: Plan, root: Path | None = None) -> Graph:
    """`root`: of the repository, where scripts of the file lie; else where the command runs. Raises Invalid."""
    _refuse(plan)
    site = Site(plan, root or Path())
    for block in BLOCKS:
        importlib.import_module(f"bongsu.infra.build.{block}").build(site)
    return site.graph


def _refuse(plan: Plan) -> None:
    """Raises Invalid with everything that nothing can be built from."""
    found = [*unbuildable(plan.architecture), *_crowded(plan)]
    if found:
        problems = tuple(Problem(dotted(path), what, todo) for path, what, todo in found)
        raise Invalid(say("Nothing can be built from this yet. Mend these places."), problems)


def _crowded(plan: Plan) -> Iterator[Wrong]:
    """Ranges that found no place: everything that would stand there hangs in the air."""
    for one in plan.no_room:
        said = say("There is no room for {name} (/{prefix}).", name=one.key, prefix=one.prefix)
        todo = say("Give the network a larger range, or less to do.")
        yield ("networks", one.network), said, todo

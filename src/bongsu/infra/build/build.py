"""From a plan to a graph: one builder for each block, in an order that readers of a template would choose."""

import importlib

from bongsu.infra.build.site import Site
from bongsu.infra.graph import Graph
from bongsu.infra.plan.model import Plan

BLOCKS = (
    "distributions",
    "records",
    "network",
    "groups",
    "transit",
)


def build_graph(plan: Plan) -> Graph:
    site = Site(plan)
    for block in BLOCKS:
        importlib.import_module(f"bongsu.infra.build.{block}").build(site)
    return site.graph

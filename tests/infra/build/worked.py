"""Graphs for the tests of builders: whole ones, and single builders beside resources that stand in for others."""

import importlib
from typing import Any

from cfnlint.api import lint
from cfnlint.config import ManualArgs

from bongsu.infra.build.site import Site
from bongsu.infra.graph import Graph
from bongsu.infra.plan.model import Plan
from bongsu.infra.render.cfn import Template, templates
from tests.infra.support import EXAMPLES

Standing = tuple[str, str, dict[str, Any], tuple[str, ...]]


def alone(plan: Plan, *blocks: str, beside: tuple[Standing, ...] = ()) -> Graph:
    """Only these builders; `beside`: what others make, as id, type, properties, path, in the stack `app`."""
    made = Site(plan, EXAMPLES.parents[1])
    for id, type, properties, path in beside:  # noqa: A001
        made.add("app", id, type, path, properties)
    for block in blocks:
        importlib.import_module(f"bongsu.infra.build.{block}").build(made)
    return made.graph


def errors(template: Template) -> list[str]:
    """What cfn-lint says is wrong, by its own region."""
    found = lint(template.text, config=ManualArgs(regions=[template.region]))
    return [str(one) for one in found if one.rule.id.startswith("E")]


def all_errors(plan: Plan, graph: Graph) -> list[str]:
    return [f"{one.name}: {said}" for one in templates(plan, graph) for said in errors(one)]


def properties(graph: Graph, id: str) -> dict[str, Any]:  # noqa: A002
    return graph.resources[id].properties

"""Both views of every example and variant, and the registry's schemas as cfn-lint carries them."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from bongsu.infra.build.build import build_graph
from bongsu.infra.graph import Graph
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.render.cfn import templates
from bongsu.infra.render.tf import Configuration, configuration
from bongsu.infra.render.tf_types import addresses
from tests.infra.support import CASES, example, plan
from tests.infra.test_lint import VARIANTS, lay_scripts

EVERY = [f"{name}/{environment}" for name, environment in CASES] + [*VARIANTS]


@dataclass(frozen=True, slots=True)
class Views:
    plan: Plan
    graph: Graph
    cfn: dict[str, dict[str, Any]]  # resources of all stacks, by id
    tf: Configuration

    def blocks(self, id: str) -> list[dict[str, Any]]:  # noqa: A002
        """What became of one resource of the graph."""
        places = [address.split(".") for address in addresses(self.graph.resources[id])]
        return [self.tf.body["resource"][kind][name] for kind, name in places]


@cache
def views(name: str) -> Views:
    """Without migrations and AWS's own pipelines: the provider has no DMS and no CodeBuild, and says so (see the
    test of what is refused)."""
    planned = _planned(name)
    with tempfile.TemporaryDirectory() as root:
        graph = build_graph(planned, lay_scripts(planned.architecture, Path(root)))
    cfn = {
        id: resource
        for one in templates(planned, graph)
        for id, resource in one.body["Resources"].items()  # noqa: A001
    }
    return Views(planned, graph, cfn, configuration(planned, graph, "states"))


def _planned(name: str) -> Plan:
    architecture = (
        plan(**VARIANTS[name]).architecture
        if name in VARIANTS
        else example(*name.split("/")).architecture
    )
    kept = {key: one for key, one in architecture.pipelines.items() if one.kind != "codepipeline"}
    return make_plan(architecture.model_copy(update={"migrations": {}, "pipelines": kept}))


@cache
def schema(type: str) -> dict[str, Any]:  # noqa: A002
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type).schema


def meant(root: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """What a node of a schema leads to."""
    while "$ref" in node:
        found: Any = root
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def properties_of(root: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Of an object, those of its alternatives too; none for an object of any shape."""
    node = meant(root, node)
    found = dict(node.get("properties", {}))
    for way in ("allOf", "anyOf", "oneOf"):
        for inner in node.get(way, []):
            found |= meant(root, inner).get("properties", {})
    return found

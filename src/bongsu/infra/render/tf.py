"""A preview: the graph as one Terraform configuration in JSON, byte for byte the same for the same graph.

Resources keep the names that they have in CloudFormation. All stacks are one configuration: what an output and a
parameter join there is a reference here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bongsu.document import dotted
from bongsu.infra.graph import Given, Graph, Resource, pointers
from bongsu.infra.plan.model import Plan
from bongsu.infra.regions import EDGE
from bongsu.infra.render.cfn import output_name
from bongsu.infra.render.tf_pointers import Pointers, alias
from bongsu.infra.render.tf_types import CLOUD_CONTROL, addresses, block_type, bodies, is_absent
from bongsu.infra.render.tf_values import in_json
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say

FILE = "main.tf.json"
VERSION = (
    ">= 1.11"  # of Terraform: the first that keeps the lock of a state in S3 as a matter of course
)
PROVIDERS = {"aws": "~> 6.0", "awscc": "~> 1.0"}
DEFAULTS = ("DeletionPolicy", "UpdateReplacePolicy")  # `Delete`, as Terraform does by itself


@dataclass(frozen=True, slots=True)
class Configuration:
    """`gaps`: what the graph says beside its properties and Terraform cannot: `Servers.UpdatePolicy`."""

    body: dict[str, Any]
    gaps: tuple[str, ...]

    @property
    def text(self) -> str:
        return json.dumps(self.body, indent=2, ensure_ascii=False) + "\n"


def configuration(plan: Plan, graph: Graph, state_bucket: str | None = None) -> Configuration:
    """Raises Invalid for what the providers do not have, each by its place in the file: nothing is left out."""
    _refuse(graph)
    view = _View(plan, graph)
    resources, outputs = view.resources(), view.outputs()
    body = {"terraform": _settings(plan, state_bucket), "provider": view.providers()}
    if view.known.variables:
        body["variable"] = dict(sorted(view.known.variables.items()))
    if view.known.data:
        body["data"] = {
            kind: dict(sorted(of.items())) for kind, of in sorted(view.known.data.items())
        }
    body["resource"] = resources
    if outputs:
        body["output"] = outputs
    return Configuration(body, tuple(_gaps(graph)))


def region_of(plan: Plan, one: Resource) -> str:
    return one.region or (EDGE if one.stack == "edge" else plan.architecture.region)


class _View:
    def __init__(self, plan: Plan, graph: Graph) -> None:
        self.plan, self.graph, self.known = plan, graph, Pointers(graph)

    def resources(self) -> dict[str, Any]:
        """By type, then by name, in the order of the graph."""
        found: dict[str, dict[str, Any]] = {}
        for one in self.graph.resources.values():
            of_type = found.setdefault(block_type(one.type), {})
            properties = self.known.resolved(one.properties, region_of(self.plan, one))
            for address, body in zip(addresses(one), bodies(one.type, properties), strict=True):
                of_type[address.rsplit(".", 1)[-1]] = in_json(body) | self._arguments(one)
        return found

    def _arguments(self, one: Resource) -> dict[str, Any]:
        """What Terraform itself reads."""
        provider = "aws" if block_type(one.type) == CLOUD_CONTROL else "awscc"
        made: dict[str, Any] = {"provider": f"{provider}.{alias(region_of(self.plan, one))}"}
        if after := [self.graph.resources[id] for id in one.after if id in self.graph.resources]:  # noqa: A001
            made["depends_on"] = [address for other in after for address in addresses(other)]
        if one.keep != "delete":
            made["lifecycle"] = {"prevent_destroy": True}
        return made

    def providers(self) -> dict[str, list[dict[str, str]]]:
        """One of each for every region, by its alias."""
        regions = sorted({region_of(self.plan, one) for one in self.graph.resources.values()})
        one_each = [{"alias": alias(region), "region": region} for region in regions]
        return dict.fromkeys(PROVIDERS, one_each)

    def outputs(self) -> dict[str, Any]:
        """What one stack of CloudFormation hands to another, under the same names."""
        found: dict[str, Any] = {}
        for one in self.graph.resources.values():
            for pointer in pointers([one.properties, one.extra]):
                if isinstance(pointer, Given) or pointer.id.startswith("AWS::"):
                    continue
                other = self.graph.resources[pointer.id]
                if (other.stack, other.region) != (one.stack, one.region):
                    value = self.known.pointer(pointer, region_of(self.plan, other))
                    found[output_name(pointer)] = {"value": in_json(value)}
        return dict(sorted(found.items()))


def _settings(plan: Plan, state_bucket: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "required_version": VERSION,
        "required_providers": {
            name: {"source": f"hashicorp/{name}", "version": version}
            for name, version in PROVIDERS.items()
        },
    }
    if state_bucket:
        made["backend"] = {"s3": _backend(plan, state_bucket)}
    return made


def _backend(plan: Plan, bucket: str) -> dict[str, Any]:
    return {
        "bucket": bucket,
        "key": f"{plan.architecture.stem}/terraform.tfstate",
        "region": plan.architecture.region,
        "encrypt": True,
        "use_lockfile": True,
    }


def _gaps(graph: Graph) -> Iterator[str]:
    for one in graph.resources.values():
        yield from (f"{one.id}.{key}" for key in one.extra if key not in DEFAULTS)


def _refuse(graph: Graph) -> None:
    lacking = {(one.path, one.type): one for one in graph.resources.values() if is_absent(one.type)}
    problems = tuple(
        Problem(
            dotted(one.path),
            say("Terraform's provider awscc has no {type}.", type=one.type),
            say("Render CloudFormation instead, or take it out of the file."),
        )
        for one in lacking.values()
    )
    if problems:
        raise Invalid(say("Terraform cannot make all of this. Nothing was left out."), problems)

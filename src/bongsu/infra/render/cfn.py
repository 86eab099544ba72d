"""CloudFormation templates: one for each stack and region, in JSON, byte for byte the same for the same graph."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bongsu.infra.graph import Att, Given, Graph, Ref, Resource, Stack, Sub, pointers
from bongsu.infra.plan.hosts import hosts_of_load_balancer
from bongsu.infra.plan.model import Plan
from bongsu.infra.regions import EDGE
from bongsu.infra.render.limits import refuse_crowded

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
GATEWAY = "AWS::ApiGatewayV2::Api"
DISTRIBUTION = "AWS::CloudFront::Distribution"
POLICY = {"delete": None, "retain": "Retain", "snapshot": "Snapshot"}


@dataclass(frozen=True, slots=True)
class Template:
    """`givens`: parameter → how its value is found; `needs`: parameter → the stack whose output it is."""

    name: str
    stack: Stack
    region: str
    body: dict[str, Any]
    givens: dict[str, str]
    needs: dict[str, str]

    @property
    def text(self) -> str:
        return json.dumps(self.body, indent=2, ensure_ascii=False) + "\n"


def templates(plan: Plan, graph: Graph) -> tuple[Template, ...]:
    """In the order of deployment. Raises Invalid for more than AWS takes in one."""
    return tuple(_View(plan, graph, stack, region).template() for stack, region in graph.stacks())


def stack_name(plan: Plan, stack: Stack, region: str | None) -> str:
    """`beacon-production-data`; a stack in another region says so at its end."""
    return "-".join(word for word in (plan.architecture.stem, stack, region or "") if word)


class _View:
    def __init__(self, plan: Plan, graph: Graph, stack: Stack, region: str | None) -> None:
        self.plan, self.graph, self.stack, self.region = plan, graph, stack, region
        self.own = {
            one.id: one
            for one in graph.resources.values()
            if (one.stack, one.region) == (stack, region)
        }
        self.parameters: dict[str, dict[str, str]] = {}
        self.givens: dict[str, str] = {}
        self.needs: dict[str, str] = {}

    def template(self) -> Template:
        resources = {id: self._resource(one) for id, one in self.own.items()}  # noqa: A001
        outputs = self._outputs()
        body: dict[str, Any] = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": f"{self.plan.architecture.stem}: {self.stack}",
        }
        if self.parameters:
            body["Parameters"] = dict(sorted(self.parameters.items()))
        body["Resources"] = resources
        if outputs:
            body["Outputs"] = outputs
        name = stack_name(self.plan, self.stack, self.region)
        refuse_crowded(name, body)
        return Template(name, self.stack, self._where(), body, self.givens, self.needs)

    def _where(self) -> str:
        return self.region or (EDGE if self.stack == "edge" else self.plan.architecture.region)

    def _resource(self, one: Resource) -> dict[str, Any]:
        made: dict[str, Any] = {"Type": one.type}
        if after := [id for id in one.after if id in self.own]:  # noqa: A001
            made["DependsOn"] = after
        if policy := POLICY[one.keep]:
            made |= {"DeletionPolicy": policy, "UpdateReplacePolicy": policy}
        made |= {key: self._value(value) for key, value in one.extra.items()}
        if one.properties:
            made["Properties"] = self._value(one.properties)
        return made

    def _value(self, value: Any) -> Any:
        if isinstance(value, Ref | Att | Given):
            return self._pointer(value)
        if isinstance(value, Sub):
            return self._sub(value)
        if isinstance(value, dict):
            return {key: self._value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(inner) for inner in value]
        return value

    def _pointer(self, value: Ref | Att | Given) -> dict[str, Any]:
        if isinstance(value, Given):
            self.parameters[value.id] = {"Type": value.type} | _meaning(value)
            self.givens[value.id] = value.how
            return {"Ref": value.id}
        if value.id in self.own or value.id.startswith("AWS::"):
            return (
                {"Ref": value.id}
                if isinstance(value, Ref)
                else {"Fn::GetAtt": [value.id, value.name]}
            )
        name = output_name(value)
        other = self.graph.resources[value.id]
        self.parameters[name] = {"Type": "String"}
        self.needs[name] = stack_name(self.plan, other.stack, other.region)
        return {"Ref": name}

    def _sub(self, value: Sub) -> Any:
        if "${" not in value.text:
            return value.text
        if not value.values:
            return {"Fn::Sub": value.text}
        return {
            "Fn::Sub": [
                value.text,
                {key: self._pointer(inner) for key, inner in value.values.items()},
            ]
        }

    def _outputs(self) -> dict[str, Any]:
        """What other stacks point at here."""
        found: dict[str, Any] = {}
        for one in self.graph.resources.values():
            if one.id in self.own:
                continue
            for pointer in pointers([one.properties, one.extra]):
                if not isinstance(pointer, Given) and pointer.id in self.own:
                    found[output_name(pointer)] = {"Value": self._pointer(pointer)}
        for pointer in nameless(self.plan, self.own.values()).values():
            found[output_name(pointer)] = {"Value": self._pointer(pointer)}
        return dict(sorted(found.items()))


def nameless(plan: Plan, resources: Iterable[Resource]) -> dict[str, Att]:
    """Part → AWS's own name of it, for what the world may ask and no name of the file leads to."""
    found: dict[str, Att] = {}
    for one in resources:
        part = str(one.path[1]) if len(one.path) > 1 else ""
        if one.type == DISTRIBUTION and not plan.architecture.distributions[part].aliases:
            found[part] = Att(one.id, "DomainName")
        if one.type == GATEWAY and not plan.architecture.gateways[part].hosts:
            found[part] = Att(one.id, "ApiEndpoint")
        open_ = one.type == BALANCER and one.properties.get("Scheme") == "internet-facing"
        if open_ and not hosts_of_load_balancer(plan.architecture, part):
            found[part] = Att(one.id, "DNSName")
    return found


def output_name(value: Ref | Att) -> str:
    """One name for the output of one stack and the parameter of another."""
    return value.id + (value.name.replace(".", "") if isinstance(value, Att) else "")


def _meaning(value: Given) -> dict[str, str]:
    """For whoever deploys by hand: images are known to AWS by public parameters."""
    path = AMI_PARAMETERS.get(value.how)
    return {"Description": f"What {path} names"} if path else {}


_AL2023 = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default"
_ECS = "/aws/service/ecs/optimized-ami/amazon-linux-2023"
AMI_PARAMETERS = {
    "ami:al2023-arm": f"{_AL2023}-arm64",
    "ami:al2023-x86": f"{_AL2023}-x86_64",
    "ami:ecs-al2023-arm": f"{_ECS}/arm64/recommended/image_id",
    "ami:ecs-al2023-x86": f"{_ECS}/recommended/image_id",
}

"""From pointers of the graph to Terraform's expressions, and what these need: data sources and variables."""

import re
from dataclasses import dataclass, field
from typing import Any

from bongsu.infra.graph import Att, Given, Graph, Ref, Sub
from bongsu.infra.render.cfn import AMI_PARAMETERS
from bongsu.infra.render.tf_types import read_by_att, read_by_ref
from bongsu.infra.render.tf_values import Code, Text, called
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

_PLACE = re.compile(r"\$\{(!?)([^}]+)\}")
_SECRET = re.compile(r"\{\{resolve:secretsmanager:\$\{(\w+)\}:SecretString:(\w+)\}\}")
_PSEUDO = {
    "AWS::AccountId": Code("data.aws_caller_identity.current.account_id"),
    "AWS::Partition": Code("data.aws_partition.current.partition"),
    "AWS::URLSuffix": Code("data.aws_partition.current.dns_suffix"),
}


def alias(region: str) -> str:
    return region.replace("-", "_")


@dataclass(slots=True)
class Pointers:
    """`data` and `variables` grow with what is asked for."""

    graph: Graph
    data: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    variables: dict[str, dict[str, str]] = field(default_factory=dict)

    def resolved(self, value: Any, region: str) -> Any:
        """Raises Invalid for what Terraform has no words for."""
        if isinstance(value, Ref | Att | Given):
            return self.pointer(value, region)
        if isinstance(value, Sub):
            return self._sub(value, region)
        if isinstance(value, dict):
            return self._mapping(value, region)
        if isinstance(value, list | tuple):
            return [self.resolved(inner, region) for inner in value]
        if isinstance(value, str) and "{{resolve:" in value:
            raise _no_words(value)
        return value

    def pointer(self, value: Ref | Att | Given, region: str) -> Code | str:
        if isinstance(value, Given):
            return self._given(value, region)
        if isinstance(value, Ref) and value.id.startswith("AWS::"):
            return self._pseudo(value.id, region)
        one = self.graph.resources[value.id]
        return Code(read_by_ref(one) if isinstance(value, Ref) else read_by_att(one, value.name))

    def _mapping(self, value: dict[str, Any], region: str) -> Any:
        if any(key.startswith("Fn::") for key in value):
            if set(value) != {"Fn::Base64"}:
                raise _no_words(next(iter(value)))
            return called("base64encode", self.resolved(value["Fn::Base64"], region))
        return {key: self.resolved(inner, region) for key, inner in value.items()}

    def _sub(self, value: Sub, region: str) -> Any:
        if found := _SECRET.fullmatch(value.text):
            return self._secret(value.values[found[1]], found[2], region)
        if "{{resolve:" in value.text:
            raise _no_words(value.text)
        parts: list[str | Code] = []
        end = 0
        for place in _PLACE.finditer(value.text):
            parts += (value.text[end : place.start()], self._place(place, value, region))
            end = place.end()
        return Text((*parts, value.text[end:]))

    def _place(self, place: re.Match[str], value: Sub, region: str) -> str | Code:
        if place[1]:  # `${!x}`: CloudFormation's way to write `${x}`
            return f"${{{place[2]}}}"
        target = value.values.get(place[2])
        return self._pseudo(place[2], region) if target is None else self.pointer(target, region)

    def _pseudo(self, name: str, region: str) -> str | Code:
        if name == "AWS::Region":
            return region
        if name not in _PSEUDO:
            raise _no_words(name)
        kind = _PSEUDO[name].text.split(".")[1]
        self.data.setdefault(kind, {}).setdefault("current", {"provider": f"aws.{alias(region)}"})
        return _PSEUDO[name]

    def _given(self, value: Given, region: str) -> Code:
        if path := AMI_PARAMETERS.get(value.how):
            asked = {"provider": f"aws.{alias(region)}", "name": path}
            self.data.setdefault("aws_ssm_parameter", {})[value.id] = asked
            return Code(f"data.aws_ssm_parameter.{value.id}.insecure_value")
        self.variables[value.id] = {"type": "string", "description": value.how}
        return Code(f"var.{value.id}")

    def _secret(self, secret: Ref | Att | Given, key: str, region: str) -> Code:
        """What CloudFormation looks up by itself. The value comes into the state: see docs/en/terraform.md."""
        read = self.pointer(secret, region)
        asked = {
            "provider": f"aws.{alias(region)}",
            "secret_id": f"${{{read.text if isinstance(read, Code) else read}}}",
        }
        self.data.setdefault("aws_secretsmanager_secret_version", {})[secret.id] = asked
        found = f"data.aws_secretsmanager_secret_version.{secret.id}.secret_string"
        return Code(f"jsondecode({found}).{key}")


def _no_words(what: str) -> Invalid:
    return Invalid(
        say("Terraform has no words for {what}. Render CloudFormation instead.", what=what)
    )

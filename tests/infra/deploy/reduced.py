"""Templates cut down to what moto knows. What is left out is given back and printed, never hidden."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from moto.cloudformation.parsing import NULL_MODELS, get_model_map

from bongsu.infra.render.cfn import Template

CERTIFICATE, SECRET = "AWS::CertificateManager::Certificate", "AWS::SecretsManager::Secret"
SECRET_ARN = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:made-by-hand"
# Attributes that moto does not give: text instead.
_FILES = "arn:aws:elasticfilesystem:ap-northeast-2:123456789012"
ATTRIBUTES = {
    ("AWS::EFS::FileSystem", "Arn"): f"{_FILES}:file-system/one",
    ("AWS::EFS::AccessPoint", "Arn"): f"{_FILES}:access-point/one",
}
# Properties that moto stumbles over.
UNTAKEN = {"AWS::RDS::DBInstance": ("DBParameterGroupName",)}


@dataclass(slots=True)
class Reduced:
    """`dropped`: stack/logical id → why."""

    templates: list[Template] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)

    def report(self) -> str:
        lines = [f"  {place}: {why}" for place, why in sorted(self.dropped.items())]
        return "\n".join([f"Not deployed to moto, {len(lines)} places:", *lines])


def reduced(templates: tuple[Template, ...], certificate: str) -> Reduced:
    """In the order of deployment: an output that is gone takes along what needed it.

    `certificate`: one that exists, for moto's load balancers ask whether it does.
    """
    found, gone = Reduced(), set[str]()
    for template in templates:
        cut = _Cut(template, gone, {CERTIFICATE: certificate, SECRET: SECRET_ARN})
        found.templates.append(cut.template())
        found.dropped |= {f"{template.name}/{place}": why for place, why in cut.dropped.items()}
        gone |= cut.lost_outputs
    return found


class _Cut:
    def __init__(self, whole: Template, gone: set[str], stand_ins: dict[str, str]) -> None:
        self.whole, self.gone, self.stand_ins = whole, gone, stand_ins
        self.body = json.loads(json.dumps(whole.body))
        self.dropped: dict[str, str] = {}
        self.lost_outputs: set[str] = set()

    def template(self) -> Template:
        self._stand_in()
        self._drop()
        for name in list(self.body.get("Outputs", {})):
            if pointed(self.body["Outputs"][name]) - set(self.body["Resources"]):
                self.lost_outputs.add(name)
                del self.body["Outputs"][name]
        for name in self.gone & set(self.body.get("Parameters", {})):
            del self.body["Parameters"][name]
        needs = {one: stack for one, stack in self.whole.needs.items() if one not in self.gone}
        return replace(self.whole, body=self.body, needs=needs)

    def _stand_in(self) -> None:
        """Text for what moto's CloudFormation cannot make but its services take by name."""
        text = {}
        for key, one in self.body["Resources"].items():
            if one["Type"] in self.stand_ins:
                text[key] = self.stand_ins[one["Type"]]
            for (kind, attribute), value in ATTRIBUTES.items():
                if one["Type"] == kind:
                    text[f"{key}.{attribute}"] = value
            for name in UNTAKEN.get(one["Type"], ()):
                if one["Properties"].pop(name, None) is not None:
                    self.dropped[f"{key}.{name}"] = "a property that moto cannot take"
        self.dropped |= {key: "text stands in for it" for key in text if "." in key}
        self.body = _mended(self.body, text)

    def _drop(self) -> None:
        """What moto does not know, then what points at that, and so on."""
        resources, known = self.body["Resources"], {*get_model_map(), *NULL_MODELS}
        why = {key: one["Type"] for key, one in resources.items() if one["Type"] not in known}
        while why:
            self.dropped |= why
            for key in why:
                del resources[key]
            for one in resources.values():
                one["DependsOn"] = [key for key in one.get("DependsOn", []) if key in resources]
            why = self._lacking(resources)
        for key, reason in self._lacking(resources).items():
            self.dropped[key] = reason
            del resources[key]

    def _lacking(self, resources: dict[str, Any]) -> dict[str, str]:
        lost = {*self.dropped, *self.gone}
        lacking = {key: sorted(pointed(one) & lost) for key, one in resources.items()}
        return {key: f"needs {names[0]}" for key, names in lacking.items() if names}


def pointed(value: Any) -> set[str]:
    """Logical ids and parameters that a value points at."""
    if isinstance(value, list):
        return set().union(*map(pointed, value))
    if not isinstance(value, dict):
        return set()
    if set(value) == {"Ref"}:
        return set() if value["Ref"].startswith("AWS::") else {value["Ref"]}
    if set(value) == {"Fn::GetAtt"}:
        return {value["Fn::GetAtt"][0]}
    return set().union(*map(pointed, value.values()))


def _mended(value: Any, text: dict[str, str]) -> Any:
    """Pointers to stand-ins and passwords that AWS looks up become text."""
    if isinstance(value, list):
        return [_mended(one, text) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"} and value["Ref"] in text:
        return text[value["Ref"]]
    if set(value) == {"Fn::GetAtt"} and ".".join(value["Fn::GetAtt"]) in text:
        return text[".".join(value["Fn::GetAtt"])]
    if "{{resolve:" in str(value.get("Fn::Sub", "")):
        return "looked-up-by-aws"
    return {key: _mended(one, text) for key, one in value.items()}

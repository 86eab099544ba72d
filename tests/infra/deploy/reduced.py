"""Templates cut down to what an emulator knows. What is left out is given back and printed, never hidden."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from moto.cloudformation.parsing import NULL_MODELS, get_model_map

from bongsu.infra.build.machine_images import AMI_TYPE
from bongsu.infra.render.cfn import Template

CERTIFICATE, SECRET = "AWS::CertificateManager::Certificate", "AWS::SecretsManager::Secret"
# No emulator knows hosts: services on them are made as if on Fargate, and the hosts are printed as missing.
HOSTS = {"AWS::ECS::CapacityProvider": "FARGATE"}
SECRET_ARN = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:made-by-hand"
# Attributes that moto does not give: text instead.
_FILES = "arn:aws:elasticfilesystem:ap-northeast-2:123456789012"
ATTRIBUTES = {
    ("AWS::EFS::FileSystem", "Arn"): f"{_FILES}:file-system/one",
    ("AWS::EFS::AccessPoint", "Arn"): f"{_FILES}:access-point/one",
}
# Properties that moto stumbles over.
UNTAKEN = {
    "AWS::Events::Rule": ("EventBusName",),
    "AWS::KMS::Key": ("Tags",),
    "AWS::RDS::DBInstance": ("DBParameterGroupName",),
}


@dataclass(frozen=True, slots=True)
class Emulator:
    """`known`: types that it makes. `stand_ins`: types → text that its services take in their place.

    `attributes`: text for what `Fn::GetAtt` does not give. `untaken`: properties that it stumbles over, by type.
    `image`: text for images of machines that it does not look up.
    `refused`: properties without which a resource would not be itself, by type; it goes whole.
    """

    name: str
    known: frozenset[str]
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    untaken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    image: str = ""

    def why_not(self, resource: Mapping[str, Any]) -> str:
        """Why a resource is not made; empty where it is."""
        kind = str(resource["Type"])
        if kind not in self.known:
            return kind
        has = [one for one in self.refused.get(kind, ()) if one in resource["Properties"]]
        return f"{kind} with {has[0]}" if has else ""


@dataclass(slots=True)
class Reduced:
    """`dropped`: stack/logical id → why."""

    emulator: str
    templates: list[Template] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)

    def report(self) -> str:
        lines = [f"  {place}: {why}" for place, why in sorted(self.dropped.items())]
        return "\n".join([f"Not deployed to {self.emulator}, {len(lines)} places:", *lines])


def reduced(templates: tuple[Template, ...], certificate: str) -> Reduced:
    """For moto. `certificate`: one that exists, for its load balancers ask whether it does."""
    stand_ins = {CERTIFICATE: certificate, SECRET: SECRET_ARN} | HOSTS
    known = frozenset({*get_model_map(), *NULL_MODELS})
    return reduced_for(Emulator("moto", known, stand_ins, ATTRIBUTES, UNTAKEN), templates)


def reduced_for(emulator: Emulator, templates: tuple[Template, ...]) -> Reduced:
    """In the order of deployment: an output that is gone takes along what needed it."""
    found, gone = Reduced(emulator.name), set[str]()
    for template in templates:
        cut = _Cut(template, gone, emulator)
        found.templates.append(cut.template())
        found.dropped |= {f"{template.name}/{place}": why for place, why in cut.dropped.items()}
        gone |= cut.lost_outputs
    return found


class _Cut:
    def __init__(self, whole: Template, gone: set[str], emulator: Emulator) -> None:
        self.whole, self.gone, self.emulator = whole, gone, emulator
        self.body = json.loads(json.dumps(whole.body))
        self.dropped: dict[str, str] = {}
        self.lost_outputs: set[str] = set()
        self.named: set[str] = set()  # parameters that nobody has to find out

    def template(self) -> Template:
        self._stand_in()
        self._name_images()
        self._say_all_ports()
        self._drop()
        for name in list(self.body.get("Outputs", {})):
            if pointed(self.body["Outputs"][name]) - set(self.body["Resources"]):
                self.lost_outputs.add(name)
                del self.body["Outputs"][name]
        for name in self.gone & set(self.body.get("Parameters", {})):
            del self.body["Parameters"][name]
        self._ask_for_nothing_in_vain()
        needs = {one: stack for one, stack in self.whole.needs.items() if one not in self.gone}
        givens = {one: how for one, how in self.whole.givens.items() if one not in self.named}
        return replace(self.whole, body=self.body, givens=givens, needs=needs)

    def _ask_for_nothing_in_vain(self) -> None:
        """What only a part wanted that is gone is not looked for."""
        pointed_at = pointed([self.body["Resources"], self.body.get("Outputs", {})])
        for name in set(self.whole.givens) - pointed_at:
            self.body["Parameters"].pop(name, None)
            self.named.add(name)

    def _stand_in(self) -> None:
        """Text for what the emulator's CloudFormation cannot make but its services take by name."""
        text, emulator = {}, self.emulator
        for key, one in self.body["Resources"].items():
            if one["Type"] in emulator.stand_ins:
                text[key] = emulator.stand_ins[one["Type"]]
            for (kind, attribute), value in emulator.attributes.items():
                if one["Type"] == kind:
                    text[f"{key}.{attribute}"] = value
            for name in emulator.untaken.get(one["Type"], ()):
                if one["Properties"].pop(name, None) is not None:
                    self.dropped[f"{key}.{name}"] = f"a property that {emulator.name} cannot take"
        self.dropped |= {key: "text stands in for it" for key in text if "." in key}
        self.body = _mended(self.body, text)

    def _say_all_ports(self) -> None:
        """A rule for every protocol has no ports in AWS; moto asks for them."""
        for key, one in self.body["Resources"].items():
            for rule in one.get("Properties", {}).get("SecurityGroupIngress", ()):
                if "FromPort" not in rule:
                    rule |= {"FromPort": -1, "ToPort": -1}
                    self.dropped[f"{key}.SecurityGroupIngress"] = "text stands in for its ports"

    def _name_images(self) -> None:
        for name, one in self.body.get("Parameters", {}).items():
            if self.emulator.image and one["Type"] == AMI_TYPE:
                self.dropped[f"{name}.Type"] = "text stands in for it"
                one |= {"Type": "String", "Default": self.emulator.image}
                self.named.add(name)

    def _drop(self) -> None:
        """What the emulator does not know, then what points at that, and so on."""
        resources = self.body["Resources"]
        found = {key: self.emulator.why_not(one) for key, one in resources.items()}
        why = {key: reason for key, reason in found.items() if reason}
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

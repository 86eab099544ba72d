"""What the provider awscc would declare, worked out from the registry's schemas inside cfn-lint.

Names and nesting follow the provider's own rules: objects without properties are JSON in a string, patterns of
names are maps, arrays of unique items whose order means nothing are sets. Of `aws` only what we use is told.
"""

from typing import Any

from bongsu.infra.render.tf_names import attribute, snake, type_name
from bongsu.infra.render.tf_types import exceptions
from tests.infra.render.views import meant, properties_of, schema

Told = dict[str, Any]
SCALARS = {"integer": "number", "number": "number", "boolean": "bool", "string": "string"}


def resource(kind: str) -> list[Told]:
    root = schema(kind)
    read_only, required = _only(root), set(root.get("required", ()))
    found = [{"name": "id", "type": "string", "computed": True}]
    for name, node in root["properties"].items():
        how: Told = {"required": True} if name in required else {"optional": True, "computed": True}
        if f"/properties/{name}" in read_only:
            how = {"computed": True}
        own = attribute(kind, name) if name == "Id" else snake(name)
        found.append({"name": own, **how, **_shape(root, node, kind, (name,), ())})
    return found


def _only(root: Told) -> set[str]:
    return set(root.get("readOnlyProperties", ()))


def _shape(
    root: Told, node: Told, kind: str, place: tuple[str, ...], seen: tuple[str, ...]
) -> Told:
    ref = node.get("$ref", "")
    if ref in seen or "/".join(place) in exceptions().free_form.get(kind, ()):
        return {"type": "string"}  # JSON; what contains itself the provider has not at all
    node, seen = meant(root, node), (*seen, *([ref] if ref else []))
    if node.get("type") == "array" or "items" in node:
        items = _shape(root, node.get("items", {}), kind, (*place, "*"), seen)
        is_set = node.get("uniqueItems") and node.get("insertionOrder") is False
        way = "set" if is_set else "list"
        if items.get("nesting") == "single":
            return {"nested": items["nested"], "nesting": way}
        return {"type": [way, items.get("type", "string")]}
    if inner := properties_of(root, node):
        nested = [
            _inside(root, name, one, kind, (*place, name), seen) for name, one in inner.items()
        ]
        return {"nested": nested, "nesting": "single"}
    if "/".join(place) in exceptions().maps.get(kind, ()) or "patternProperties" in node:
        return {"type": ["map", "string"]}
    return {"type": _scalar(node)}


def _inside(
    root: Told, name: str, node: Told, kind: str, place: tuple[str, ...], seen: tuple[str, ...]
) -> Told:
    """Of an object: whether it is required is left to cfn-lint, which knows alternatives."""
    where = "/properties/" + "/".join(place)
    how = {"computed": True} if where in _only(root) else {"optional": True}
    return {"name": snake(name), **how, **_shape(root, node, kind, place, seen)}


def _scalar(node: Told) -> str:
    """Free-form objects, and what may be an object or text, are JSON in a string."""
    kinds = node.get("type", "string")
    return SCALARS.get(kinds, "string") if isinstance(kinds, str) else "string"


def aws() -> Told:
    def of(
        required: tuple[str, ...] = (),
        optional: tuple[str, ...] = (),
        computed: tuple[str, ...] = (),
    ) -> list[Told]:
        ways = {"required": required, "optional": optional, "computed": computed}
        return [
            {"name": one, "type": "string", way: True}
            for way, names in ways.items()
            for one in names
        ]

    cloud_control = of(("type_name", "desired_state"), ("role_arn",), ("id", "properties"))
    return {
        "provider": of((), ("region",)),
        "resources": {"aws_cloudcontrolapi_resource": cloud_control},
        "data": {
            "aws_caller_identity": of((), (), ("id", "account_id", "arn", "user_id")),
            "aws_partition": of((), (), ("id", "partition", "dns_suffix", "reverse_dns_prefix")),
            "aws_ssm_parameter": of(("name",), (), ("id", "arn", "type", "value", "insecure_value")),
            "aws_secretsmanager_secret_version": of(
                ("secret_id",), ("version_stage",), ("id", "arn", "secret_string")
            ),
        },
    }  # fmt: skip


def schemas(types: set[str]) -> Told:
    """`types`: of CloudFormation, as the registry knows them."""
    resources = {type_name(one): resource(one) for one in sorted(types)}
    region = [{"name": "region", "type": "string", "optional": True}]
    return {"awscc": {"provider": region, "resources": resources, "data": {}}, "aws": aws()}

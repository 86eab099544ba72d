"""How a type gets from CloudFormation to Terraform; the exceptions stand in data/terraform.json, with a date."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bongsu.infra.graph import Resource
from bongsu.infra.render.tf_names import attribute, snake, type_name
from bongsu.infra.render.tf_values import called

TABLE = Path(__file__).resolve().parents[1] / "data" / "terraform.json"
CLOUD_CONTROL = "aws_cloudcontrolapi_resource"


@dataclass(frozen=True, slots=True)
class Exceptions:
    """`cloud_control`: type → why awscc lacks it. `ref`: type → attribute, where `id` is not what Ref gives."""

    as_of: str
    seen: str
    cloud_control: dict[str, str]
    substitutes: dict[str, dict[str, str]]
    absent: list[str]
    ref: dict[str, str]
    free_form: dict[str, list[str]]
    maps: dict[str, list[str]]


@cache
def exceptions() -> Exceptions:
    return Exceptions(**json.loads(TABLE.read_text(encoding="utf-8")))


def is_absent(type: str) -> bool:  # noqa: A002
    return any(
        type == name or (name.endswith("::") and type.startswith(name))
        for name in exceptions().absent
    )


def block_type(type: str) -> str:  # noqa: A002
    known = exceptions()
    if type in known.cloud_control:
        return CLOUD_CONTROL
    return type_name(known.substitutes.get(type, {}).get("type", type))


def addresses(one: Resource) -> tuple[str, ...]:
    """Several where one policy of CloudFormation is for several topics, queues or roles."""
    each = exceptions().substitutes.get(one.type, {}).get("each", "")
    count = len(one.properties.get(each, [])) or 1
    names = (one.id, *(f"{one.id}_{number}" for number in range(2, count + 1)))
    return tuple(f"{block_type(one.type)}.{name}" for name in names)


def read_by_ref(one: Resource) -> str:
    name = exceptions().ref.get(one.type)
    return f"{addresses(one)[0]}.{attribute(one.type, name) if name else 'id'}"


def read_by_att(one: Resource, name: str) -> str:
    if one.type in exceptions().cloud_control:
        return f"jsondecode({addresses(one)[0]}.properties).{name}"
    return f"{addresses(one)[0]}.{attribute(one.type, name)}"


def bodies(type: str, properties: dict[str, Any]) -> Iterator[dict[str, Any]]:  # noqa: A002
    """`properties`: pointers are expressions already; names are those of CloudFormation."""
    known = exceptions()
    if type in known.cloud_control:
        yield {"type_name": type, "desired_state": called("jsonencode", properties)}
    elif way := known.substitutes.get(type):
        rest = {key: value for key, value in properties.items() if key != way["each"]}
        for target in properties[way["each"]]:
            yield _shaped(way["type"], {way["one"]: target} | rest, ())
    else:
        yield _shaped(type, properties, ())


def _shaped(type: str, value: Any, place: tuple[str, ...]) -> Any:  # noqa: A002
    """Names as awscc spells them; free-form objects as JSON; the keys of maps as they are."""
    known, where = exceptions(), "/".join(place)
    if where in known.free_form.get(type, ()) and isinstance(value, dict | list | tuple):
        return called("jsonencode", value)
    if where in known.maps.get(type, ()):
        return value
    if isinstance(value, dict):
        return {snake(key): _shaped(type, inner, (*place, key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shaped(type, inner, (*place, "*")) for inner in value]
    return value

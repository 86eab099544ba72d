"""JSON as DynamoDB's attribute values, and back: pure.

boto3's own serializer takes no float; ours keeps every number that fits and says which value does not.
"""

from decimal import Decimal
from typing import Any

DEPTH_LIMIT = 31  # DynamoDB nests 32 levels, and the attribute itself is the first
DIGITS_LIMIT = 38
_LARGEST, _SMALLEST = 125, -130  # exponents of ten


class Unfit(ValueError):
    """A value that DynamoDB cannot hold as a map: too deep, too precise, or under an empty name."""


def to_attribute(value: Any, depth: int = 0) -> dict[str, Any]:
    """Of anything that came out of JSON. Raises Unfit."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | float):
        return {"N": _number(value)}
    if depth >= DEPTH_LIMIT:
        raise Unfit(f"nested deeper than {DEPTH_LIMIT} levels")
    if isinstance(value, dict):
        return {"M": to_attributes(value, depth + 1)}
    if isinstance(value, list | tuple):
        return {"L": [to_attribute(one, depth + 1) for one in value]}
    raise Unfit(f"{type(value).__name__} is not of JSON")


def to_attributes(values: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """As DynamoDB keeps them. Raises Unfit for what it cannot keep."""
    if "" in values:
        raise Unfit("an empty name")
    return {name: to_attribute(value, depth) for name, value in values.items()}


def _number(value: float) -> str:
    """`repr` is the shortest text that gives the same float again."""
    number = Decimal(repr(value))
    if not number.is_finite():
        raise Unfit(f"{value!r} is no number of JSON")
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    if (number and not _SMALLEST <= number.adjusted() <= _LARGEST) or len(digits) > DIGITS_LIMIT:
        raise Unfit("a number with more digits, larger or smaller than DynamoDB keeps")
    return str(number)


def from_attribute(attribute: dict[str, Any]) -> Any:
    """Raises Unfit for what JSON does not know (bytes) and what no attribute looks like."""
    if not isinstance(attribute, dict) or len(attribute) != 1:
        raise Unfit("this is no attribute value")
    ((kind, value),) = attribute.items()
    if kind == "M":
        return from_attributes(value)
    if kind == "L":
        return [from_attribute(one) for one in value]
    if kind == "NULL":
        return None
    if kind in {"S", "BOOL", "SS"}:
        return value
    if kind in {"N", "NS"}:
        return [_json_number(one) for one in value] if kind == "NS" else _json_number(value)
    raise Unfit(f"{kind} is not of JSON")


def from_attributes(item: dict[str, Any]) -> dict[str, Any]:
    return {name: from_attribute(attribute) for name, attribute in item.items()}


def _json_number(text: str) -> int | float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)

"""EventBridge's matching said again in the plainest way: no compiling, no sets, every combination tried.

It shares no code with the matcher; both are held against each other on random patterns and events.
"""

from collections.abc import Iterator
from decimal import Decimal
from ipaddress import ip_address, ip_network
from typing import Any

Field = tuple[str, Any, dict[int, int]]  # path, value, index in each array on the way
Rule = dict[str, list[Any]]


def reference_match(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    fields = list(_fields(event, (), {}, [0]))
    return any(_fits(sorted(rule), rule, fields, {}) for rule in reference_rules(pattern))


def reference_rules(pattern: dict[str, Any]) -> list[Rule]:
    return _rules(pattern, (), [{}])


def _rules(part: dict[str, Any], steps: tuple[str, ...], rules: list[Rule]) -> list[Rule]:
    for key, value in part.items():
        if key == "$or":
            rules = [
                rule
                for choice in value
                for rule in _rules(choice, steps, [dict(rule) for rule in rules])
            ]
        elif isinstance(value, dict):
            rules = _rules(value, (*steps, key), rules)
        else:
            rules = [{**rule, ".".join((*steps, key)): value} for rule in rules]
    return rules


def _fields(
    value: Any, steps: tuple[str, ...], places: dict[int, int], arrays: list[int]
) -> Iterator[Field]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _fields(below, (*steps, key), places, arrays)
    elif isinstance(value, list):
        array = arrays[0]
        arrays[0] += 1
        for index, element in enumerate(value):
            inside = isinstance(element, dict | list)
            below_places = {**places, array: index} if inside else places
            yield from _fields(element, steps, below_places, arrays)
    else:
        yield ".".join(steps), value, places


def _fits(paths: list[str], rule: Rule, fields: list[Field], so_far: dict[int, int]) -> bool:
    if not paths:
        return True
    path, rest = paths[0], paths[1:]
    agreeing = [
        (value, places)
        for name, value, places in fields
        if name == path and all(so_far.get(array, at) == at for array, at in places.items())
    ]
    if not agreeing and {"exists": False} in rule[path] and _fits(rest, rule, fields, so_far):
        return True
    return any(
        any(_test(matcher, value) for matcher in rule[path])
        and _fits(rest, rule, fields, {**so_far, **places})
        for value, places in agreeing
    )


def _test(matcher: Any, value: Any) -> bool:
    if not isinstance(matcher, dict):
        return _equal(matcher, value)
    [(name, operand)] = matcher.items()
    return bool(globals()[f"_{name.replace('-', '_')}"](operand, value))


def _kind(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value)
    return "number" if isinstance(value, int | float) else "text"


def _same(wanted: Any, value: Any) -> bool:
    if _kind(wanted) != _kind(value):
        return False
    if _kind(wanted) == "number":
        return Decimal(repr(wanted)) == Decimal(repr(value))
    return bool(wanted == value)


def _equal(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, str) and isinstance(value, str):
        try:
            return ip_address(wanted) == ip_address(value)
        except ValueError:
            return wanted == value
    return _same(wanted, value)


def _prefix(operand: Any, value: Any) -> bool:
    if isinstance(operand, dict):
        letters = operand["equals-ignore-case"].casefold()
        return _kind(value) == "text" and value.casefold()[: len(letters)] == letters
    return _kind(value) == "text" and value[: len(operand)] == operand


def _suffix(operand: Any, value: Any) -> bool:
    return _kind(value) == "text" and value[len(value) - len(operand) :] == operand


def _equals_ignore_case(operand: str, value: Any) -> bool:
    return _kind(value) == "text" and value.casefold() == operand.casefold()


def _wildcard(operand: str, value: Any) -> bool:
    return _kind(value) == "text" and _like(operand, value)


def _like(pattern: str, value: str) -> bool:
    """One row a letter of the pattern: at which ends of the value the pattern so far may stop."""
    ends = {0}
    for letter in pattern:
        if letter == "*":
            ends = set(range(min(ends), len(value) + 1)) if ends else ends
        else:
            ends = {end + 1 for end in ends if value[end : end + 1] == letter}
    return len(value) in ends


def _numeric(operand: list[Any], value: Any) -> bool:
    if _kind(value) != "number" or Decimal(repr(float(value))) != Decimal(repr(value)):
        return False  # a number that binary64 would change is not compared
    compare = {
        "=": lambda a, b: a == b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    number = Decimal(repr(value))
    pairs = zip(operand[::2], operand[1::2], strict=True)
    return all(compare[sign](number, Decimal(repr(bound))) for sign, bound in pairs)


def _cidr(operand: str, value: Any) -> bool:
    try:
        return _kind(value) == "text" and ip_address(value) in ip_network(operand, strict=False)
    except ValueError:
        return False


def _exists(operand: bool, value: Any) -> bool:
    return operand


def _exactly(operand: str, value: Any) -> bool:
    return _same(operand, value)


def _anything_but(operand: Any, value: Any) -> bool:
    if isinstance(operand, dict):
        [(name, texts)] = operand.items()
        listed = texts if isinstance(texts, list) else [texts]
        return not any(_test({name: text}, value) for text in listed)
    listed = operand if isinstance(operand, list) else [operand]
    return not any(_same(one, value) for one in listed)

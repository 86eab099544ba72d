"""Random patterns and events over few names and values, so that they meet often."""

from typing import Any

from hypothesis import strategies as st

from .reference import reference_rules

KEYS = ("a", "b", "c")
TEXTS = (
    "",
    "x",
    "y",
    "X",
    "xy",
    "yx",
    "x*y",
    "xxy",
    "1",
    "é",
    "É",
    "10.0.0.1",
    "10.0.0.200",
    "::1",
    "0:0::1",
)
NUMBERS = (0, 1, 1.0, -1, 2.5, 5, 1e3, 1000, 2**53, 2**53 + 1, 2**60, -7)
COMPARABLE = (0, 1, -1, 2.5, 5, 1000.0, 2**53)

texts = st.sampled_from(TEXTS)
numbers = st.sampled_from(NUMBERS)
scalars = st.one_of(texts, numbers, st.sampled_from((True, False, None)))
_pieces = st.sampled_from(("", "x", "y", "xy"))


def _wildcard(pieces: list[str]) -> str:
    """No two stars side by side: an empty piece may only stand at an end."""
    inner = [piece or "x" for piece in pieces[1:-1]]
    return "*".join([pieces[0], *inner, pieces[-1]])


def _range(values: tuple[Any, Any, bool, bool]) -> list[Any]:
    low, high, open_low, open_high = values
    return [">" if open_low else ">=", min(low, high), "<" if open_high else "<=", max(low, high)]


_bounds = st.sampled_from(COMPARABLE)
_wildcards = st.lists(_pieces, min_size=2, max_size=4).map(_wildcard)
_filled = st.sampled_from(("x", "y", "xy"))
_numeric = st.one_of(
    st.tuples(st.sampled_from(("=", "<", "<=", ">", ">=")), _bounds).map(list),
    st.tuples(_bounds, _bounds, st.booleans(), st.booleans())
    .filter(lambda values: values[0] != values[1])
    .map(_range),
)
_but = st.one_of(
    texts,
    _bounds,
    st.lists(texts, min_size=1, max_size=3),
    st.lists(_bounds, min_size=1, max_size=3),
    st.builds(
        lambda name, value: {name: value},
        st.sampled_from(("prefix", "suffix", "equals-ignore-case", "wildcard")),
        st.one_of(_filled, st.lists(_filled, min_size=1, max_size=2)),
    ),
)


def _operator(name: str, operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return operand.map(lambda value: {name: value})


matchers = st.one_of(
    scalars,
    scalars,
    _operator("exists", st.booleans()),
    _operator("prefix", texts),
    _operator("prefix", st.fixed_dictionaries({"equals-ignore-case": texts})),
    _operator("suffix", texts),
    _operator("equals-ignore-case", texts),
    _operator("wildcard", _wildcards),
    _operator("numeric", _numeric),
    _operator("anything-but", _but),
    _operator("cidr", st.sampled_from(("10.0.0.0/24", "10.0.0.7/25", "::/64", "0.0.0.0/0"))),
    _operator("exactly", texts),
)
_leaf = st.lists(matchers, min_size=1, max_size=3)


def _object(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.sampled_from(KEYS), children, min_size=1, max_size=3)


def _with_choice(objects: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    choice = st.lists(objects, min_size=2, max_size=3)
    return st.builds(lambda value, alternatives: {**value, "$or": alternatives}, objects, choice)


_flat = _object(_leaf)
_deep = _object(st.one_of(_leaf, _leaf, _flat))
_nested_choice = _with_choice(st.one_of(_flat, _deep, st.builds(lambda part: {"b": part}, _flat)))
patterns = st.one_of(
    _flat,
    _deep,
    _deep,
    _nested_choice,
    st.builds(lambda part, rest: {**rest, "a": part}, _nested_choice, _deep),
    st.builds(lambda rest, one, two: {**rest, "$or": [one, two]}, _deep, _nested_choice, _flat),
)

events = st.dictionaries(
    st.sampled_from((*KEYS, "a.b", "b.c")),
    st.recursive(
        scalars,
        lambda below: st.one_of(
            st.lists(below, max_size=3),
            st.dictionaries(st.sampled_from(KEYS), below, max_size=3),
        ),
        max_leaves=12,
    ),
    max_size=4,
)


def _fitting(draw: st.DrawFn, matcher: Any) -> Any:
    """A value that probably passes the matcher."""
    if not isinstance(matcher, dict):
        return matcher
    [(name, operand)] = matcher.items()
    if isinstance(operand, dict):
        [operand] = operand.values()
    if name == "numeric":
        return draw(st.sampled_from((operand[1], operand[-1], operand[1] + 1, operand[1] - 1)))
    if name in ("exists", "anything-but", "cidr"):
        return draw(scalars)
    text = str(operand).replace("*", draw(st.sampled_from(("", "x", "y"))))
    return (
        text
        if name == "exactly"
        else draw(st.sampled_from((text, text + "x", "x" + text, text.upper())))
    )


def _put(draw: st.DrawFn, event: Any, steps: list[str], value: Any) -> None:
    """Into the object or, where a list was made of it, into one of its elements."""
    while isinstance(event, list):
        event = draw(st.sampled_from(event))
    if not isinstance(event, dict):
        return  # a plain value of a shorter path is in the way
    if len(steps) == 1 or not isinstance(event.get(steps[0], {}), dict | list):
        event[steps[0]] = draw(st.sampled_from((value, [value], [value, "x"])))
        return
    if steps[0] not in event:
        event[steps[0]] = draw(st.sampled_from(("object", "list", "lists")))
        event[steps[0]] = {"object": {}, "list": [{}, {}], "lists": [[{}], {}]}[event[steps[0]]]
    _put(draw, event[steps[0]], steps[1:], value)


@st.composite
def meetings(draw: st.DrawFn) -> tuple[Any, Any]:
    """A pattern, and an event made to come near it."""
    pattern = draw(patterns)
    rule = draw(st.sampled_from(reference_rules(pattern)))
    event: dict[str, Any] = {}
    for path, tests in rule.items():
        matcher = draw(st.sampled_from(tests))
        if matcher != {"exists": False} or draw(st.booleans()):
            _put(draw, event, path.split("."), _fitting(draw, matcher))
    return pattern, event

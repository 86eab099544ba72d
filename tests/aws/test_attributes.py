"""JSON ↔ DynamoDB's attribute values: nothing is changed on the way, and what does not fit says so."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.aws.attributes import DEPTH_LIMIT, Unfit, from_attributes, to_attributes

# A whole float beyond 2**53 comes back as the integer of the same digits, which is not the same float.
numbers = st.integers(-(10**37), 10**37) | st.floats(-(2.0**53), 2.0**53).filter(
    lambda n: n == 0 or abs(n) > 1e-120
)
leaves = st.none() | st.booleans() | st.text(max_size=20) | numbers
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(min_size=1, max_size=8), values, max_size=5))
def test_what_goes_in_comes_out(data):
    assert data == from_attributes(to_attributes(data))


def test_each_kind_has_its_own_letter():
    given_ = {"s": "", "n": -1.50, "t": True, "z": None, "l": ["a", 1], "m": {"k": {}}}

    assert {
        "s": {"S": ""},
        "n": {"N": "-1.5"},
        "t": {"BOOL": True},
        "z": {"NULL": True},
        "l": {"L": [{"S": "a"}, {"N": "1"}]},
        "m": {"M": {"k": {"M": {}}}},
    } == to_attributes(given_)


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"a": value}
    return value


def test_as_deep_as_dynamodb_nests_and_no_deeper():
    to_attributes({"data": nested(DEPTH_LIMIT)})
    with pytest.raises(Unfit, match="deeper"):
        to_attributes({"data": nested(DEPTH_LIMIT + 1)})


@pytest.mark.parametrize(
    "value", [10**38 + 1, 1e126, 1e-131, math.inf, math.nan, {"": 1}, [{"a": {"": 1}}], object()]
)
def test_what_it_cannot_keep_is_said(value):
    with pytest.raises(Unfit):
        to_attributes({"data": value})


def test_the_largest_that_fit_are_kept():
    to_attributes({"data": [10**37 * 9, 10**125, 9.9e125, 1e-130, 0, -0.0]})


@pytest.mark.parametrize("attribute", [{"B": b"x"}, {}, {"S": "a", "N": "1"}, "x", {"M": {"a": 1}}])
def test_what_is_no_json_does_not_come_back(attribute):
    with pytest.raises(Unfit):
        from_attributes({"data": attribute})


def test_sets_of_others_come_back_as_lists():
    assert {"a": ["x"], "b": [1, 2.5]} == from_attributes(
        {"a": {"SS": ["x"]}, "b": {"NS": ["1", "2.5"]}}
    )

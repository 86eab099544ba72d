"""Texts made to be slow: everything takes time in proportion to their length, whoever wrote them."""

import contextlib
import time

import pytest

from bongsu.kit.errors import Invalid
from bongsu.watch.conditions import ConditionResult, compile_condition
from bongsu.watch.conditions.condition import Compat

COMPATS: tuple[Compat, ...] = (None, "gatus")
BIG = 1 << 18


@pytest.mark.parametrize(
    "body",
    [
        b"1" * BIG,
        b"1" * (BIG // 2) + b"." + b"1" * (BIG // 2) + b"x",
        b"1s" * (BIG // 2),
        b"1_" * (BIG // 2),
        b" " * BIG,
        b"a" * BIG,
        b"ab" * (BIG // 2),
        b"\xff" * BIG,
        "한".encode() * (BIG // 3),
        b'"' + b"\\ud800" * (BIG // 6) + b'"',
        b"[" * BIG,
        b"[" + b"[]," * (BIG // 3) + b"1]",
        b'{"a":[' + b"1," * (BIG // 2) + b"1]}",
        b'{"a":' + b"9" * BIG + b"}",
        b"pat(" + b"*a" * (BIG // 2) + b")",
        b"any(" + b"a," * (BIG // 2) + b")",
    ],
    ids=lambda body: f"{body[:12]!r}",
)
def test_hostile_bodies_take_no_more_than_their_length(body: bytes) -> None:
    """Anything worse than linear would take minutes for 256 KiB."""
    result = ConditionResult(body=body)
    texts_ = [
        "[BODY] > 5",
        "[BODY] == 5",
        "[BODY].a > 5",
        "[BODY].a == x",
        "len([BODY]) > 1",
        "[BODY] == pat(*a*b*c*d*)",
    ]
    ours = [
        *texts_,
        '[BODY] == re("(a+)+(b|ab)*c$")',
        "[BODY] == pat(*?[^a]?c*)",
        "[BODY] == any(a, b)",
        "age([BODY]) < 1h",
    ]
    conditions_ = [
        *map(compile_condition, ours),
        *(compile_condition(text, "gatus") for text in texts_),
    ]

    start = time.process_time()
    for condition in conditions_:
        condition.evaluate(result)

    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "text",
    [
        "[BODY] == " + " " * 1990,
        " " * 1000 + "and" + " " * 900,
        "(" * 2000,
        "[BODY]" + "[0]" * 600 + " == 1",
        "[BODY]" + ".a" * 900 + " == 1",
        "[BODY] == pat(" + "*a" * 900 + ")",
        "[BODY] == pat(" + ")" * 1900,
        "[BODY] == any(" + "a," * 900 + "a)",
        "[BODY] == any(" + ")" * 1900,
        "[BODY] == " + '"' * 1980,
        "[STATUS] == 1" + " or [STATUS] == 1" * 110,
        "a = " * 480,
        "[BODY] == re(" + "(a*)*" * 180 + ")",
        "[STATUS]" * 240,
    ],
    ids=lambda text: text[:24],
)
def test_hostile_conditions_are_read_or_refused_at_once(text: str) -> None:
    start = time.process_time()
    for compat in COMPATS:
        with contextlib.suppress(Invalid):
            compile_condition(text, compat).evaluate(ConditionResult(body=b"a" * 10_000))

    assert time.process_time() - start < 5

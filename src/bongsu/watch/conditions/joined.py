"""Bongsu's language: comparisons put together with `and` and `or`."""

from collections.abc import Iterator

from bongsu.watch.conditions.compare import compile_comparison
from bongsu.watch.conditions.grammar import Comparison, Expression
from bongsu.watch.conditions.read_condition import read_condition
from bongsu.watch.conditions.result import ConditionResult
from bongsu.watch.conditions.verdicts import Compiled, Now, Test

_Leaf = tuple[Comparison, Compiled]


def compile_bongsu(text: str) -> Compiled:
    """Raises Invalid."""
    expression = read_condition(text)
    if isinstance(expression, Comparison) and not text.lstrip().startswith("("):
        return compile_comparison(expression)
    leaves = [(comparison, compile_comparison(comparison)) for comparison in _leaves(expression)]
    tests = iter([compiled.test for _, compiled in leaves])
    test = _test(expression, tests)
    needs = frozenset[str]().union(*(compiled.needs for _, compiled in leaves))
    return Compiled(test, lambda result, now: _show(text, leaves, result, now), needs)


def _leaves(expression: Expression) -> Iterator[Comparison]:
    """From left to right, as they stand in the text."""
    if isinstance(expression, Comparison):
        yield expression
        return
    for part in expression.parts:
        yield from _leaves(part)


def _test(expression: Expression, tests: Iterator[Test]) -> Test:
    if isinstance(expression, Comparison):
        return next(tests)
    parts = [_test(part, tests) for part in expression.parts]
    if expression.every:
        return lambda result, now: all(part(result, now) for part in parts)
    return lambda result, now: any(part(result, now) for part in parts)


def _show(text: str, leaves: list[_Leaf], result: ConditionResult, now: Now) -> str:
    """The text with the values seen in every comparison that is false."""
    pieces, position = [], 0
    for comparison, compiled in leaves:
        pieces.append(text[position : comparison.start])
        true = compiled.test(result, now)
        written = text[comparison.start : comparison.end]
        pieces.append(written if true else compiled.show(result, now))
        position = comparison.end
    return "".join([*pieces, text[position:]]).strip()

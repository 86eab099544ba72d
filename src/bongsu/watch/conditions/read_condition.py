"""Reads a whole condition: comparisons joined by `and` and `or`; `and` binds more closely.

either     := both {"or" both}
both       := one {"and" one}
one        := "(" either ")" | comparison
comparison := operand operator operand
"""

import re
from collections.abc import Callable

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.watch.conditions.advice import (
    forgotten_brackets,
    leftover,
    no_condition,
    no_operator,
)
from bongsu.watch.conditions.grammar import (
    Choice,
    Comparison,
    Expression,
    Joined,
    Literal,
    Match,
    Operand,
)
from bongsu.watch.conditions.read_operand import OPERATOR, read_operand
from bongsu.watch.conditions.source import Source

LIMIT_CHARS = 2000
_DEEPEST = 20
_OPERATOR = re.compile(OPERATOR)
_WORD = re.compile(r"(and|or)(?=[\s(]|$)")


def read_condition(text: str) -> Expression:
    """Raises Invalid."""
    source = Source(text)
    if len(text) > LIMIT_CHARS:
        raise source.fail(
            LIMIT_CHARS,
            say("The condition is longer than {limit} characters.", limit=LIMIT_CHARS),
            say("Divide it into several conditions."),
        )
    expression = _either(source)
    source.skip_space()
    if source.here:
        raise leftover(source)
    return expression


def _either(source: Source) -> Expression:
    return _joined(source, "or", _both)


def _both(source: Source) -> Expression:
    return _joined(source, "and", _one)


def _joined(source: Source, word: str, read: Callable[[Source], Expression]) -> Expression:
    parts = [read(source)]
    while _next_word(source) == word:
        source.position += len(word)
        parts.append(read(source))
    return parts[0] if len(parts) == 1 else Joined(word == "and", tuple(parts))


def _next_word(source: Source) -> str | None:
    source.skip_space()
    word = source.match(_WORD)
    return word[1] if word else None


def _one(source: Source) -> Expression:
    source.skip_space()
    if source.here != "(":
        return _comparison(source)
    start = source.position
    source.position += 1
    source.depth += 1
    if source.depth > _DEEPEST:
        raise source.fail(
            start,
            say("There are more than {limit} parentheses inside each other.", limit=_DEEPEST),
            say("Divide it into several conditions."),
        )
    inner = _either(source)
    source.skip_space()
    if source.here != ")":
        raise leftover(source) if source.here else _not_closed(source, start)
    source.position += 1
    source.depth -= 1
    return inner


def _not_closed(source: Source, start: int) -> Invalid:
    return source.fail(
        start,
        say("The parenthesis is not closed."),
        say("Write ) after the last condition in it; put a text that begins with ( in quotes."),
    )


def _comparison(source: Source) -> Comparison:
    start = source.position
    if source.match(_WORD):
        raise no_condition(source)
    left = read_operand(source)
    end = source.position
    source.skip_space()
    sign = source.match(_OPERATOR)
    glued = end == source.position and not isinstance(left, Literal)
    if sign is None or glued or not left.text:
        raise no_operator(source, start, left)
    source.position = sign.end()
    source.skip_space()
    right_start = source.position
    right = read_operand(source)
    if not right.text:
        raise source.fail(
            right_start,
            say("No value follows {sign}.", sign=sign[0]),
            say("Write {fixed} for an empty text.", fixed=f'{left.text} {sign[0]} ""'),
        )
    return _checked(source, start, left, sign[0], right)


def _checked(source: Source, start: int, left: Operand, sign: str, right: Operand) -> Comparison:
    for side in (left, right):
        if isinstance(side, Match | Choice) and sign not in ("==", "!="):
            raise source.fail(
                start,
                say("{operand} cannot be compared with {sign}.", operand=side.text, sign=sign),
                say("Use == or != with pat(), any() and re()."),
            )
    if isinstance(left, Literal) and isinstance(right, Literal):
        forgotten_brackets(source, start, left, sign, right)
    end = start + len(source.since(start).rstrip())
    if not isinstance(left, Match | Choice):
        return Comparison(start, end, left, sign, right)
    if not isinstance(right, Match | Choice):
        return Comparison(start, end, right, sign, left, flipped=True)
    raise source.fail(
        start,
        say("Both sides are patterns."),
        say("Write for example {example}.", example="[STATUS] == any(200, 204)"),
    )

"""Regular expressions on text from outside: RE2 only, whose time grows with the text and no faster.

The module is imported at the first expression, so that those without one do not pay for it.
"""

from collections.abc import Callable
from typing import Any

PATTERN_LIMIT_CHARS = 1000
PROGRAM_LIMIT_STEPS = 512
_MEMORY_BYTES = 1 << 20  # for one expression's automaton; beyond it RE2 goes on step by step
# Measured: 1.6 ns for a step and a byte at the worst. So a search ends within a quarter of a second.
_WORK = 1 << 27
_TEXT_LIMIT_BYTES = 1 << 20

Search = Callable[[str], bool]


class BadRegex(ValueError):
    """`reason` is RE2's own words."""


class TooCostly(ValueError):
    """The expression has more steps than PROGRAM_LIMIT_STEPS or more characters than allowed."""


def compile_search(pattern: str) -> Search:
    """Finds `pattern` anywhere in a text; `^` and `$` are its ends. Raises BadRegex, TooCostly."""
    if len(pattern) > PATTERN_LIMIT_CHARS:
        raise TooCostly(str(len(pattern)))
    compiled, steps = _compile(pattern)
    limit_bytes = min(_TEXT_LIMIT_BYTES, _WORK // steps)
    find = compiled.search

    def search(text: str) -> bool:
        return find(text.encode("utf-8", "replace")[:limit_bytes]) is not None

    return search


def compile_whole(pattern: str) -> Search:
    """Matches a whole text; for globs, whose shape keeps RE2 fast. Raises TooCostly."""
    find = _compile(pattern)[0].fullmatch

    def match(text: str) -> bool:
        return find(text.encode("utf-8", "replace")) is not None

    return match


def _compile(pattern: str) -> tuple[Any, int]:
    import re2  # house: import only who writes a pattern pays for it

    options = re2.Options()
    options.max_mem, options.log_errors, options.never_capture = _MEMORY_BYTES, False, True
    try:
        compiled = re2.compile(pattern.encode(), options)
    except re2.error as error:
        raise _reason(error) from None
    steps = max(compiled.programsize, compiled.reverseprogramsize)
    if steps > PROGRAM_LIMIT_STEPS:
        raise TooCostly(str(steps))
    return compiled, steps


def _reason(error: Exception) -> ValueError:
    words = error.args[0] if error.args else ""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return TooCostly(text) if "too large" in text else BadRegex(text)

"""JSON text to values for patterns and events: whole numbers stay exact, a key given twice is
remembered.
"""

import json
from typing import Any, NoReturn

from bongsu.events.pattern.values import INTEGER_DIGITS_LIMIT, Digits, number_of
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import Said, say


class Twice(dict[str, Any]):
    """An object in which a key is given more than once; `pairs` has all of them in order."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def repeated(self) -> list[str]:
        keys = [key for key, _ in self.pairs]
        return [key for key in self if keys.count(key) > 1]


def parse_json(text: str | bytes, where: str = "json") -> Any:
    """Raises Invalid with the line and column; `where` names the document in the message."""
    try:
        plain = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(
            plain,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=number_of,
            parse_constant=_not_json,
        )
    except UnicodeDecodeError as error:
        raise _invalid(where, say("This is not UTF-8 text (byte {n}).", n=error.start)) from error
    except _NotAValueError as error:
        raise _invalid(where, say("{name} is not a JSON value.", name=str(error))) from error
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        what = say("This stops being JSON at line {line}, column {column}.", **place)
        raise _invalid(where, what) from error
    except RecursionError as error:
        raise _invalid(where, say("This JSON is nested too deeply.")) from error


class _NotAValueError(Exception):
    """`NaN` and `Infinity`, which Python would read."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Twice(pairs)


def _integer(text: str) -> int | Digits:
    return int(text) if len(text) <= INTEGER_DIGITS_LIMIT else Digits(text)


def _not_json(name: str) -> NoReturn:
    raise _NotAValueError(name)


def _invalid(where: str, what: Said) -> Invalid:
    return Invalid(say("The text cannot be read as JSON."), (Problem(where, what),))

"""What pydantic found, in our words. Apart from HTTP, so that files and roles need no web framework for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bongsu.kit.errors import Problem
from bongsu.kit.i18n import Said, say

DEPTH_LIMIT = 50  # of what people send: nothing that is meant lies deeper
TOO_DEEP = say("This is nested too deeply.")
_SAYINGS = {
    "missing": say("This is missing."),
    "extra_forbidden": say("There is no such field here."),
    "string_type": say("This must be text."),
    "string_unicode": say("This holds half of a character."),
    "tuple_type": say("This must be a list."),
    "string_too_short": say("This is too short."),
    "string_too_long": say("This is too long."),
    "string_pattern_mismatch": say("This does not have the right form."),
    "int_type": say("This must be a whole number."),
    "int_parsing": say("This must be a whole number."),
    "float_parsing": say("This must be a number."),
    "bool_parsing": say("This must be true or false."),
    "bool_type": say("This must be true or false."),
    "list_type": say("This must be a list."),
    "dict_type": say("This must be an object."),
    "model_type": say("This must be an object."),
    "model_attributes_type": say("This must be an object."),
    "json_invalid": say("This is not valid JSON."),
    "greater_than_equal": say("This is too small."),
    "greater_than": say("This is too small."),
    "less_than_equal": say("This is too large."),
    "less_than": say("This is too large."),
    "too_long": say("This has too many entries."),
    "too_short": say("This has too few entries."),
    "literal_error": say("This is none of the values that are known here."),
    "enum": say("This is none of the values that are known here."),
}
_PLACES = frozenset({"body", "query", "path", "header", "cookie"})


def problems_of(errors: Sequence[Any]) -> tuple[Problem, ...]:
    """What pydantic found, in our words; the value itself is never repeated, it may be a password."""
    return tuple(Problem(_where(error), _what(error)) for error in errors)


def _where(error: Mapping[str, Any]) -> str:
    place = [str(part) for part in error.get("loc", ())]
    inner = place[1:] if place and place[0] in _PLACES else place
    return ".".join(inner) or "body"


def _what(error: Mapping[str, Any]) -> Said:
    """A validator of ours raises ValueError with a `say(…)`; those of others speak English only."""
    kind = str(error.get("type", ""))
    if kind == "value_error":
        raised = error.get("ctx", {}).get("error")
        told = raised.args[0] if isinstance(raised, ValueError) and raised.args else ""
        return told if isinstance(told, Said) else say("{reason}", reason=str(told))
    return _SAYINGS.get(kind) or say("This is not right ({kind}).", kind=kind)

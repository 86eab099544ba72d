"""What operators ask of their operands, and how they say that it is not so."""

from typing import Any

from bongsu.events.pattern.values import Digits
from bongsu.kit.i18n import Said, say

SHOWN_LIMIT = 80


class Wrong(Exception):
    """What is wrong with one match value, and what to write instead."""

    def __init__(self, what: Said, todo: Said | None = None) -> None:
        super().__init__(str(what))
        self.what = what
        self.todo = todo


def only(expression: dict[str, Any]) -> tuple[str, Any]:
    """The one key and its operand. Raises Wrong where there are more, or none."""
    if len(expression) != 1:
        raise Wrong(
            say("A match expression has exactly one key; this one has {n}.", n=len(expression)),
            say("Write each test as an object of its own in the list."),
        )
    return next(iter(expression.items()))


def text_of(operand: Any, name: str) -> str:
    """`name`: of the operator. Raises Wrong for what is no text."""
    if not isinstance(operand, str):
        raise Wrong(
            say("{name} takes text, not {given}.", name=name, given=kind_of(operand)),
            say(
                'Write {{"{name}": "…"}}; for several texts write several such objects in the list.',
                name=name,
            ),
        )
    return operand


def kind_of(value: Any) -> Said:
    if isinstance(value, bool) or value is None:
        return say("true, false or null")
    if isinstance(value, int | float | Digits):
        return say("a number")
    if isinstance(value, str):
        return say("text")
    return say("a list") if isinstance(value, list) else say("an object")

"""What is wrong with a condition, at which column, and what to write instead."""

from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import head

_SHOWN_CHARS = 200  # of a condition inside a message


def fault(condition: str, position: int, what: Said, todo: Said) -> Invalid:
    """`position` counts from 0; people count columns from 1."""
    column, shown = position + 1, head(condition, _SHOWN_CHARS)
    problem = Problem(
        where=shown,
        what=say("Column {column}: {what}", column=column, what=what),
        todo=todo,
    )
    said = say(
        "The condition “{condition}” is wrong at column {column}: {what} {todo}",
        condition=shown,
        column=column,
        what=what,
        todo=todo,
    )
    return Invalid(said, (problem,))


def not_gatus(condition: str) -> Invalid:
    """Gatus's own words for a condition without an operator."""
    problem = Problem(
        where=condition,
        what=say("No operator with a space on each side was found."),
        todo=say("Write {fixed}.", fixed="[STATUS] == 200"),
    )
    return Invalid(say("invalid condition: {condition}", condition=condition), (problem,))

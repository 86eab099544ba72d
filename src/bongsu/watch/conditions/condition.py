"""A condition, compiled once and asked often."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.watch.conditions.faults import fault
from bongsu.watch.conditions.gatus import compile_gatus
from bongsu.watch.conditions.joined import compile_bongsu
from bongsu.watch.conditions.result import ConditionResult
from bongsu.watch.conditions.verdicts import Compiled
from bongsu.watch.model import Outcome

Compat = Literal["gatus", "bongsu"] | None


@dataclass(frozen=True, slots=True)
class Condition:
    """`needs` names the inputs that cost a probe something: body, certificate, domain, headers."""

    text: str
    compat: Compat
    needs: frozenset[str]
    _compiled: Compiled = field(repr=False, compare=False)
    _true: Outcome = field(repr=False, compare=False)

    def evaluate(self, result: ConditionResult, now: datetime | None = None) -> Outcome:
        """Never raises. `now` is for age(): without it no age is known.

        A true condition shows itself as written, a false one the values seen.
        """
        try:
            if self._compiled.test(result, now):
                return self._true
            return Outcome(self.text, False, self._compiled.show(result, now))
        except RecursionError:  # JSON that could just be read, but not be written any more
            return Outcome(self.text, False, f"{self.text} (INVALID)")


def compile_condition(text: str, compat: Compat = None) -> Condition:
    """`compat="gatus"` judges and prints as Gatus does; otherwise Bongsu's superset.

    Raises Invalid; its one problem names the column and what to write instead.
    """
    if compat not in (None, "bongsu", "gatus"):
        raise Invalid(
            say(
                "There is no language {compat} for conditions. Write gatus or bongsu.",
                compat=compat,
            )
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise fault(
            text.encode("utf-8", "replace").decode(),
            error.start,
            say("Half a character stands here."),
            say("Write the condition in UTF-8."),
        ) from None
    compiled = compile_gatus(text) if compat == "gatus" else compile_bongsu(text)
    return Condition(text, compat, compiled.needs, compiled, Outcome(text, True, text))


def needs(conditions: Iterable[Condition]) -> frozenset[str]:
    """What a probe must fetch for all of them."""
    return frozenset().union(*(condition.needs for condition in conditions))

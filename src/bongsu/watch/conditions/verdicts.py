"""What a condition becomes when compiled: a test, and the words for a failure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bongsu.watch.conditions.result import ConditionResult

Now = datetime | None
Test = Callable[[ConditionResult, Now], bool]
Show = Callable[[ConditionResult, Now], str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """`show` gives the condition with the values seen; it is only asked when `test` was false."""

    test: Test
    show: Show
    needs: frozenset[str]

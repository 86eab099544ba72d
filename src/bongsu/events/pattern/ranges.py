"""Which of many numeric ranges hold a number: a centred interval tree, built once and asked often."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Interval = tuple[float, float, Any]  # both bounds belong to it


@dataclass(frozen=True, slots=True)
class _Node:
    centre: float
    by_low: tuple[Interval, ...]  # those around the centre, lowest first
    by_high: tuple[Interval, ...]  # the same, highest first
    below: "_Node | None"
    above: "_Node | None"


class Intervals:
    def __init__(self, intervals: Sequence[Interval]) -> None:
        self._root = _built(list(intervals))

    def around(self, number: float) -> Iterator[Any]:
        """What was given with each interval that holds the number."""
        node = self._root
        while node is not None:
            if number < node.centre:
                for low, _, kept in node.by_low:
                    if low > number:
                        break
                    yield kept
                node = node.below
            else:
                for _, high, kept in node.by_high:
                    if high < number:
                        break
                    yield kept
                node = node.above if number > node.centre else None


def _built(intervals: list[Interval]) -> _Node | None:
    if not intervals:
        return None
    bounds = sorted(_finite(interval) for interval in intervals)
    centre = bounds[len(bounds) // 2]
    around = [i for i in intervals if i[0] <= centre <= i[1]]
    return _Node(
        centre,
        tuple(sorted(around, key=lambda interval: interval[0])),
        tuple(sorted(around, key=lambda interval: -interval[1])),
        _built([i for i in intervals if i[1] < centre]),
        _built([i for i in intervals if i[0] > centre]),
    )


def _finite(interval: Interval) -> float:
    """A bound of the interval that is a number one can stand on."""
    low, high, _ = interval
    return low if low != float("-inf") else high

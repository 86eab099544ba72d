"""How punctual the watch role is: counters that cost nothing to keep."""

from collections import Counter
from dataclasses import dataclass, field

_BUCKETS = 2501  # one a millisecond; the last holds everything later


@dataclass(slots=True)
class Figures:
    """Since the start of the engine."""

    started: int = 0
    asked: int = 0
    own: int = 0
    failed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    most_late_us: int = 0
    _late: list[int] = field(default_factory=lambda: [0] * _BUCKETS)

    def start(self, late_us: int) -> None:
        self.started += 1
        self.most_late_us = max(self.most_late_us, late_us)
        self._late[min(max(late_us, 0) // 1000, _BUCKETS - 1)] += 1

    def late_ms(self, share: float) -> int:
        """The lateness that this share of all starts did not exceed, in whole milliseconds, rounded up."""
        wanted, passed = share * self.started, 0
        for milliseconds, count in enumerate(self._late):
            passed += count
            if count and passed >= wanted:
                return milliseconds + 1
        return 0

    def forget(self) -> None:
        """Begins anew; what a bench does when the load stands."""
        self.started = self.asked = self.own = self.failed = self.most_late_us = 0
        self.skipped.clear()
        self._late = [0] * _BUCKETS

"""What the spool and the outbox say of the parts behind them, until the pulse tells it.

A lake or an object store that is only starting is no trouble; one that stays away is.
"""

from collections.abc import Callable
from typing import Any, Literal

from bongsu.kit.clock import Clock
from bongsu.lake.trouble import Trouble

PATIENCE_S = 20.0
# What the spool says of itself → the trouble it is. The rest passes by itself and loses nothing.
_TROUBLES = {
    "disk_full": "disk_full",
    "dropped": "results_dropped",
    "refused": "results_refused",
}


class Absences:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._away_at_s: dict[str, float] = {}
        self._said: list[tuple[str, dict[str, Any]]] = []

    def spool_says(self, trouble: Trouble) -> None:
        if trouble.kind in {"away", "back"}:
            self._is_away("lake_away", away=trouble.kind == "away")
        elif kind := _TROUBLES.get(trouble.kind):
            self._said.append((kind, {"lost_bytes": trouble.lost_bytes, "why": trouble.why}))

    def outbox_says(self, kind: Literal["away", "back"], _why: str) -> None:
        self._is_away("objects_away", away=kind == "away")

    def _is_away(self, kind: str, *, away: bool) -> None:
        if away:
            self._away_at_s[kind] = self._clock.monotonic_s()
        else:
            self._away_at_s.pop(kind, None)

    def pulse(self, tell: Callable[..., None]) -> None:
        """Called every few seconds; `tell(kind, **details)` takes each sign."""
        said, self._said = self._said, []
        for kind, details in said:
            tell(kind, **details)
        now_s = self._clock.monotonic_s()
        for kind, at_s in self._away_at_s.items():
            if now_s - at_s > PATIENCE_S:
                tell(kind)

"""Our own troubles: each becomes one event, however many signs of it there are. Pure but for what it remembers.

A trouble begins with its first sign and is over when none came for CALM_S. Its event is handed out as soon as
the state takes writes again, so a locked database is told afterwards, with how long it lasted until then.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bongsu.events.envelope import Draft
from bongsu.kit.clock import iso
from bongsu.kit.i18n import Said, say

CALM_S = 60.0

# Severity 4 opens an incident for the administrators; 3 is noted: it is over when it is seen.
TROUBLES: dict[str, tuple[int, Said]] = {
    "state_busy": (4, say("The database did not take writes. What was seen meanwhile is kept.")),
    "disk_full": (4, say("A disk is full. Free some space; what was seen meanwhile is kept.")),
    "clock_jump": (3, say("The clock of this machine jumped. Looks under way were not counted.")),
    "stalled": (3, say("This machine stood still. Looks under way were not counted.")),
    "resolver_away": (
        4,
        say("Our own name resolution does not answer. No target is blamed for it."),
    ),
    "lake_away": (4, say("History is away. States and alarms go on; results wait on disk.")),
    "objects_away": (4, say("The object store is away. Evidence waits on disk.")),
    "record_failed": (4, say("A change of state could not be recorded and was set aside.")),
    "probe_failed": (4, say("A check kind failed in itself. Its checks cannot be judged.")),
    "results_refused": (4, say("The lake cannot read a result. It is kept aside for a person.")),
    "results_dropped": (4, say("The disk space for waiting results is used up; the oldest went.")),
}


@dataclass(slots=True)
class Episode:
    """One trouble from its first sign to its last."""

    kind: str
    began: datetime
    began_s: float  # on the monotonic clock, as is the next
    last_s: float
    signs: int = 1
    details: dict[str, Any] = field(default_factory=dict)
    told: bool = False


class Troubles:
    def __init__(self, location: str) -> None:
        self._location = location
        self._episodes: dict[str, Episode] = {}

    def sign(self, kind: str, now: datetime, monotonic_s: float, /, **details: Any) -> bool:
        """Notes one sign; True when it is the first of its trouble. The first details are kept."""
        current = self._episodes.get(kind)
        if current is not None and monotonic_s - current.last_s < CALM_S:
            current.last_s = monotonic_s
            current.signs += 1
            return False
        fresh = Episode(kind, now, monotonic_s, monotonic_s, details=details)
        self._episodes[kind] = fresh
        return True

    def untold(self) -> list[Episode]:
        """What the next transaction has to say."""
        return [episode for episode in self._episodes.values() if not episode.told]

    def current(self, kind: str, monotonic_s: float) -> bool:
        episode = self._episodes.get(kind)
        return episode is not None and monotonic_s - episode.last_s < CALM_S

    def draft(self, episode: Episode) -> Draft:
        severity, reason = TROUBLES[episode.kind]
        data = {
            "object": f"location/{self._location}",
            "reason": reason.stored(),
            "began": iso(episode.began),
            "lasted_s": round(episode.last_s - episode.began_s, 3),
            "signs": episode.signs,
            **episode.details,
        }
        return Draft(
            type=f"own.{episode.kind}",
            source="bongsu.watch",
            subject=f"location/{self._location}",
            severity=severity,
            actor=f"location/{self._location}",
            dedup_key=f"own/{episode.kind}/{self._location}",
            data=data,
            site=self._location,
        )

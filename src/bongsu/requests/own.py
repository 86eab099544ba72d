"""What goes wrong with the log of requests itself: one event a kind and hour, however often it happens."""

from collections.abc import Iterable
from dataclasses import dataclass

from bongsu.events.envelope import Draft
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said, say
from bongsu.lake.trouble import Trouble
from bongsu.requests.triggers import SOURCE

CALM_S = 3600.0
_TROUBLES: dict[str, tuple[str, Said]] = {
    "dropped": (
        "own.requests_dropped",
        say("The disk space for waiting requests is used up; the oldest went."),
    ),
    "refused": (
        "own.requests_refused",
        say("The lake cannot read a request. It is kept aside for a person."),
    ),
    "disk_full": (
        "own.requests_disk_full",
        say("The disk takes no requests. Free some space; they wait in memory."),
    ),
}


@dataclass(slots=True)
class _Episode:
    at_s: float
    lost_bytes: int
    why: str
    told: bool = False


class OwnTroubles:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._episodes: dict[str, _Episode] = {}

    def note(self, trouble: Trouble) -> None:
        now_s, kind = self._clock.monotonic_s(), trouble.kind
        if kind not in _TROUBLES:
            return  # it passes by itself and loses nothing
        known = self._episodes.get(kind)
        if known is not None and now_s - known.at_s < CALM_S:
            known.lost_bytes += trouble.lost_bytes
            return
        self._episodes[kind] = _Episode(now_s, trouble.lost_bytes, trouble.why)

    def untold(self) -> list[Draft]:
        return [_draft(kind, one) for kind, one in self._episodes.items() if not one.told]

    def told(self, drafts: Iterable[Draft]) -> None:
        said = {draft.type for draft in drafts}
        for kind, one in self._episodes.items():
            one.told = one.told or _TROUBLES[kind][0] in said


def _draft(kind: str, one: _Episode) -> Draft:
    name, reason = _TROUBLES[kind]
    data = {"object": "request/log", "reason": reason.stored(), "lost_bytes": one.lost_bytes}
    return Draft(
        type=name,
        source=SOURCE,
        subject="request/log",
        severity=4,
        dedup_key=name.replace(".", "/"),
        data=data | {"why": one.why},
    )

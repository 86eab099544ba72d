"""Who was told what about a thing, as its page shows it: pure. Newest change first, told before not told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bongsu.deliver.store import DEAD, DELIVERED, WITHDRAWN
from bongsu.events.envelope import Event
from bongsu.kit.i18n import Said, say
from bongsu.tell.event_message import headline
from bongsu.tell.news import read
from bongsu.tell.store import Telling
from bongsu.tell.wording import lead

_NOBODY = 0  # nobody in particular reads the page
STANDINGS = {
    DELIVERED: say("accepted"),
    DEAD: say("not delivered"),
    WITHDRAWN: say("withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Line:
    person: str
    told: bool
    reason: Said
    at: datetime
    until: datetime | None  # when it is still to be told
    delivery_id: int | None
    standing: Said | None  # of the delivery


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    what: Said | None
    lines: tuple[Line, ...]

    @property
    def told(self) -> int:
        return sum(line.told for line in self.lines)


def told_view(
    tellings: Sequence[Telling], events: Mapping[str, Event], names: Mapping[int, str]
) -> list[Change]:
    """One entry a change; what belongs to no event in the log stands by its occasion."""
    groups: dict[str, list[Telling]] = {}
    for one in tellings:
        groups.setdefault(one.event_id or one.told.occasion, []).append(one)
    made = [
        Change(
            at=events[key].time if key in events else group[0].told.at,
            what=_what(events[key], names) if key in events else None,
            lines=tuple(sorted(map(_line, group), key=lambda line: (not line.told, line.person))),
        )
        for key, group in groups.items()
    ]
    return sorted(made, key=lambda one: one.at, reverse=True)


def _what(event: Event, names: Mapping[int, str]) -> Said:
    news = read(event)
    return headline(event) if news is None else lead(news, _NOBODY, names)


def _line(one: Telling) -> Line:
    state = one.delivery_state or ""
    on_its_way = say("on its way") if one.delivery_id and one.told.told else None
    return Line(
        person=one.person,
        told=one.told.told,
        reason=one.told.reason,
        at=one.finished_at or one.told.at,
        until=one.told.until,
        delivery_id=one.delivery_id,
        standing=STANDINGS.get(state, on_its_way),
    )

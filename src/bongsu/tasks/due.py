"""When a task is late and when its people are reminded: pure arithmetic of days in somebody's time zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MORNING = time(9, 0)  # when a day without an hour is spoken of


@dataclass(frozen=True, slots=True)
class Due:
    """A day, perhaps an hour of it, in the zone of whoever said it."""

    day: str  # 2026-11-30
    hour: str | None  # 14:00
    zone: str

    def _moment(self, at: time, days: int = 0) -> datetime:
        """An hour that a change of clocks leaves out is the one after it (zoneinfo's fold 0)."""
        return datetime.combine(
            date.fromisoformat(self.day) + timedelta(days=days), at, zone_of(self.zone)
        ).astimezone(ZoneInfo("UTC"))

    @property
    def at(self) -> datetime:
        """The moment from which the task is late: the hour, or the end of the day."""
        if self.hour is None:
            return self._moment(time(0, 0), days=1)
        return self._moment(time.fromisoformat(self.hour))

    @property
    def text(self) -> str:
        """As `parse_due` reads it for the same moment in any zone: an hour has its offset."""
        if self.hour is None:
            return self.day
        return self.at.astimezone(zone_of(self.zone)).isoformat(timespec="minutes")

    def reminders(self) -> tuple[tuple[str, datetime], ...]:
        """`soon` a day before, `due` at the hour; a day without one is spoken of in the morning."""
        hour = MORNING if self.hour is None else time.fromisoformat(self.hour)
        return (("soon", self._moment(hour, days=-1)), ("due", self._moment(hour)))

    def next_after(self, now: datetime) -> tuple[str, datetime] | None:
        """The first reminder that is still to come."""
        return next(((kind, at) for kind, at in self.reminders() if at > now), None)

    def reached(self, now: datetime) -> str | None:
        """The latest reminder whose moment has come: after a stop of the server only that one is said."""
        passed = [kind for kind, at in self.reminders() if at <= now]
        return passed[-1] if passed else None


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def parse_due(text: str, zone: str) -> Due:
    """`2026-11-30` or `2026-11-30 14:00` (a `T` between them is fine) as said in `zone`; an hour with its
    offset from UTC (`2026-11-30T14:00+09:00`, `…Z`) is that moment wherever it is read. Raises ValueError."""
    day, _, hour = text.strip().replace("T", " ").partition(" ")
    on = date.fromisoformat(day)
    if not 1970 < on.year < 9000:
        raise ValueError(text)
    if not hour.strip():
        return Due(on.isoformat(), None, zone)
    at = time.fromisoformat(hour.replace(" ", "")).replace(second=0, microsecond=0)
    if at.tzinfo is None:
        return Due(on.isoformat(), at.strftime("%H:%M"), zone)
    return _of_moment(datetime.combine(on, at), zone)


def _of_moment(moment: datetime, zone: str) -> Due:
    """In `zone`, but for the second of an hour that comes twice there: only UTC tells that one."""
    here = moment.astimezone(zone_of(zone))
    due = Due(here.date().isoformat(), here.strftime("%H:%M"), zone)
    return due if due.at == moment else _of_moment(moment, "UTC")


def placed(text: str, zone: str) -> str:
    """An hour that was said in `zone`, with its offset; a day alone is the same day everywhere."""
    return parse_due(text, zone).text

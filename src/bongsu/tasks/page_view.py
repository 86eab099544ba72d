"""How pages show tasks: days in the reader's words, people to choose from, the choices of a form. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from bongsu.kit.i18n import Said, say, say_n
from bongsu.tasks.due import zone_of
from bongsu.tasks.model import PRIORITIES, Column, Named, Project, Task
from bongsu.web import format as words

_WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "ko": ("월", "화", "수", "목", "금", "토", "일"),
}
_NEAR = {0: say("today"), 1: say("tomorrow"), -1: say("yesterday")}
WEEK = 7


@dataclass(frozen=True, slots=True)
class DueView:
    """`text` as a card shows it, `late` when it is over."""

    text: Said
    late: bool


def due_view(task: Task, now: datetime, zone: tzinfo, language: str) -> DueView | None:
    """An hour is shown in the reader's zone; a day without one is the same day for everybody."""
    if task.due_on is None or task.due_at is None:
        return None
    timed = task.due_time is not None
    at = task.due_at.astimezone(zone)
    day = at.date() if timed else date.fromisoformat(task.due_on)
    today = now.astimezone(zone if timed else zone_of(task.due_zone or "UTC")).date()
    days = (day - today).days
    name: Said | str = _NEAR.get(days) or day_name(day, today, language)
    text = (
        say("{day} {time}", day=name, time=at.strftime("%H:%M"))
        if timed
        else say("{day}", day=name)
    )
    if not task.is_late(now):
        return DueView(text, late=False)
    if days >= 0:
        return DueView(say("{day}, late", day=text), late=True)
    late = say_n("{day}, {n} day late", "{day}, {n} days late", -days, day=text)
    return DueView(late, late=True)


def day_name(day: date, today: date, language: str) -> str:
    """`Tue 24 Nov` within a week of today, `24 Nov` beyond, with its year when that is another one."""
    plain = words.day(_noon(day), _noon(today), UTC, language)
    if day.year != today.year or abs((day - today).days) > WEEK:
        return plain
    weekday = _WEEKDAYS[language][day.weekday()]
    return f"{plain} ({weekday})" if language == "ko" else f"{weekday} {plain}"


def _noon(day: date) -> datetime:
    """A moment of that day, for what speaks of moments."""
    return datetime.combine(day, time(12), UTC)


def next_columns(project: Project, task: Task) -> list[Column]:
    """Where a task may go, the next one first."""
    at = next((n for n, one in enumerate(project.columns) if one.id == task.column_id), 0)
    return [*project.columns[at + 1 :], *project.columns[:at]]


def priorities(language: str) -> list[tuple[str, str]]:
    return [(str(number), said.to(language)) for number, said in PRIORITIES.items()]


def people_first(people: Sequence[Named], chosen: Sequence[int], me: int) -> list[Named]:
    """Who is chosen stands first, then oneself, then the rest by name."""
    rank = {one: place for place, one in enumerate((*chosen, me))}
    return sorted(people, key=lambda one: (rank.get(one.id, len(rank)), one.name))


def with_named(people: Sequence[Named], named: Sequence[Named]) -> list[Named]:
    """With those whom a task names though they may see it no longer: a form without them would take them out."""
    known = {one.id for one in people}
    return [*people, *{one.id: one for one in named if one.id not in known}.values()]

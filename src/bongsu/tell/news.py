"""One event, or a run of edits, as news about a thing that people work on: pure, tolerant of what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bongsu.events.envelope import Event

# What people hear of; any other event of a task (an import, a reorder) is no news.
TASK_NEWS = frozenset(
    f"task.{what}"
    for what in (
        "created", "deleted", "restored", "status_changed", "assigned", "updated", "commented",
        "comment_edited", "comment_deleted", "attached", "detached", "due",
    )
)  # fmt: skip
MENTION_NEWS = frozenset({"incident.commented", "incident.comment_edited"})
TEXTS = frozenset({"title", "description", "checklist"})  # what is typed, and saved again and again
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What the news is about, as it was after the change."""

    subject: str  # task/42
    name: str  # TSK-42
    title: str
    path: str  # of its page
    project: str = ""  # project/1
    project_key: str = ""
    project_title: str = ""
    creator: int | None = None
    assignees: tuple[int, ...] = ()
    watchers: tuple[int, ...] = ()
    column: str = ""
    priority: int | None = None
    due: str | None = None
    due_zone: str = ""  # in which its hour was said

    @property
    def heading(self) -> str:
        return f"[{self.name}] {self.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    event_id: str
    type: str
    at: datetime
    thing: Thing
    by: int | None  # the person who did it
    actor: str  # and how they are called
    severity: int = 1
    before: Json = field(default_factory=dict)
    after: Json = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    note_id: int | None = None
    text: str = ""  # of a comment
    mentions: frozenset[int] = frozenset()
    files: tuple[str, ...] = ()
    reminder: str = ""  # soon | due
    due_zones: tuple[str, str] = ("", "")  # of the hours in `before` and `after`

    @property
    def run(self) -> str:
        """Names the text that was edited, where edits of the same one are put together; empty otherwise."""
        if self.type == "task.comment_edited":
            return f"note/{self.note_id}"
        only_texts = bool(self.changed) and TEXTS.issuperset(self.changed)
        return "text" if self.type == "task.updated" and only_texts else ""

    @property
    def is_empty(self) -> bool:
        """Whether a run of edits ended where it began."""
        return not self.changed

    def seen_in(self, zone: tzinfo) -> "News":
        """With each hour of a due date as the clocks of `zone` show it."""
        sides = []
        for values, said_in in zip((self.before, self.after), self.due_zones, strict=True):
            due = values.get("due")
            sides.append({**values, "due": _hour_in(due, said_in, zone)} if due else values)
        due = self.thing.due and _hour_in(self.thing.due, self.thing.due_zone, zone)
        thing = replace(self.thing, due=due)
        return replace(self, thing=thing, before=sides[0], after=sides[1])

    def people(self, name: str) -> tuple[frozenset[int], frozenset[int]]:
        """Ids in a field of people before and after; the same where it did not change."""
        if name not in self.changed:
            now = frozenset(getattr(self.thing, name))
            return now, now
        return _ids(self.before.get(name)), _ids(self.after.get(name))


def _hour_in(due: Any, said_in: str, zone: tzinfo) -> Any:
    """`2026-11-30 14:00` elsewhere; what has no hour, or nobody knows where, stays as it is."""
    try:
        at = datetime.strptime(str(due), "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(said_in))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return due
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def read(event: Event) -> News | None:
    """None for what is no news to anybody."""
    if event.type in TASK_NEWS:
        thing = _task(event)
    elif event.type in MENTION_NEWS:
        thing = _incident(event)
    else:
        return None
    return None if thing is None else _news(event, thing)


def _news(event: Event, thing: Thing) -> News:
    data = event.data
    note = _mapping(data.get("note"))
    mentions = note.get("mentions") or data.get("mentions")  # of a comment, of a description
    return News(
        event_id=event.id,
        type=event.type,
        at=event.time,
        thing=thing,
        by=_number(data.get("by")),
        actor=str(data.get("actor_name") or data.get("actor") or event.actor),
        severity=event.severity,
        before=_mapping(data.get("before")),
        after=_mapping(data.get("after")),
        changed=tuple(map(str, data.get("changed") or ())),
        note_id=_number(note.get("id")),
        text=str(note.get("text") or ""),
        mentions=_ids(mentions),
        files=_files(data, note),
        reminder=str(data.get("reminder") or ""),
        due_zones=_zones(data.get("due_zone")),
    )


def _zones(value: Any) -> tuple[str, str]:
    said = _mapping(value)
    return str(said.get("before") or ""), str(said.get("after") or "")


def _task(event: Event) -> Thing | None:
    task = _mapping(event.data.get("task"))
    if not task.get("key"):
        return None
    project_id = _number(task.get("project_id"))
    return Thing(
        subject=event.subject,
        name=str(task["key"]),
        title=str(task.get("title") or ""),
        path=f"/tasks/{task['key']}",
        project=f"project/{project_id}" if project_id is not None else "",
        project_key=str(task.get("project") or ""),
        project_title=str(task.get("project_title") or task.get("project") or ""),
        creator=_number(task.get("creator")),
        assignees=_ordered(task.get("assignees")),
        watchers=_ordered(task.get("watchers")),
        column=str(task.get("column") or ""),
        priority=_number(task.get("priority")),
        due=str(task["due"]) if task.get("due") else None,
        due_zone=str(task.get("due_zone") or ""),
    )


def _incident(event: Event) -> Thing:
    number = event.subject.partition("/")[2]
    return Thing(
        subject=event.subject,
        name=str(event.data.get("name") or f"INC-{number}"),
        title=_title(event.data.get("title")),
        path=f"/incidents/{number}",
    )


def _title(value: Any) -> str:
    """Titles of incidents are texts, or sentences as they are stored."""
    return str(value.get("text") or "") if isinstance(value, Mapping) else str(value or "")


def _files(data: Json, note: Json) -> tuple[str, ...]:
    found = data.get("files") or note.get("files") or ()
    names = [one.get("name") if isinstance(one, Mapping) else one for one in found]
    return tuple(str(name) for name in names if name)


def _mapping(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _ordered(value: Any) -> tuple[int, ...]:
    """Ids of people: numbers, or `{"id", "name"}`."""
    items: Iterable[Any] = value if isinstance(value, list | tuple) else ()
    numbers = (_number(one.get("id") if isinstance(one, Mapping) else one) for one in items)
    return tuple(dict.fromkeys(one for one in numbers if one is not None))


def _ids(value: Any) -> frozenset[int]:
    return frozenset(_ordered(value))


def merged(run: Sequence[News]) -> News:
    """Edits of one text as one: before the first, after the last. What is as it was before has not changed."""
    first, last = run[0], run[-1]
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for one in run:
        before = {name: one.before.get(name) for name in one.changed} | before
        after |= {name: one.after.get(name) for name in one.changed}
    changed = tuple(name for name in after if after[name] != before[name])
    return replace(
        last,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        changed=changed,
        mentions=frozenset().union(*(one.mentions for one in run)),
        severity=max(first.severity, last.severity),
    )

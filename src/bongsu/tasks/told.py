"""What the log says of tasks and projects, for people: who did what, each change from before to after. Pure.

The words of tasks are those of their mails (tell/wording.py); those of projects are here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from bongsu.deliver.diff import Line, is_long, lines
from bongsu.events.envelope import Event
from bongsu.kit.i18n import Said, say, say_n
from bongsu.kit.text import head
from bongsu.tasks.model import EVERYONE, ROLE_TITLES
from bongsu.tell import news, wording

QUOTE_LIMIT = 280
FEED_TYPES = (*sorted(news.TASK_NEWS - {"task.due"}), "project.created", "project.updated",
              "project.member_changed", "project.imported")  # fmt: skip
_ICONS = {
    "created": "i-plus",
    "deleted": "i-trash",
    "restored": "i-undo",
    "status_changed": "i-fwd",
    "assigned": "i-hand",
    "commented": "i-note",
    "comment_edited": "i-note",
    "comment_deleted": "i-note",
    "attached": "i-clip",
    "detached": "i-clip",
    "due": "i-clock",
    "imported": "i-download",
    "incident_changed": "i-link",
    "member_changed": "i-people",
}
_INCIDENT = {
    "open": say("{incident} is open."),
    "acknowledged": say("Somebody has {incident}."),
    "resolved": say("{incident} is over."),
}
_FIELDS = {
    "title": say("Title"),
    "description": say("Description"),
    "everyone": say("What everyone may do"),
    "columns": say("Columns"),
    "labels": say("Labels"),
    "archived": say("Archived"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One field. `lines` instead of values where the two are read better one above the other."""

    name: str
    before: str
    after: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    seq: int
    at: datetime
    icon: str
    who: str
    what: Said
    rows: tuple[Row, ...]
    quote: str  # of a comment
    subject: str
    key: str  # of the task, or of the project
    title: str
    href: str
    project: str  # its title

    @property
    def of_task(self) -> bool:
        return self.subject.startswith("task/")


def told(event: Event, me: int, language: str, zone: tzinfo = UTC) -> Told:
    """`me`: of whom it is said as “you”; hours are those of `zone`."""
    return (
        _of_project(event, language)
        if event.type.startswith("project.")
        else _of_task(event, me, language, zone)
    )


def _of_task(event: Event, me: int, language: str, zone: tzinfo) -> Told:
    found = news.read(event)
    read = found.seen_in(zone) if found else None
    task = event.data.get("task") or {}
    names = _names(event)
    said = _quiet(event)
    rows: Iterable[tuple[str, str, str]] = ()
    if read is not None:
        said, rows = wording.lead(read, me, names), wording.rows(read, language)
    key = str(task.get("key") or event.subject)
    return Told(
        seq=event.seq,
        at=event.time,
        icon=_icon(event),
        who=_name(event),
        what=said,
        rows=tuple(_row(*row) for row in rows if not _said_already(event, row, language)),
        quote=head(read.text.strip(), QUOTE_LIMIT) if read else "",
        subject=event.subject,
        key=key,
        title=str(task.get("title") or ""),
        href=f"/tasks/{key}",
        project=str(task.get("project_title") or ""),
    )


def _quiet(event: Event) -> Said:
    """Of what nobody is mailed about: a file taken in, a place in the column, a turn of the incident."""
    after = event.data.get("after") or {}
    if event.type == "task.incident_changed":
        incident, _, state = str(after.get("incident") or "").rpartition(" ")
        return Said(_INCIDENT.get(state, _INCIDENT["open"]).text, {"incident": incident})
    if event.type == "task.reordered":
        column = wording.column_word(str((event.data.get("task") or {}).get("column") or ""))
        return say("{who} moved it up or down in {column}.", who=_who(event), column=column)
    return say("{who} took it in from a file.", who=_who(event))


def _said_already(event: Event, row: tuple[str, str, str], language: str) -> bool:
    """The sentence of a move, or of an assignment, says it whole."""
    said = {"task.status_changed": "column", "task.assigned": "assignees"}.get(event.type, "")
    return bool(said) and row[0] == wording.FIELDS[said].to(language)


def _of_project(event: Event, language: str) -> Told:
    project = event.data.get("project") or {}
    key = str(project.get("key") or event.subject)
    rows = _project_rows(event, language) if event.type == "project.updated" else ()
    return Told(
        seq=event.seq,
        at=event.time,
        icon=_icon(event),
        who=_name(event),
        what=_project_said(event),
        rows=tuple(rows),
        quote="",
        subject=event.subject,
        key=key,
        title=str(project.get("title") or ""),
        href=f"/projects/{key}",
        project=str(project.get("title") or ""),
    )


def _project_said(event: Event) -> Said:
    before, after = event.data.get("before") or {}, event.data.get("after") or {}
    who = _who(event)
    if event.type == "project.created":
        return say("{who} made the project.", who=who)
    if event.type == "project.imported":
        return say_n(
            "{who} took in {n} task from a file.",
            "{who} took in {n} tasks from a file.",
            int(after.get("tasks") or 0),
            who=who,
        )
    if event.type == "project.member_changed":
        return _member_said(who, before, after)
    if before.get("archived") != after.get("archived"):
        archived = say("{who} archived the project.", who=who)
        return (
            archived if after.get("archived") else say("{who} brought the project back.", who=who)
        )
    return say("{who} changed the project.", who=who)


def _member_said(who: Said, before: Mapping[str, Any], after: Mapping[str, Any]) -> Said:
    person, was, now = after.get("person", ""), before.get("role"), after.get("role")
    if now is None:
        return say("{who} took {person} out of the project.", who=who, person=person)
    role = ROLE_TITLES.get(str(now), now)
    if was is None:
        return say("{who} added {person}: “{role}”.", who=who, person=person, role=role)
    values = {"person": person, "before": ROLE_TITLES.get(str(was), was), "after": role}
    return say("{who} changed what {person} may do: “{before}” → “{after}”.", who=who, **values)


def _project_rows(event: Event, language: str) -> Iterable[Row]:
    before, after = event.data.get("before") or {}, event.data.get("after") or {}
    for name, label in _FIELDS.items():
        was, now = before.get(name), after.get(name)
        if was != now and name != "archived":
            yield _row(label.to(language), _value(was, language), _value(now, language))


def _value(value: Any, language: str) -> str:
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    if value in EVERYONE:
        return ROLE_TITLES[str(value)].to(language)
    return str(value or "") or say("none").to(language)


def _row(name: str, before: str, after: str) -> Row:
    if is_long(before, after):
        return Row(name, before, after, lines(before, after))
    return Row(name, before, after)


def _icon(event: Event) -> str:
    return _ICONS.get(event.type.partition(".")[2], "i-edit")


def _name(event: Event) -> str:
    """Empty where no person did it."""
    by = event.data.get("by")
    return str(event.data.get("actor_name") or event.data.get("actor") or "") if by else ""


def _who(event: Event) -> Said:
    name = _name(event)
    return say("{colleague}", colleague=name) if name else say("Bongsu itself")


def _names(event: Event) -> dict[int, str]:
    """Everybody whom the event names."""
    found: dict[int, str] = {}
    for side in ("before", "after"):
        values = event.data.get(side) or {}
        for field in ("assignees", "watchers"):
            found |= {one["id"]: str(one["name"]) for one in values.get(field) or ()}
    by = event.data.get("by")
    return found | ({int(by): _name(event)} if by else {})

"""Projects, tasks, and who may do what in a project: frozen values, pure decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bongsu.accounts.model import Actor
from bongsu.kit.clock import iso
from bongsu.kit.i18n import Said, say
from bongsu.tell import wording

STATUS_WORDS = wording.STATUSES  # in the order in which work goes
STATUSES = tuple(STATUS_WORDS)
PRIORITIES = wording.PRIORITIES
NORMAL = 2
ROLES = ("viewer", "member", "manager")  # of a project: each may what the one before may
EVERYONE = ("none", "viewer", "member")
ROLE_TITLES = {
    "none": say("Nothing"),
    "viewer": say("See"),
    "member": say("Work on tasks"),
    "manager": say("Manage the project"),
}
LINK_WORDS = {
    "blocks": say("blocks"),
    "duplicates": say("duplicates"),
    "relates": say("belongs with"),
    "from": say("comes from"),
}
GAP = 1024.0  # between two cards of a column, so that many fit in between
TIGHT = 1e-6  # closer than this the column is numbered anew


@dataclass(frozen=True, slots=True)
class Named:
    """A person as tasks show one."""

    id: int
    name: str

    def shown(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name}


@dataclass(frozen=True, slots=True)
class Column:
    id: int
    project_id: int
    name: str
    status: str
    position: int


@dataclass(frozen=True, slots=True)
class Label:
    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    id: int
    key: str
    title: str
    description: str
    everyone: str
    archived_at: datetime | None
    columns: tuple[Column, ...] = ()
    labels: tuple[Label, ...] = ()

    def column(self, column_id: int) -> Column | None:
        return next((one for one in self.columns if one.id == column_id), None)

    def first(self, status: str) -> Column | None:
        """The column that a task gets into when only its status is said."""
        return next((one for one in self.columns if one.status == status), None)

    def shown(self) -> dict[str, Any]:
        names = ("key", "title", "description", "everyone")
        return {name: getattr(self, name) for name in names} | {
            "columns": [one.name for one in self.columns],
            "archived": self.archived_at is not None,
        }


@dataclass(frozen=True, slots=True)
class Link:
    """`state` and `severity` are those of an incident as of its last event."""

    id: int
    kind: str
    target: str
    title: str
    state: str | None
    severity: int | None
    closes: bool

    @property
    def href(self) -> str:
        family, _, number = self.target.partition("/")
        places = {"incident": "/incidents/", "check": "/checks/", "task": "/tasks/by-id/"}
        return f"{places[family]}{number}" if family in places else ""

    @property
    def name(self) -> str:
        family, _, number = self.target.partition("/")
        return f"INC-{number}" if family == "incident" else self.title

    def shown(self) -> dict[str, Any]:
        return {"kind": self.kind, "target": self.target, "title": self.title}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task, everything about it but its notes."""

    id: int
    project_id: int
    project: str  # the key
    project_title: str
    number: int
    title: str
    description: str
    column_id: int
    column: str
    status: str
    position: float
    priority: int
    creator: Named | None
    due_on: str | None
    due_time: str | None
    due_zone: str | None
    due_at: datetime | None
    checklist: tuple[tuple[str, bool], ...]
    comments: int
    attachments: int
    version: int
    moved_version: int
    text_version: int
    changed_by: str | None
    created_at: datetime
    updated_at: datetime
    done_at: datetime | None
    deleted_at: datetime | None
    assignees: tuple[Named, ...] = ()
    watchers: tuple[Named, ...] = ()
    labels: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.project}-{self.number}"

    @property
    def subject(self) -> str:
        return f"task/{self.id}"

    @property
    def href(self) -> str:
        return f"/tasks/{self.key}"

    @property
    def due(self) -> str | None:
        return f"{self.due_on} {self.due_time}" if self.due_time else self.due_on

    @property
    def hour_zone(self) -> str | None:
        """The zone in which the hour of `due` was said; a day alone is the same day everywhere."""
        return self.due_zone if self.due_time else None

    @property
    def checked(self) -> tuple[int, int]:
        """How many points of the checklist are done, and how many there are."""
        return sum(done for _, done in self.checklist), len(self.checklist)

    @property
    def incident(self) -> Link | None:
        """The incident that it came from, or else the first that it is linked to."""
        found = [link for link in self.links if link.target.startswith("incident/")]
        return next((one for one in found if one.kind == "from"), found[0] if found else None)

    @property
    def people(self) -> tuple[int, ...]:
        """Everybody concerned, each once."""
        named = (self.creator, *self.assignees, *self.watchers)
        return tuple(dict.fromkeys(one.id for one in named if one is not None))

    def is_late(self, now: datetime) -> bool:
        return self.status != "done" and self.due_at is not None and self.due_at < now

    def fields(self) -> dict[str, Any]:
        """What a save may change, as events, mails and the history show it."""
        return {
            "title": self.title,
            "description": self.description,
            "status": self.status,
            "column": self.column,
            "assignees": [one.shown() for one in self.assignees],
            "watchers": [one.shown() for one in self.watchers],
            "priority": self.priority,
            "labels": list(self.labels),
            "due": self.due,
            "checklist": [{"text": text, "done": done} for text, done in self.checklist],
            "links": [link.shown() for link in self.links],
            "project": self.project,
        }

    def facts(self) -> dict[str, Any]:
        """The `task` of every event: enough to find, name and sort it without a look-up."""
        incident = self.incident
        return {
            "id": self.id,
            "key": self.key,
            "title": self.title,
            "project": self.project,
            "project_id": self.project_id,
            "project_title": self.project_title,
            "status": self.status,
            "column": self.column,
            "priority": self.priority,
            "creator": self.creator.id if self.creator else None,
            "assignees": [one.id for one in self.assignees],
            "watchers": [one.id for one in self.watchers],
            "due": self.due,
            "due_zone": self.hour_zone,
            "incident": int(incident.target.partition("/")[2]) if incident else None,
        }

    def shown(self, public_url: str = "") -> dict[str, Any]:
        """The task in the API."""
        times = {"created_at": self.created_at, "updated_at": self.updated_at}
        return (
            {"id": self.id, "key": self.key, "number": self.number}
            | self.fields()
            | {
                "column_id": self.column_id,
                "due_zone": self.hour_zone,
                "creator": self.creator.shown() if self.creator else None,
                "links": [
                    link.shown() | {"id": link.id, "state": link.state, "closes": link.closes}
                    for link in self.links
                ],
                "comments": self.comments,
                "attachments": self.attachments,
                "version": self.version,
                "done_at": iso(self.done_at) if self.done_at else None,
                "deleted": self.deleted_at is not None,
                "url": f"{public_url}{self.href}",
            }
            | {name: iso(at) for name, at in times.items()}
        )


def project_role(actor: Actor, everyone: str, own: str | None) -> str | None:
    """What an actor is in a project: `own` is the role that a member was given, `everyone` what all others
    have. An administrator manages every project; None is a stranger."""
    if actor.kind == "system" or actor.role == "admin":
        return "manager"
    given = [role for role in (own, everyone) if role in ROLES]
    return max(given, key=ROLES.index, default=None)


def reaches(role: str | None, least: str) -> bool:
    return role is not None and ROLES.index(role) >= ROLES.index(least)


def between(above: float | None, below: float | None) -> float:
    """A place for a card between two others, either of which may not be there."""
    if above is None and below is None:
        return 0.0
    if above is None:
        return float(below or 0.0) - GAP
    if below is None:
        return above + GAP
    return (above + below) / 2


def too_tight(above: float | None, below: float | None) -> bool:
    return above is not None and below is not None and below - above < TIGHT


def progress(tasks: Sequence[Task]) -> Said:
    done = sum(task.status == "done" for task in tasks)
    return say("{done} of {all} done", done=done, all=len(tasks))

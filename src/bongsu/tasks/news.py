"""What the log hears of tasks and projects."""

from collections.abc import Mapping
from typing import Any

from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.events.envelope import Draft, Event
from bongsu.events.log import record
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import say
from bongsu.tasks.changes import Change
from bongsu.tasks.model import Project, Task

SOURCE = "bongsu.tasks"
TEXT_LIMIT = 16_000  # of a description in an event: two of them must fit
SEVERITIES = {1: 1, 2: 1, 3: 2, 4: 3}


def tell_log(
    tx: Tx,
    actor: Actor,
    task: Task,
    change: Change,
    clock: Clock,
    *,
    cause: Event | None = None,
    more: Mapping[str, Any] | None = None,
) -> str:
    """`task.<what>` with before → after; the event's id."""
    incident = task.incident
    data = {
        "object": task.subject,
        "title": say("{key} {title}", key=task.key, title=task.title).stored(),
        "task": task.facts(),
        "before": _cut(change.before),
        "after": _cut(change.after),
        "changed": change.changed,
        "by": actor.id or None,
        "actor": actor.email or actor.name,
        "actor_name": actor.name,
    }
    if any(change.due_zones):
        data["due_zone"] = dict(zip(("before", "after"), change.due_zones, strict=True))
    draft = Draft(
        type=f"task.{change.what}",
        source=SOURCE,
        subject=task.subject,
        resources=(f"project/{task.project_id}", *((incident.target,) if incident else ())),
        data=data | dict(more or {}),
        severity=SEVERITIES[task.priority],
        actor=actor.ref,
    )
    return record(tx, draft.caused_by(cause) if cause else draft, clock)


def _cut(values: Mapping[str, Any]) -> dict[str, Any]:
    """A very long text is said to be cut rather than making the event too large."""
    return {
        name: f"{value[:TEXT_LIMIT]} […]"
        if isinstance(value, str) and len(value) > TEXT_LIMIT
        else value
        for name, value in values.items()
    }


def tell_of_project(
    tx: Tx,
    actor: Actor,
    project: Project,
    what: str,
    clock: Clock,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    was, now = dict(before or {}), dict(after or {})
    changed = [name for name in now if was.get(name) != now[name]] if before and after else []
    data = {
        "object": f"project/{project.id}",
        "project": {"id": project.id, "key": project.key, "title": project.title},
        "before": was or None,
        "after": now or None,
        "changed": changed,
        "by": actor.id or None,
        "actor": actor.email or actor.name,
        "actor_name": actor.name,
    }
    draft = Draft(
        type=f"project.{what}",
        source=SOURCE,
        subject=f"project/{project.id}",
        data=data,
        actor=actor.ref,
    )
    record(tx, draft, clock)

"""Use cases of one task: make, change, move, delete, take back. One transaction each, the caller's;
authorisation inside; one save is one event."""

from typing import Any

from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.events.envelope import Event
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, NotFound
from bongsu.kit.i18n import say
from bongsu.tasks import changes, store, store_projects
from bongsu.tasks.access import Entry, enter, no_task, split_key, task_by_id, task_by_key
from bongsu.tasks.inputs import Move, NewTask, TaskChange
from bongsu.tasks.links import put_links
from bongsu.tasks.mentions import newly_mentioned
from bongsu.tasks.model import GAP, Column, Task, between, too_tight
from bongsu.tasks.news import tell_log
from bongsu.tasks.tables import task_assignee, task_label, task_watcher
from bongsu.tasks.values import applied, due_values, first_values, into, remind_values
from bongsu.tasks.wording import column_named, column_of, ensure_labels, readers

WRITE = "task.write"
_TEXTS = ("title", "description", "checklist")


async def get(tx: Tx, actor: Actor, key: str) -> tuple[Task, Entry]:
    """Raises NotAllowed, and NotFound also for a task of a project that is not the actor's to see."""
    return await task_by_key(tx, actor, key, "viewer", "task.read")


async def get_by_id(tx: Tx, actor: Actor, task_id: int) -> tuple[Task, Entry]:
    return await task_by_id(tx, actor, task_id, "viewer", "task.read")


async def create(
    tx: Tx, actor: Actor, form: NewTask, clock: Clock, *, cause: Event | None = None
) -> Task:
    """Raises NotAllowed, NotFound for the project, Invalid for people, columns or links that are not there."""
    entry = await enter(tx, actor, form.project, "member", WRITE)
    project, now = entry.project, clock.now()
    column = column_of(project, form.column, form.status) or project.columns[0]
    await readers(tx, project, "assignees", form.assignees)
    await readers(tx, project, "watchers", form.watchers)
    labels = await ensure_labels(tx, project, form.labels)
    number = await store_projects.take_numbers(tx, project.id, 1)
    place = between(await store.last_position(tx, column.id), None)
    values = first_values(form, project.id, number, column, place, actor, now)
    task_id = await store.insert(tx, values)
    for table, ids in (
        (task_assignee, form.assignees),
        (task_watcher, form.watchers),
        (task_label, labels),
    ):
        await store.hang_on(tx, table, [(task_id, one) for one in dict.fromkeys(ids)])
    await put_links(tx, actor, task_id, form.links, now)
    made = await _again(tx, task_id)
    said = changes.created(made)
    mentions = await newly_mentioned(tx, made)
    made = await _again(tx, task_id) if mentions else made
    tell_log(tx, actor, made, said, clock, cause=cause, more=_mentioning(mentions))
    return made


async def change(tx: Tx, actor: Actor, key: str, form: TaskChange, clock: Clock) -> Task:
    """What the form says, all or nothing. A save that changes nothing leaves no trace.

    Raises NotAllowed, NotFound, Invalid; Conflict when `version` is older than the last change of the same
    things: of the texts for a text, of the column for a move. Other fields do not stand in each other's way.
    """
    before, entry = await _held(tx, actor, key)
    column = column_of(entry.project, form.column, form.status)
    _nobody_was_faster(before, form, column)
    values: dict[str, Any] = {
        name: getattr(form, name)
        for name in ("title", "description", "priority")
        if form.says(name)
    }
    if form.checklist is not None:
        values["checklist"] = [point.model_dump() for point in form.checklist]
    if any(form.says(name) for name in _TEXTS):
        values["text_version"] = before.version + 1
    if column is not None and column.id != before.column_id:
        last = await store.last_position(tx, column.id)
        values |= into(before, column, between(last, None), clock.now())
    if form.says("due"):
        zone, status = actor.time_zone or "UTC", values.get("status", before.status)
        values |= due_values(form.due, zone, status, clock.now())
    await _change_people(tx, entry, before, form)
    hung = await _again(tx, before.id) if form.hangs else before
    return await _save(tx, actor, before, applied(hung, values, column), values, clock)


async def check(tx: Tx, actor: Actor, key: str, text: str, *, done: bool, clock: Clock) -> Task:
    """Ticks one point of the checklist. Raises NotAllowed, NotFound; Conflict when it reads otherwise by now."""
    before, _ = await _held(tx, actor, key)
    if all(point != text for point, _ in before.checklist):
        raise Conflict(
            say("{key} has no point “{text}” any more. Look again.", key=before.key, text=text)
        )
    points = [
        {"text": point, "done": done if point == text else was} for point, was in before.checklist
    ]
    values = {"checklist": points}
    return await _save(tx, actor, before, applied(before, values), values, clock)


async def _change_people(tx: Tx, entry: Entry, before: Task, form: TaskChange) -> None:
    """Only who is new must be able to see the project: who lost that may stay named."""
    tables = {"assignees": task_assignee, "watchers": task_watcher}
    for name, table in tables.items():
        wanted: list[int] | None = getattr(form, name)
        if wanted is not None:
            known = {one.id for one in getattr(before, name)}
            await readers(tx, entry.project, name, [one for one in wanted if one not in known])
            await store.hang_anew(tx, table, before.id, wanted)
    if form.labels is not None:
        labels = await ensure_labels(tx, entry.project, form.labels)
        await store.hang_anew(tx, task_label, before.id, labels)


async def move(tx: Tx, actor: Actor, key: str, form: Move, clock: Clock) -> Task:
    """To a place in a column. Raises NotAllowed, NotFound, Invalid, Conflict as `change`; also when the card
    that it should stand under is no longer there."""
    before, entry = await _held(tx, actor, key)
    column = column_named(entry.project, form.column)
    _nobody_was_faster(before, form, column)
    values = into(before, column, await _place(tx, before, column, form), clock.now())
    return await _save(tx, actor, before, applied(before, values, column), values, clock)


async def _place(tx: Tx, task: Task, column: Column, form: Move) -> float:
    if form.at_the_end:
        return between(await store.last_position(tx, column.id), None)
    after = None
    if form.after is not None:
        project, _, number = form.after.upper().rpartition("-")
        found = await store.by_key(tx, project, int(number)) if number.isdigit() else None
        if found is None or found.column_id != column.id or found.deleted_at is not None:
            raise Conflict(
                say(
                    "{other} is no longer in {column}, so {key} was not put under it. Look again.",
                    other=form.after,
                    column=column.name,
                    key=task.key,
                )
            )
        after = found.id
    above, below = await store.neighbours(tx, column.id, after, task.id)
    if too_tight(above, below):
        await store.spread(tx, column.id, GAP)
        above, below = await store.neighbours(tx, column.id, after, task.id)
    return between(above, below)


def _nobody_was_faster(before: Task, form: TaskChange | Move, column: Column | None) -> None:
    version = form.version
    if version is None:
        return
    who = before.changed_by or say("somebody")
    if column is not None and version < before.moved_version and column.id != before.column_id:
        raise Conflict(
            say(
                "{person} moved {key} to {column} while you looked at it. "
                "It stays there; move it again if need be.",
                person=who,
                key=before.key,
                column=before.column,
            )
        )
    texts = isinstance(form, TaskChange) and any(form.says(name) for name in _TEXTS)
    if texts and version < before.text_version:
        raise Conflict(
            say(
                "{person} changed the text of {key} while you wrote. "
                "Nothing was overwritten; compare both and save again.",
                person=who,
                key=before.key,
            )
        )


async def _held(tx: Tx, actor: Actor, key: str, *, deleted: bool = False) -> tuple[Task, Entry]:
    """The task as it is once nobody else can change it. Raises NotAllowed, NotFound, Conflict."""
    require(actor, WRITE)
    await store.hold_by_key(tx, *split_key(key))
    return await task_by_key(tx, actor, key, "member", WRITE, deleted=deleted)


async def _save(
    tx: Tx,
    actor: Actor,
    before: Task,
    after: Task,
    values: dict[str, Any],
    clock: Clock,
    cause: Event | None = None,
) -> Task:
    """Writes `values` where they make `after` another task than `before`, which is held, and says so."""
    found = changes.compare(before, after) or changes.reordered(before, after)
    if found is None:
        return before
    by = {"changed_by": actor.id or None, "updated_at": clock.now()}
    if not await store.update(tx, before.id, before.version, **values, **by):
        raise Conflict(say("{key} was changed at this very moment. Look again.", key=before.key))
    mentions = await newly_mentioned(tx, after, before.description)
    saved = await _again(tx, before.id)
    tell_log(tx, actor, saved, found, clock, cause=cause, more=_mentioning(mentions))
    return saved


def _mentioning(people: tuple[int, ...]) -> dict[str, Any]:
    return {"mentions": list(people)} if people else {}


async def close(tx: Tx, actor: Actor, task: Task, clock: Clock, cause: Event | None = None) -> Task:
    """Into the first column that means done; for rules. A task that is done already stays as it is."""
    project = await store_projects.by_id(tx, task.project_id)
    column = project.first("done") if project else None
    if column is None or task.status == "done":
        return task
    await store.hold(tx, task.id)
    before = await _again(tx, task.id)
    last = await store.last_position(tx, column.id)
    values = into(before, column, between(last, None), clock.now())
    after = applied(before, values, column)
    return await _save(tx, actor, before, after, values, clock, cause)


async def delete(tx: Tx, actor: Actor, key: str, clock: Clock) -> Task:
    """Can be taken back. Raises NotAllowed, NotFound."""
    before, _ = await _held(tx, actor, key)
    now = clock.now()
    values = {"deleted_at": now, "next_remind_at": None, "updated_at": now}
    await store.update(tx, before.id, before.version, **values)
    gone = await _again(tx, before.id)
    said = changes.Change("deleted", {"title": before.title, "column": before.column}, {})
    tell_log(tx, actor, gone, said, clock)
    return gone


async def restore(tx: Tx, actor: Actor, key: str, clock: Clock) -> Task:
    """Takes a deletion back; one that was never deleted stays as it is."""
    before, _ = await _held(tx, actor, key, deleted=True)
    if before.deleted_at is None:
        return before
    values: dict[str, Any] = {"deleted_at": None, "updated_at": clock.now()}
    values |= remind_values(before, clock.now())
    await store.update(tx, before.id, before.version, **values)
    after = await _again(tx, before.id)
    said = changes.Change("restored", {}, {"title": after.title, "column": after.column})
    tell_log(tx, actor, after, said, clock)
    return after


async def _again(tx: Tx, task_id: int) -> Task:
    found = await store.by_id(tx, task_id)
    if found is None:
        raise NotFound(no_task(task_id))
    return found

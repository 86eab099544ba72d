"""One change to many tasks: each by its own right and in its own savepoint, so that one refusal stops no other."""

from dataclasses import dataclass

from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import BongsuError, StateBusy
from bongsu.kit.i18n import Said
from bongsu.tasks import service
from bongsu.tasks.inputs import Bulk, TaskChange
from bongsu.tasks.model import Task


@dataclass(frozen=True, slots=True)
class Outcome:
    done: tuple[str, ...]
    refused: tuple[tuple[str, Said], ...]  # a key and why


async def change(tx: Tx, actor: Actor, form: Bulk, clock: Clock) -> Outcome:
    """At most 200. Who may not change one is told so for that one. Raises NotAllowed for who may change none."""
    require(actor, "task.write")
    done: list[str] = []
    refused: list[tuple[str, Said]] = []
    for key in dict.fromkeys(form.tasks):
        try:
            async with tx.savepoint():
                await _one(tx, actor, key, form, clock)
        except StateBusy:
            raise
        except BongsuError as error:
            refused.append((key, error.said))
        else:
            done.append(key)
    return Outcome(tuple(done), tuple(refused))


async def _one(tx: Tx, actor: Actor, key: str, form: Bulk, clock: Clock) -> None:
    if form.delete or form.restore:
        act = service.delete if form.delete else service.restore
        await act(tx, actor, key, clock)
        return
    task, _ = await service.get(tx, actor, key)
    await service.change(tx, actor, key, as_change(task, form), clock)


def as_change(task: Task, form: Bulk) -> TaskChange:
    """What the bulk form means for this one task: people and labels are added to, not replaced. Pure."""
    said: dict[str, object] = {
        name: getattr(form, name)
        for name in ("status", "column", "priority")
        if getattr(form, name) is not None
    }
    if "due" in form.model_fields_set:
        said["due"] = form.due
    if form.assign is not None or form.unassign is not None:
        kept = [one.id for one in task.assignees if one.id not in (form.unassign or ())]
        said["assignees"] = list(dict.fromkeys([*kept, *(form.assign or ())]))
    if form.add_labels is not None or form.remove_labels is not None:
        stay = [one for one in task.labels if one not in (form.remove_labels or ())]
        said["labels"] = list(dict.fromkeys([*stay, *(form.add_labels or ())]))
    return TaskChange.model_validate(said)

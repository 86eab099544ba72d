"""Keeps with tasks what has become of the incidents that they are linked to, and closes those that wait for it."""

from dataclasses import replace

from pydantic import BaseModel, ConfigDict

from bongsu.accounts.model import SYSTEM
from bongsu.incidents import store as incidents
from bongsu.incidents.model import Incident
from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.rules.call import Call
from bongsu.tasks import service, store
from bongsu.tasks.changes import Change
from bongsu.tasks.news import tell_log


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")


SPEC = Kind(
    id="follow",
    label=say("Let tasks follow their incident"),
    options=Options,
    examples=({},),
)


async def act(_options: Options, call: Call) -> None:
    """For events of incidents, and for tasks that were just linked to one."""
    for target in dict.fromkeys(_targets(call)):
        found = await incidents.get(call.tx, int(target.partition("/")[2]))
        if found is not None:
            await _follow(call, target, found)


def _targets(call: Call) -> list[str]:
    event = call.event
    if event.subject.startswith("incident/"):
        return [event.subject]
    after = event.data.get("after")
    linked = after.get("links") if isinstance(after, dict) else None
    names = [str(one.get("target", "")) for one in linked or () if isinstance(one, dict)]
    return [name for name in names if name.startswith("incident/")]


async def _follow(call: Call, target: str, incident: Incident) -> None:
    tasks = await store.linked_to(call.tx, target)
    title = incident.title.to(call.defaults.language)
    await store.note_state(call.tx, target, incident.state, incident.severity, title)
    actor = replace(SYSTEM, name=incident.name)
    for task in tasks:
        link = next(one for one in task.links if one.target == target)
        if link.closes and incident.state == "resolved" and task.status != "done":
            await service.close(call.tx, actor, task, call.clock, cause=call.event)
        elif link.state != incident.state:
            before = {"incident": f"{incident.name} {link.state}"} if link.state else {}
            change = Change(
                "incident_changed", before, {"incident": f"{incident.name} {incident.state}"}
            )
            tell_log(call.tx, actor, task, change, call.clock, cause=call.event)

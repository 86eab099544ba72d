"""Makes tasks from a template: what follows from an incident, or from any other event."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bongsu.accounts import store as accounts
from bongsu.accounts.model import SYSTEM
from bongsu.events.envelope import Event
from bongsu.incidents import store as incidents
from bongsu.incidents.model import Incident
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.kit.units import parse_duration_s
from bongsu.rules.call import Call
from bongsu.services import store as services
from bongsu.services.model import Service
from bongsu.tasks import links, service, store_projects
from bongsu.tasks.due import zone_of
from bongsu.tasks.file_drafts import priority_of
from bongsu.tasks.inputs import Key, Labels, LinkTo, NewTask, Point, Priority
from bongsu.tasks.model import Project
from bongsu.tell.event_message import headline

DAY_S = 86_400


def _duration(text: str) -> str:
    if text and parse_duration_s(text) < DAY_S:
        raise ValueError(say("Write a length of days, such as 2d."))
    return text


class Template(BaseModel):
    """`{incident}`, `{title}` and `{service}` stand for those of the event."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(title="Title", min_length=1, max_length=200)
    description: str = Field("", title="Description", max_length=16_000)
    priority: Annotated[Priority, BeforeValidator(priority_of)] = Field(
        2, title="Priority", description="1 low to 4 urgent, or the word"
    )
    assign: Literal["nobody", "holder", "owners"] = Field(
        "nobody", title="Assigned to", description="Who has the incident, or the service’s owners"
    )
    due: Annotated[str, AfterValidator(_duration)] = Field(
        "", title="Due in", description="Days from now, such as 2d"
    )
    labels: Labels = Field(default_factory=list, title="Labels")
    checklist: tuple[str, ...] = Field((), title="Checklist", max_length=50)


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    project: Key = Field(title="Project", description="Its key, such as SHOP")
    tasks: tuple[Template, ...] = Field(title="Tasks", min_length=1, max_length=10)
    close: bool = Field(
        False,
        title="Done with the incident",
        description="A task is done when the incident is over",
    )


SPEC = Kind(
    id="task",
    label=say("Make tasks"),
    options=Options,
    examples=(
        {
            "project": "SHOP",
            "tasks": [{"title": "Write up {incident}: {title}", "assign": "holder", "due": "2d"}],
        },
    ),
)


async def act(options: Options, call: Call) -> None:
    """Once for each template and thing: another event of the same incident makes no second one.

    Raises NotFound for a project that is not there (any more).
    """
    project = await store_projects.by_key(call.tx, options.project)
    if project is None:
        raise NotFound(
            say("There is no project {key}. Correct it in the rule.", key=options.project)
        )
    actor = replace(SYSTEM, name=f"rule {call.rule}", time_zone=call.defaults.time_zone)
    known = {one.title for one in await links.linked_to(call.tx, actor, call.event.subject)}
    for template in options.tasks:
        form = await _form(call, project, options, template)
        if form.title not in known:
            await service.create(call.tx, actor, form, call.clock, cause=call.event)


async def _form(call: Call, project: Project, options: Options, template: Template) -> NewTask:
    incident = await _incident(call)
    number = incident.service_id if incident else None
    owned = await services.by_id(call.tx, number) if number else None
    words = _words(call.event, incident, owned, call.defaults.language)
    target = LinkTo(kind="from", target=call.event.subject, closes=options.close)
    linkable = call.event.subject.startswith(("incident/", "check/"))
    return NewTask(
        project=project.key,
        title=_filled(template.title, words)[:200],
        description=_filled(template.description, words),
        priority=template.priority,
        assignees=await _assignees(call, project, incident, owned, template.assign),
        labels=template.labels,
        due=_due(call, template.due),
        checklist=[Point(text=_filled(text, words)[:200]) for text in template.checklist],
        links=[target] if linkable else [],
    )


async def _incident(call: Call) -> Incident | None:
    family, _, number = call.event.subject.partition("/")
    return await incidents.get(call.tx, int(number)) if family == "incident" else None


def _words(
    event: Event, incident: Incident | None, owned: Service | None, language: str
) -> dict[str, str]:
    said = event.data.get("service")
    title = said.get("title") if isinstance(said, dict) else said
    return {
        "{incident}": incident.name if incident else event.subject,
        "{title}": (incident.title if incident else headline(event)).to(language),
        "{service}": owned.title if owned else str(title or ""),
    }


def _filled(text: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        text = text.replace(name, value)
    return text


def _due(call: Call, length: str) -> str | None:
    if not length:
        return None
    at = call.clock.now().astimezone(zone_of(call.defaults.time_zone))
    return (at + timedelta(seconds=parse_duration_s(length))).date().isoformat()


async def _assignees(
    call: Call, project: Project, incident: Incident | None, owned: Service | None, word: str
) -> list[int]:
    """Who cannot see the project is left out: a rule must not open it to anybody."""
    ids: set[int] = set()
    if word == "holder" and incident is not None and incident.holder_id is not None:
        ids = {incident.holder_id}
    elif word == "owners" and owned is not None:
        ids = {one.id for one in await accounts.members_of(call.tx, owned.owners)}
    return [one.id for one in await store_projects.readers(call.tx, project, ids)] if ids else []

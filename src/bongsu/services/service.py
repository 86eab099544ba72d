"""Use cases of services. Only an admin registers, changes or deletes one, whichever way it comes in."""

from typing import Any

from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, Invalid, NotFound, Problem
from bongsu.kit.i18n import say
from bongsu.services import store
from bongsu.services.model import Service, ServiceDraft, changes


async def get(tx: Tx, name: str) -> Service:
    """Raises NotFound."""
    found = await store.by_name(tx, name)
    if found is None:
        raise NotFound(say("There is no service {name}. It may have been deleted.", name=name))
    return found


async def create(
    tx: Tx, actor: Actor, draft: ServiceDraft, clock: Clock, *, defined_in: str | None = None
) -> Service:
    """Raises NotAllowed, Conflict when the name is taken, Invalid for an unknown team."""
    require(actor, "service.create")
    if await store.by_name(tx, draft.name) is not None:
        raise Conflict(
            say("A service named {name} already exists. Choose another name.", name=draft.name)
        )
    teams = await _teams(tx, draft)
    service_id = await store.insert(tx, draft, clock.now(), defined_in)
    await store.set_owners(tx, service_id, teams)
    made = await get(tx, draft.name)
    _record(tx, actor, "created", made, None, made, clock)
    return made


async def update(
    tx: Tx,
    actor: Actor,
    name: str,
    draft: ServiceDraft,
    clock: Clock,
    defined_in: str | None = None,
) -> Service:
    """Replaces what the draft says; the name stays. Raises NotAllowed, NotFound, Invalid."""
    require(actor, "service.update")
    before = await get(tx, name)
    teams = await _teams(tx, draft)
    await store.update(tx, before.id, draft, clock.now(), defined_in)
    await store.set_owners(tx, before.id, teams)
    after = await get(tx, name)
    if changes(before, after):
        _record(tx, actor, "updated", after, before, after, clock)
    return after


async def delete(tx: Tx, actor: Actor, name: str, clock: Clock) -> Service:
    """Deletes the row only: the caller deletes its checks first, so that each says what became of it."""
    require(actor, "service.delete")
    before = await get(tx, name)
    await store.delete(tx, before.id)
    _record(tx, actor, "deleted", before, before, None, clock)
    return before


async def _teams(tx: Tx, draft: ServiceDraft) -> list[int]:
    known = await store.team_ids(tx, draft.owners)
    unknown = [name for name in draft.owners if name not in known]
    if unknown:
        problem = Problem(
            "owners",
            say("There is no team {team}.", team=unknown[0]),
            say("Create it under People, or correct the name."),
        )
        raise Invalid(say("Service {name} cannot be saved.", name=draft.name), (problem,))
    return [known[name] for name in dict.fromkeys(draft.owners)]


def _shown(service: Service | None) -> dict[str, Any] | None:
    if service is None:
        return None
    names = ("name", "title", "group", "description", "tags", "links", "owners")
    return {name: getattr(service, name) for name in names}


def _record(
    tx: Tx,
    actor: Actor,
    what: str,
    subject: Service,
    before: Service | None,
    after: Service | None,
    clock: Clock,
) -> None:
    changed = changes(before, after) if before and after else ()
    data = {
        "object": f"service/{subject.id}",
        "before": _shown(before),
        "after": _shown(after),
        "changed": list(changed),
        "actor": actor.email or actor.name,
    }
    draft = Draft(
        type=f"service.{what}",
        source="bongsu.services",
        subject=f"service/{subject.id}",
        data=data,
        actor=actor.ref,
    )
    record(tx, draft, clock)

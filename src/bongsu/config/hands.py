"""Carries out one change of a plan by the use case of its room, so that permissions and events are the same."""

from collections.abc import Awaitable, Callable
from typing import Any

from bongsu.accounts import service as accounts
from bongsu.accounts import store as account_store
from bongsu.accounts.inputs import NewPerson, NewTeam, TeamChange
from bongsu.accounts.model import Actor
from bongsu.config.plan import Change
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.text import one_line
from bongsu.rules import service as rules
from bongsu.rules.model import RuleDraft
from bongsu.services import service as services
from bongsu.services.model import ServiceDraft
from bongsu.tell import channels
from bongsu.watch import service as checks
from bongsu.watch.drafts import CheckDraft

Hand = Callable[[Tx, Actor, Change, Clock], Awaitable[Any]]


async def do(tx: Tx, actor: Actor, change: Change, clock: Clock) -> None:
    """Raises what the use case raises."""
    await _HANDS[change.section](tx, actor, change, clock)


def _values(change: Change) -> dict[str, Any]:
    return dict(change.thing.values) if change.thing else {}


async def _team(tx: Tx, actor: Actor, change: Change, clock: Clock) -> None:
    values = _values(change)
    members = [await _person(tx, actor, email, clock) for email in values["members"]]
    known = await account_store.team_by_name(tx, change.name)
    if known is None:
        form = NewTeam(name=change.name, title=values["title"], members=members)
        await accounts.create_team(tx, actor, form, clock)
    else:
        form_change = TeamChange(title=values["title"], members=members)
        await accounts.update_team(tx, actor, known.id, form_change, clock)


async def _person(tx: Tx, actor: Actor, email: str, clock: Clock) -> int:
    """Who is not known yet becomes a viewer who can be told, and enters later by a link."""
    known = await account_store.user_by_email(tx, email)
    if known is not None:
        return known.id
    name = one_line(email.split("@", maxsplit=1)[0].replace(".", " ")).title() or email
    made, _cause = await accounts.add_person(tx, actor, NewPerson(email=email, name=name), clock)
    return made.id


async def _service(tx: Tx, actor: Actor, change: Change, clock: Clock) -> None:
    if change.verb == "delete":
        await checks.delete_all(tx, actor, change.name, clock)
        await services.delete(tx, actor, change.name, clock)
        return
    draft = ServiceDraft(name=change.name, **_values(change))
    place = change.thing.defined_in if change.thing else None
    if change.verb == "create":
        await services.create(tx, actor, draft, clock, defined_in=place)
    else:
        await services.update(tx, actor, change.name, draft, clock, defined_in=place)


async def _check(tx: Tx, actor: Actor, change: Change, clock: Clock) -> None:
    service_name, _, name = change.name.partition("/")
    if change.verb == "delete":
        await checks.delete(tx, actor, service_name, name, clock)
        return
    values = _values(change)
    plain = {key: value for key, value in values.items() if key not in {"every_s", "timeout_s"}}
    draft = CheckDraft(name=name, every=values["every_s"], timeout=values["timeout_s"], **plain)
    if change.verb == "create":
        await checks.register(tx, actor, service_name, draft, clock)
    else:
        await checks.change(tx, actor, service_name, name, draft, clock)


async def _rule(tx: Tx, actor: Actor, change: Change, clock: Clock) -> None:
    if change.verb == "delete":
        await rules.delete(tx, actor, change.name, clock)
        return
    draft = RuleDraft(name=change.name, **_values(change))
    place = change.thing.defined_in if change.thing else None
    if change.verb == "create":
        await rules.create(tx, actor, draft, clock, defined_in=place)
    else:
        await rules.update(tx, actor, change.name, draft, clock, defined_in=place)


async def _channel(tx: Tx, actor: Actor, change: Change, clock: Clock) -> None:
    if change.verb == "delete":
        await channels.delete(tx, actor, change.name, clock)
        return
    place = change.thing.defined_in if change.thing else None
    save = channels.create if change.verb == "create" else channels.update
    await save(tx, actor, change.name, _values(change), clock, defined_in=place)


_HANDS: dict[str, Hand] = {
    "teams": _team,
    "channels": _channel,
    "services": _service,
    "checks": _check,
    "rules": _rule,
}

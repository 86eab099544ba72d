"""Use cases of rules: each change is checked whole, authorised, and an event that the follower reloads by."""

from typing import Any

from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.deliver import store_channels
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, Invalid, NotFound, Problem
from bongsu.kit.i18n import say
from bongsu.rules import store
from bongsu.rules.builtin import original
from bongsu.rules.model import Rule, RuleDraft, check


async def get(tx: Tx, name: str) -> Rule:
    """Raises NotFound."""
    found = await store.by_name(tx, name)
    if found is None:
        raise NotFound(say("There is no rule {name}. It may have been deleted.", name=name))
    return found


async def create(
    tx: Tx, actor: Actor, draft: RuleDraft, clock: Clock, *, defined_in: str | None = None
) -> Rule:
    """Raises NotAllowed, Invalid, Conflict when the name is taken."""
    require(actor, "rule.create")
    await _check(tx, draft)
    now = clock.now()
    values = _values(draft) | {"name": draft.name, "builtin": False, "defined_in": defined_in}
    if not await store.insert(tx, values | {"created_at": now, "updated_at": now}):
        raise Conflict(
            say("A rule named {name} already exists. Choose another name.", name=draft.name)
        )
    made = await get(tx, draft.name)
    _record(tx, actor, "created", None, made, clock)
    return made


async def update(
    tx: Tx,
    actor: Actor,
    name: str,
    draft: RuleDraft,
    clock: Clock,
    *,
    defined_in: str | None = None,
) -> Rule:
    """Replaces what the draft says; the name stays. Raises NotAllowed, Invalid, NotFound."""
    require(actor, "rule.update")
    await _check(tx, draft)
    before = await get(tx, name)
    values = _values(draft) | {"updated_at": clock.now()}
    if defined_in is not None:
        values["defined_in"] = defined_in
    await store.update(tx, name, values)
    after = await get(tx, name)
    if before.shown() != after.shown():
        _record(tx, actor, "updated", before, after, clock)
    return after


async def switch(tx: Tx, actor: Actor, name: str, enabled: bool, clock: Clock) -> Rule:
    """On or off. Raises NotAllowed, NotFound."""
    require(actor, "rule.update")
    before = await get(tx, name)
    await store.update(tx, name, {"enabled": enabled, "updated_at": clock.now()})
    after = await get(tx, name)
    if before.enabled != after.enabled:
        _record(tx, actor, "updated", before, after, clock)
    return after


async def delete(tx: Tx, actor: Actor, name: str, clock: Clock) -> None:
    """A built-in rule that a file had changed becomes again what it was; otherwise it can only be
    switched off. Raises NotAllowed, NotFound, Conflict.
    """
    require(actor, "rule.delete")
    before = await get(tx, name)
    if before.builtin and before.defined_in is not None:
        await store.update(tx, name, original(name) | {"updated_at": clock.now()})
        _record(tx, actor, "updated", before, await get(tx, name), clock)
        return
    if before.builtin:
        raise Conflict(
            say("Rule {name} is built in. Switch it off instead of deleting it.", name=name)
        )
    await store.delete(tx, name)
    _record(tx, actor, "deleted", before, None, clock)


async def _check(tx: Tx, draft: RuleDraft) -> None:
    """What `check` says, and whether the channels exist. Raises Invalid."""
    check(draft)
    problems = []
    for number, action in enumerate(draft.do):
        ((kind, options),) = action.items()
        name = options.get("channel")
        if name is not None and await store_channels.by_name(tx, name) is None:
            what = say("There is no channel {channel}.", channel=name)
            todo = say("Create it first, or correct the name.")
            problems.append(Problem(f"do[{number}].{kind}.channel", what, todo))
    if problems:
        raise Invalid(say("Rule {name} cannot be saved.", name=draft.name), tuple(problems))


def _values(draft: RuleDraft) -> dict[str, Any]:
    return {"enabled": draft.enabled, "pattern": draft.when, "actions": list(draft.do)}


def _record(
    tx: Tx, actor: Actor, what: str, before: Rule | None, after: Rule | None, clock: Clock
) -> None:
    old, new = before.shown() if before else None, after.shown() if after else None
    name = (after or before).name  # type: ignore[union-attr]  # one of them is there
    changed = [key for key in new if old[key] != new[key]] if old and new else []
    data = {
        "object": f"rule/{name}",
        "before": old,
        "after": new,
        "changed": changed,
        "actor": actor.email or actor.name,
    }
    draft = Draft(
        type=f"rule.{what}",
        source="bongsu.rules",
        subject=f"rule/{name}",
        data=data,
        actor=actor.ref,
    )
    record(tx, draft, clock)

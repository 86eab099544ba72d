"""Use cases of triggers: each change is checked whole, authorised, and an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.events.pattern import compile_pattern
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, NotFound
from bongsu.kit.i18n import Said, say
from bongsu.lake.client import LakeClient
from bongsu.requests import store, store_lake
from bongsu.requests.filter import Filter
from bongsu.requests.triggers import (
    QUIET_S,
    SOURCE,
    Per,
    Trigger,
    TriggerDraft,
    check,
    check_pattern,
    firings,
    key_of,
    quiet,
)

TRIGGERS_LIMIT = 200
TRY_SPAN = timedelta(hours=1)
TRY_REQUESTS = 20_000
TRY_S = 3.0


async def get(tx: Tx, name: str) -> Trigger:
    """Raises NotFound."""
    found = await store.by_name(tx, name)
    if found is None:
        raise NotFound(say("There is no trigger {name}. It may have been deleted.", name=name))
    return found


async def create(tx: Tx, actor: Actor, draft: TriggerDraft, clock: Clock) -> Trigger:
    """Raises NotAllowed, Invalid, Conflict when the name is taken or there are too many."""
    require(actor, "request_trigger.create")
    check(draft)
    if await store.count(tx) >= TRIGGERS_LIMIT:
        raise Conflict(
            say("There are {limit} triggers already. Delete one first.", limit=TRIGGERS_LIMIT)
        )
    now = clock.now()
    values = draft.model_dump() | {"builtin": False, "created_at": now, "updated_at": now}
    if not await store.insert(tx, values):
        raise Conflict(
            say("A trigger named {name} already exists. Choose another name.", name=draft.name)
        )
    made = await get(tx, draft.name)
    _record(tx, actor, "created", None, made, clock)
    return made


async def update(tx: Tx, actor: Actor, name: str, draft: TriggerDraft, clock: Clock) -> Trigger:
    """Replaces what the draft says; the name stays. Raises NotAllowed, Invalid, NotFound."""
    require(actor, "request_trigger.update")
    check(draft)
    values = draft.model_dump(exclude={"name"})
    return await _change(tx, actor, name, values, clock)


async def switch(tx: Tx, actor: Actor, name: str, enabled: bool, clock: Clock) -> Trigger:
    """On or off. Raises NotAllowed, NotFound."""
    require(actor, "request_trigger.update")
    return await _change(tx, actor, name, {"enabled": enabled}, clock)


async def _change(
    tx: Tx, actor: Actor, name: str, values: Mapping[str, Any], clock: Clock
) -> Trigger:
    before = await get(tx, name)
    await store.update(tx, name, {**values, "updated_at": clock.now()})
    after = await get(tx, name)
    if before.shown() != after.shown():
        _record(tx, actor, "updated", before, after, clock)
    if before.enabled and not after.enabled:
        await _end(tx, before, say("The trigger was switched off."), clock)
    return after


async def delete(tx: Tx, actor: Actor, name: str, clock: Clock) -> None:
    """Raises NotAllowed, NotFound, Conflict for one that is built in."""
    require(actor, "request_trigger.delete")
    before = await get(tx, name)
    if before.builtin:
        raise Conflict(
            say("Trigger {name} is built in. Switch it off instead of deleting it.", name=name)
        )
    await _end(tx, before, say("The trigger was deleted."), clock)
    await store.delete(tx, name)
    _record(tx, actor, "deleted", before, None, clock)


async def _end(tx: Tx, trigger: Trigger, why: Said, clock: Clock) -> None:
    """What it had opened would otherwise stay open: nobody counts for it any more."""
    for one in await store.firing_of(tx, trigger.id):
        if await store.end(tx, one):
            record(tx, quiet(trigger, one, clock.now(), one.key, why), clock)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trigger would have done. `scanned` requests since `since` were looked at."""

    scanned: int
    since: datetime
    fitting: int
    fired: int
    whole: bool  # False: the newest only, there were too many


async def try_out(
    lake: LakeClient,
    actor: Actor,
    pattern: Any,
    at_least: int,
    window_s: int,
    per: Per,
    clock: Clock,
) -> Trial:
    """Over the last hour, the newest 20,000 requests, 3 s at most. Raises NotAllowed, Invalid, LakeAway.

    Says how often only: whose requests they were is for administrators.
    """
    require(actor, "request_trigger.create")
    check_pattern(pattern, say("The pattern cannot be tried."))
    matches, now = compile_pattern(pattern).matches, clock.now()
    until_s = clock.monotonic_s() + TRY_S
    span = Filter(since=now - TRY_SPAN, until=now + timedelta(seconds=1))
    hits: list[tuple[datetime, str]] = []
    scanned, since, whole = 0, span.since, True
    async for rows in store_lake.every(lake, span):
        hits += [(seen.ended, key_of(per, seen)) for seen in rows if matches(seen.document())]
        scanned += len(rows)
        if scanned >= TRY_REQUESTS or clock.monotonic_s() > until_s:
            since, whole = rows[-1].at, False
            break
    fired = firings(sorted(hits), at_least, window_s, max(QUIET_S, window_s))
    return Trial(scanned, since, len(hits), fired, whole)


def _record(
    tx: Tx, actor: Actor, what: str, before: Trigger | None, after: Trigger | None, clock: Clock
) -> None:
    old, new = before.shown() if before else None, after.shown() if after else None
    subject = (after or before).subject  # type: ignore[union-attr]  # one of them is there
    changed = [key for key in new if old[key] != new[key]] if old and new else []
    data = {
        "object": subject,
        "before": old,
        "after": new,
        "changed": changed,
        "actor": actor.email or actor.name,
    }
    draft = Draft(
        type=f"request_trigger.{what}", source=SOURCE, subject=subject, data=data, actor=actor.ref
    )
    record(tx, draft, clock)

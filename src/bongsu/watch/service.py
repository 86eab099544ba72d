"""Use cases of checks. Only an admin registers, changes or deletes one, whichever way it comes in.

Every change moves the generation in its own transaction, so that the watch role takes it up within 250 ms.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bongsu.accounts.model import Actor, require
from bongsu.db.session import Database, Tx
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.kit.clock import SYSTEM_CLOCK, Clock, iso
from bongsu.kit.errors import Conflict, NotFound
from bongsu.kit.i18n import Said, say
from bongsu.services import service as services
from bongsu.watch import store, store_requests, store_states
from bongsu.watch.changes import SEVERITY, event_data
from bongsu.watch.drafts import CheckDraft, read_check, shown_options
from bongsu.watch.model import Check, State

__all__ = [
    "CheckDraft",
    "ask_now",
    "change",
    "delete",
    "delete_all",
    "pause",
    "read_check",
    "register",
    "wait_for",
]

ASK_AT_MOST = 200
_POLL_S = 0.05
_BAD = ("down", "degraded", "unknown")


async def get(tx: Tx, service_name: str, name: str) -> Check:
    """Raises NotFound."""
    found = await store.check_named(tx, service_name, name)
    if found is None:
        raise NotFound(_gone(f"{service_name}/{name}"))
    return found


async def get_by_id(tx: Tx, check_id: int) -> Check:
    """Raises NotFound."""
    found = await store.check_by_id(tx, check_id)
    if found is None:
        raise NotFound(_gone(str(check_id)))
    return found


def _gone(name: str) -> Said:
    return say("There is no check {name}. It may have been deleted.", name=name)


async def register(
    tx: Tx, actor: Actor, service_name: str, draft: CheckDraft, clock: Clock = SYSTEM_CLOCK
) -> Check:
    """Raises NotAllowed, NotFound for the service, Conflict when the name is taken in it."""
    require(actor, "check.create")
    owner = await services.get(tx, service_name)
    if await store.check_named(tx, service_name, draft.name) is not None:
        raise Conflict(
            say(
                "The service {service} already has a check {name}. Choose another name.",
                service=service_name,
                name=draft.name,
            )
        )
    check_id = await store.insert(tx, owner.id, draft.name, draft.row(), clock.now())
    made = await get_by_id(tx, check_id)
    await _changed(tx, actor, "created", None, made, clock)
    return made


async def change(
    tx: Tx,
    actor: Actor,
    service_name: str,
    name: str,
    draft: CheckDraft,
    clock: Clock = SYSTEM_CLOCK,
) -> Check:
    """Replaces what the draft says; the name stays. Raises NotAllowed, NotFound."""
    require(actor, "check.update")
    before = await get(tx, service_name, name)
    if draft.paused != before.paused:
        await _say_overlay(tx, actor, before, paused=draft.paused, clock=clock)
    await store.update(tx, before.id, draft.row(), clock.now())
    after = await get_by_id(tx, before.id)
    if _differences(before, after):
        await _changed(tx, actor, "updated", before, after, clock)
    return after


async def pause(
    tx: Tx,
    actor: Actor,
    service_name: str,
    name: str,
    *,
    paused: bool,
    clock: Clock = SYSTEM_CLOCK,
) -> Check:
    """Looking goes on, telling stops; ending a pause over trouble tells it. Raises NotAllowed, NotFound."""
    require(actor, "check.pause" if paused else "check.resume")
    before = await get(tx, service_name, name)
    if before.paused == paused:
        return before
    await _say_overlay(tx, actor, before, paused=paused, clock=clock)
    await store.update(tx, before.id, {"paused": paused}, clock.now())
    after = await get_by_id(tx, before.id)
    await _changed(tx, actor, "updated", before, after, clock)
    return after


async def delete(
    tx: Tx, actor: Actor, service_name: str, name: str, clock: Clock = SYSTEM_CLOCK
) -> Check:
    """A check that was bad is said to be well first, so that its incident ends. Raises NotAllowed, NotFound."""
    require(actor, "check.delete")
    before = await get(tx, service_name, name)
    await _say_over(tx, actor, before, clock)
    await store.delete(tx, before.id)
    await _changed(tx, actor, "deleted", before, None, clock)
    return before


async def delete_all(tx: Tx, actor: Actor, service_name: str, clock: Clock = SYSTEM_CLOCK) -> int:
    """All checks of a service, each as by `delete`; what comes before the service itself goes."""
    require(actor, "check.delete")
    owner, deleted = await services.get(tx, service_name), 0
    while page := await store.checks_of(tx, owner.id):
        for check in page:
            await delete(tx, actor, service_name, check.name, clock)
        deleted += len(page)
    return deleted


async def ask_now(
    tx: Tx, actor: Actor, check_ids: Sequence[int], clock: Clock = SYSTEM_CLOCK
) -> dict[int, str]:
    """Asks the watch role to look at once; gives the request by check. Raises NotAllowed, NotFound."""
    require(actor, "check.now")
    wanted = list(dict.fromkeys(check_ids))[:ASK_AT_MOST]
    known = {check.id for check in await store.checks(tx, wanted)} if wanted else set()
    missing = [check_id for check_id in wanted if check_id not in known]
    if missing:
        raise NotFound(_gone(str(missing[0])))
    return await store_requests.ask(tx, wanted, actor.ref, clock.now())


async def wait_for(
    db: Database, request_ids: Sequence[str], timeout_s: float = 2.0, clock: Clock = SYSTEM_CLOCK
) -> dict[str, dict[str, Any]]:
    """The answers that came within `timeout_s`, by request; those that did not are absent."""
    deadline_s = clock.monotonic_s() + timeout_s
    while True:
        async with db.read() as tx:
            found = await store_requests.answers(tx, request_ids)
        if len(found) == len(request_ids) or clock.monotonic_s() >= deadline_s:
            return found
        await asyncio.sleep(_POLL_S)


def shown(check: Check) -> dict[str, Any]:
    """For change events and the API."""
    values: dict[str, Any] = {
        name: getattr(check, name) for name in ("id", "service", "name", *store.COLUMNS)
    }
    lists = {name: list(values[name]) for name in ("expect", "warn", "locations")}
    return values | lists | {"options": shown_options(check.options)}


def _differences(before: Check, after: Check) -> list[str]:
    return [name for name in store.COLUMNS if getattr(before, name) != getattr(after, name)]


async def _changed(
    tx: Tx, actor: Actor, what: str, before: Check | None, after: Check | None, clock: Clock
) -> None:
    """Moves the generation and writes the audit event."""
    await store.bump(tx)
    subject = after or before
    if subject is None:
        return
    data = {
        "object": f"check/{subject.id}",
        "before": shown(before) if before else None,
        "after": shown(after) if after else None,
        "changed": _differences(before, after) if before and after else [],
        "actor": actor.email or actor.name,
    }
    draft = Draft(
        type=f"check.{what}",
        source="bongsu.watch",
        subject=f"check/{subject.id}",
        resources=(f"service/{subject.service_id}",),
        data=data,
        actor=actor.ref,
    )
    record(tx, draft, clock)


async def _say_over(tx: Tx, actor: Actor, check: Check, clock: Clock) -> None:
    known = await store_states.known_one(tx, check)
    if known.state in _BAD:
        reason = say("The check was deleted.")
        _say_state(tx, actor, known, ("up", clock.now(), "state", reason), clock)


async def _say_overlay(tx: Tx, actor: Actor, check: Check, *, paused: bool, clock: Clock) -> None:
    """The end of a pause over trouble is news to those whom the pause kept quiet."""
    known = await store_states.known_one(tx, check)
    if not paused and known.state in _BAD and known.since is not None:
        reason = Said.load(known.reason) if known.reason else say("The pause has ended.")
        _say_state(tx, actor, known, (known.state, known.since, "overlay", reason), clock)


def _say_state(
    tx: Tx,
    actor: Actor,
    known: store_states.Known,
    after: tuple[State, datetime, str, Said],
    clock: Clock,
) -> None:
    """An event about the state that no look made."""
    state, since, changed, reason = after
    before = {"state": known.state, "since": iso(known.since) if known.since else None}
    data = event_data(known, before, state, since, reason)
    data |= {"changed": [changed], "overlay": None, "evidence": known.evidence}
    draft = Draft(
        type="check.state_changed",
        source="bongsu.watch",
        subject=f"check/{known.check.id}",
        resources=(f"service/{known.check.service_id}",),
        severity=SEVERITY[state],
        actor=actor.ref,
        dedup_key=f"service/{known.check.service}",
        data=data,
    )
    record(tx, draft, clock)

"""Everything that is kept about one person, as one JSON document for themselves.

Other rooms add theirs by name: `app.state.exports["tasks"] = async (tx, user_id) -> JSON`, filled by app.py.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bongsu.accounts import service, store, store_factors, store_identities, store_keys, tokens
from bongsu.accounts.model import Actor, User, require
from bongsu.accounts.store_identities import Identity
from bongsu.db.session import Tx
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.kit.clock import Clock, iso

EVENTS_LIMIT = 10_000  # the newest; `events_left_out` says whether there are more
_BATCH = 1000
Exporter = Callable[[Tx, int], Awaitable[Any]]


async def own_data(
    tx: Tx, actor: Actor, exporters: Mapping[str, Exporter], clock: Clock
) -> dict[str, Any]:
    """No password, no hash, no secret of a second factor: those are not about a person, they open doors."""
    require(actor, "profile.own")
    user = await service.get_user(tx, actor, actor.id)
    events = await _own_events(tx, actor)
    return {
        "exported_at": iso(clock.now()),
        "profile": _profile(user),
        "teams": await _teams(tx, user.id),
        "sessions": [one.shown(current=False) for one in await store_keys.sessions_of(tx, user.id)],
        "second_factor": await _second_factor(tx, user.id),
        "identities": [_identity(one) for one in await store_identities.identities(tx, user.id)],
        "tokens": [one.shown() for one in await tokens.own_tokens(tx, actor)],
        "events": [one.cloudevent() for one in events[:EVENTS_LIMIT]],
        "events_left_out": len(events) > EVENTS_LIMIT,
        **{name: await part(tx, user.id) for name, part in exporters.items()},
    }


def _profile(user: User) -> dict[str, Any]:
    at = user.verified_at
    times = {"created_at": iso(user.created_at), "verified_at": iso(at) if at else None}
    return {"id": user.id, **user.shown(), **times, "has_password": user.has_password}


async def _teams(tx: Tx, user_id: int) -> list[dict[str, str]]:
    return [{"name": one.name, "title": one.title} for one in await store.teams_of(tx, user_id)]


async def _second_factor(tx: Tx, user_id: int) -> dict[str, Any] | None:
    """That there is one, and since when; None without one."""
    found = await store_factors.factor(tx, user_id)
    if found is None or found.confirmed_at is None:
        return None
    left = await store_factors.codes_left(tx, user_id)
    return {"set_up_at": iso(found.confirmed_at), "recovery_codes_left": left}


def _identity(one: Identity) -> dict[str, Any]:
    """Who they are at the provider; `second_factor`: whether it says that it asked for one."""
    return {
        "issuer": one.issuer,
        "subject": one.subject,
        "email": one.email,
        "second_factor": one.strong,
        "created_at": iso(one.created_at),
        "used_at": iso(one.used_at),
    }


async def _own_events(tx: Tx, actor: Actor) -> list[Event]:
    """What the person did, signed in or by a token of theirs, newest first; one more than the limit."""
    ids = await store_keys.token_ids_of(tx, actor.id)
    actors = [f"user/{actor.id}", *(f"token/{one}" for one in ids)]
    found: list[Event] = []
    before: int | None = None
    while len(found) <= EVENTS_LIMIT:
        batch = await log.by_actors(tx, actors, before_seq=before, limit=_BATCH)
        found += batch
        if len(batch) < _BATCH:
            break
        before = batch[-1].seq
    return found[: EVENTS_LIMIT + 1]

"""Use cases of the log: everybody sees their own requests, an administrator everybody's."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bongsu.accounts.model import Actor, allowed, require
from bongsu.kit.errors import Invalid, NotAllowed, NotFound, Problem
from bongsu.kit.i18n import say
from bongsu.lake.client import LakeClient
from bongsu.lake.schema import RAW_DAYS
from bongsu.requests import store_lake
from bongsu.requests.filter import Cursor, Filter, read_filter
from bongsu.requests.model import Seen
from bongsu.requests.store_lake import Bucket, Figures, RouteFigures

PAGE = 50
ORDERS = ("count", "errors", "p95")


@dataclass(frozen=True, slots=True)
class Page:
    """`older` is where to go on, None at the end."""

    requests: list[Seen]
    older: Cursor | None


@dataclass(frozen=True, slots=True)
class Summary:
    wanted: Filter
    whole: Figures
    buckets: list[Bucket]


def sees_everybody(actor: Actor) -> bool:
    return allowed(actor, "request.read_all")


def filter_for(actor: Actor, asked: Mapping[str, str], now: datetime) -> Filter:
    """What was asked for, narrowed to what the actor may see. Raises NotAllowed, Invalid."""
    require(actor, "request.read")
    wanted = read_filter(asked, now, actor.id)
    if sees_everybody(actor):
        return wanted
    if wanted.person not in {None, actor.id}:
        raise NotAllowed(
            say("You see your own requests only. Those of others are for administrators.")
        )
    return replace(wanted, person=actor.id)


async def listed(
    lake: LakeClient, wanted: Filter, before: Cursor | None = None, limit: int = PAGE
) -> Page:
    """`wanted` comes from `filter_for`. Raises LakeAway."""
    found = await store_lake.newest(lake, wanted, before, limit + 1)
    more = len(found) > limit
    return Page(found[:limit], Cursor.of(found[limit - 1]) if more else None)


async def figures(lake: LakeClient, wanted: Filter) -> Summary:
    """As a whole and over time. `wanted` comes from `filter_for`. Raises LakeAway."""
    whole, buckets = await store_lake.series(lake, wanted, wanted.step_s)
    return Summary(wanted, whole, buckets)


async def top_routes(lake: LakeClient, wanted: Filter, order: str = "count") -> list[RouteFigures]:
    """`wanted` comes from `filter_for`. Raises LakeAway, Invalid for an unknown order."""
    if order not in ORDERS:
        todo = say("Known: {known}.", known=", ".join(ORDERS))
        problem = Problem("sort", say("“{given}” is no order.", given=order[:80]), todo)
        raise Invalid(say("The filter cannot be used."), (problem,))
    return await store_lake.routes(lake, wanted, order)


async def one(lake: LakeClient, actor: Actor, request_id: str, now: datetime) -> Seen:
    """Raises NotFound, also for somebody else's; LakeAway."""
    wanted = filter_for(actor, {"q": request_id}, now)
    wanted = replace(wanted, since=now - timedelta(days=RAW_DAYS))
    found = await store_lake.newest(lake, wanted, limit=1) if wanted.id else []
    if not found:
        raise NotFound(
            say(
                "There is no request {id}. Requests are kept {days} days; the newest are here after some seconds.",
                id=request_id[:80],
                days=RAW_DAYS,
            )
        )
    return found[0]


async def export(lake: LakeClient, person_id: int, now: datetime) -> AsyncIterator[list[Seen]]:
    """All that is kept of one person, newest first, a thousand at a time; for their own data export."""
    since = now - timedelta(days=RAW_DAYS + 1)
    mine = Filter(since=since, until=now + timedelta(seconds=1), person=person_id)
    async for rows in store_lake.every(lake, mine):
        yield rows

"""/api/v1/incidents"""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import PlainTextResponse

from bongsu.accounts import store as accounts
from bongsu.accounts.http import ApiCaller, ClockOf, Db, PartsOf
from bongsu.accounts.model import require
from bongsu.db.session import Tx
from bongsu.incidents import service, store
from bongsu.incidents.markdown import as_markdown
from bongsu.incidents.message import facts_of
from bongsu.incidents.model import Incident, Touched
from bongsu.incidents.store import Entry
from bongsu.kit.clock import iso
from bongsu.kit.i18n import LANGUAGES, Said
from bongsu.tell import store as tellings
from bongsu.tell.model import Defaults, zone_of
from bongsu.tell.store import Telling

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Comment(_Body):
    text: str = Field(title="Text", max_length=8000)


class Why(_Body):
    why: str = Field(title="Why", max_length=8000)


class HandOver(_Body):
    user: int = Field(title="Person", description="The number of who has it from now on", ge=1)


@router.get("")
async def list_incidents(
    actor: ApiCaller,
    db: Db,
    open: bool | None = None,  # noqa: A002  the parameter's name in the API
    service_id: Annotated[int | None, Query(ge=1)] = None,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=store.LIST_LIMIT)] = 50,
) -> dict[str, Any]:
    """Newest first. `older` is the `before` of the next page, null at the end."""
    require(actor, "incident.read")
    async with db.read() as tx:
        found = await store.listed(
            tx, open_only=open, service_id=service_id, before_id=before, limit=limit
        )
        touched = await store.touched_by(tx, [one.id for one in found])
    shown = [_incident(one) | {"touched": _touched(touched.get(one.id, ()))} for one in found]
    return {"incidents": shown, "older": found[-1].id if len(found) == limit else None}


@router.get("/{incident_id}")
async def get_incident(incident_id: int, actor: ApiCaller, db: Db) -> dict[str, Any]:
    """With what it touches, its timeline, and who was told or not, each with the reason."""
    async with db.read() as tx:
        return await _whole(tx, await service.get(tx, actor, incident_id))


@router.get("/{incident_id}/markdown", response_class=PlainTextResponse)
async def get_markdown(
    incident_id: int, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf, language: str = ""
) -> PlainTextResponse:
    """For a ticket or a note; in your language unless another is asked for."""
    defaults = Defaults.of(parts.settings)
    wanted = language or actor.language or defaults.language
    async with db.read() as tx:
        incident = await service.get(tx, actor, incident_id)
        touched = await store.touched(tx, incident_id)
        entries = await store.entries(tx, incident_id)
        names = await _names(tx, entries)
    text = as_markdown(
        incident,
        touched,
        entries,
        names,
        language=wanted if wanted in LANGUAGES else "en",
        zone=zone_of(actor.time_zone or defaults.time_zone),
        now=clock.now(),
        link=f"{defaults.public_url}/incidents/{incident_id}",
    )
    return PlainTextResponse(text, media_type="text/markdown; charset=utf-8")


@router.post("/{incident_id}/acknowledge")
async def acknowledge(incident_id: int, actor: ApiCaller, db: Db, clock: ClockOf) -> dict[str, Any]:
    """From now on you have it, and only you hear of what comes."""
    async with db.write() as tx:
        return _incident(await service.acknowledge(tx, actor, incident_id, clock))


@router.post("/{incident_id}/hand-over")
async def hand_over(
    incident_id: int, body: HandOver, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    """To another person, who is told at once."""
    defaults = Defaults.of(parts.settings)
    async with db.write() as tx:
        given = await service.hand_over(tx, actor, incident_id, body.user, defaults, clock)
        return _incident(given)


@router.post("/{incident_id}/comment")
async def comment(
    incident_id: int, body: Comment, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    """Gives the incident with the comment in its timeline."""
    async with db.write() as tx:
        await service.comment(tx, actor, incident_id, body.text, clock)
        return await _whole(tx, await service.get(tx, actor, incident_id))


@router.post("/{incident_id}/resolve")
async def resolve(
    incident_id: int, body: Why, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    """By hand, with the reason. Who was told that it is open is told that it is over."""
    async with db.write() as tx:
        return _incident(await service.resolve(tx, actor, incident_id, body.why, clock))


async def _whole(tx: Tx, incident: Incident) -> dict[str, Any]:
    told = await tellings.of_subject(tx, incident.subject)
    return _incident(incident) | {
        "touched": _touched(await store.touched(tx, incident.id)),
        "timeline": [_entry(entry) for entry in await store.entries(tx, incident.id)],
        "told": [_telling(one) for one in told if one.told.told],
        "not_told": [_telling(one) for one in told if not one.told.told],
    }


async def _names(tx: Tx, entries: list[Entry]) -> dict[str, str]:
    """Of the people in a timeline."""
    refs = {entry.actor for entry in entries if entry.actor.startswith("user/")}
    ids = {int(ref.removeprefix("user/")) for ref in refs}
    return {f"user/{one.id}": one.name for one in await accounts.users_by_ids(tx, ids)}


def _incident(one: Incident) -> dict[str, Any]:
    return facts_of(one) | {"id": one.id, "holder": one.holder_id, "audience": list(one.audience)}


def _words(said: Said | None) -> str | None:
    return str(said) if said else None


def _touched(things: list[Touched] | tuple[()]) -> list[dict[str, Any]]:
    return [
        {
            "object": one.subject,
            "title": one.title,
            "state": one.state,
            "since": iso(one.since),
            "reason": _words(one.reason),
            "evidence": one.evidence,
        }
        for one in things
    ]


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "at": iso(entry.at),
        "kind": entry.kind,
        "said": str(entry.said),
        "because": _words(entry.because),
        "actor": entry.actor,
        "event": entry.event_id,
        "evidence": entry.evidence,
    }


def _telling(one: Telling) -> dict[str, Any]:
    return {
        "person": one.person,
        "channel": one.channel,
        "occasion": one.told.occasion,
        "at": iso(one.told.at),
        "reason": str(one.told.reason),
        "until": iso(one.told.until) if one.told.until else None,
        "delivery": one.delivery_id,
        "delivery_state": one.delivery_state,
    }

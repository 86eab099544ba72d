"""Events as they come back from elsewhere (a copy in a table, an event of EventBridge): read into ours again.

Rules there see what rules here see: `of_cloudevent(e.cloudevent()).match_view() == e.match_view()`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bongsu.events.envelope import WORKSPACE, Event
from bongsu.kit.clock import parse_iso

# In the detail of an event that we put on a bus: what EventBridge has no field for.
RESERVED = "bongsu"


class Strange(ValueError):
    """Not an event, or one without what every event has."""


def of_cloudevent(document: Mapping[str, Any]) -> Event:
    """Raises Strange. `depth` is not carried along: nothing that is read back is recorded again."""
    given = dict(document)
    try:
        time = parse_iso(str(given["time"]))
        return Event(
            seq=_whole(given.get("sequence")),
            id=str(given["id"]),
            source=str(given["source"]),
            type=str(given["type"]),
            subject=str(given["subject"]),
            resources=resources_of(given),
            time=time,
            recorded=_time(given.get("recordedtime"), time),
            workspace=str(given.get("workspace") or WORKSPACE),
            site=str(given.get("site") or "here"),
            data=_object(given.get("data")),
            correlation=_text(given.get("correlationid")),
            causation=_text(given.get("causationid")),
            depth=0,
            severity=_whole(given.get("severitynumber"), 1),
            actor=str(given.get("authid") or "system"),
            dedup_key=_text(given.get("dedupkey")),
        )
    except (KeyError, ValueError) as error:
        raise Strange(f"{type(error).__name__}: {error}") from error


def of_eventbridge(document: Mapping[str, Any]) -> Event:
    """One of ours with its own number, or anybody's with that of EventBridge. Raises Strange."""
    detail = dict(_object(document.get("detail")))
    own = detail.pop(RESERVED, None)
    if isinstance(own, Mapping) and "specversion" in own:
        return of_cloudevent({**own, "data": detail})
    named = [str(one) for one in document.get("resources") or ()]
    return of_cloudevent(
        {
            "id": document.get("id", ""),
            "source": document.get("source", ""),
            "type": document.get("detail-type", ""),
            "time": document.get("time", ""),
            "workspace": document.get("account"),
            "site": document.get("region"),
            "subject": named[0] if named else str(document.get("source", "")),
            "resources": " ".join(named[1:]),
            "data": _object(document.get("detail")),
        }
    )


def resources_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Of a CloudEvents document: its extension is a text, as extensions are."""
    return tuple(str(document.get("resources") or "").split())


def _object(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _whole(value: Any, otherwise: int = 0) -> int:
    return otherwise if value is None else int(value)


def _time(value: Any, otherwise: datetime) -> datetime:
    return otherwise if value is None else parse_iso(str(value))

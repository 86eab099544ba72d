"""`GET /live`: one stream of server-sent events for a signed-in page."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import StreamingResponse

from bongsu.accounts.http import Caller, require_own_origin, still_signed_in

router = APIRouter(include_in_schema=False)
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


@router.get("/live")
async def live(
    request: Request,
    _caller: Caller,
    topics: Annotated[str, Query(max_length=4000)] = "",
    age: Annotated[int, Query(ge=0, le=3_600_000)] = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """`topics`: comma separated; empty for all. `age`: milliseconds since the page was asked for.

    `Last-Event-ID` of a page that was away leads to `reset`. Raises NotAllowed when another site's page opens it.
    """
    require_own_origin(request)
    wanted = frozenset(filter(None, topics.split(",")))
    seen = int(last_event_id) if last_event_id.isdigit() else None

    async def may_stay() -> bool:
        return await still_signed_in(request)

    frames = request.app.state.hub.stream(
        wanted, seen, request.app.state.stop, may_stay, age / 1000
    )
    return StreamingResponse(frames, media_type="text/event-stream", headers=_HEADERS)

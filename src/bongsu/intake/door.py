"""`POST /in/<source>/<token>`: where others send to. The token opens it, and each kind proves its own messages."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse

from bongsu.accounts.http import ClockOf, Db, PartsOf
from bongsu.intake import service
from bongsu.intake.model import BODY_LIMIT_BYTES
from bongsu.intake.outside import Outside
from bongsu.kit.errors import TooLarge
from bongsu.kit.i18n import say

router = APIRouter(include_in_schema=False)
Word = Annotated[str, Path(max_length=100)]


def outside_of(request: Request, parts: PartsOf) -> Outside:
    """Made at the first message: most places take none."""
    state = request.app.state
    if not hasattr(state, "intake_outside"):
        state.intake_outside = Outside(parts.outward)
    found: Outside = state.intake_outside
    return found


@router.post("/in/{kind}/{token}")
async def take(
    request: Request, kind: Word, token: Word, db: Db, clock: ClockOf, parts: PartsOf
) -> JSONResponse:
    """`taken`: false for a message that was sent before."""
    body = await request.body()
    if len(body) > BODY_LIMIT_BYTES:
        limit = BODY_LIMIT_BYTES >> 10
        raise TooLarge(say("The message is larger than {limit} KiB.", limit=limit))
    taken = await service.accept(db, outside_of(request, parts), kind, token, body, clock)
    return JSONResponse({"taken": taken})

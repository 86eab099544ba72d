"""Bodies larger than a page or a file of configuration ever is are refused before they are read.

The answer is the one of every other failure: in the reader's language, a page for people, JSON for programs.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bongsu.accounts import failures
from bongsu.kit.errors import TooLarge
from bongsu.kit.i18n import say

BODY_LIMIT_BYTES = 4 << 20


class BodyLimit:
    """Answers 413 by the length that is announced, and stops reading from who announced none or lied about it."""

    def __init__(self, app: ASGIApp, limit_bytes: int = BODY_LIMIT_BYTES) -> None:
        self.app, self.limit_bytes = app, limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self.limit_bytes:
            answer = failures.answer(Request(scope), self._refusal())
            answer.headers["connection"] = "close"  # the rest of it is not read
            await answer(scope, receive, send)
            return
        await self.app(scope, self._counted(receive), send)

    def _refusal(self) -> TooLarge:
        limit = self.limit_bytes >> 20
        return TooLarge(say("The body is larger than {limit} MiB. Send less at once.", limit=limit))

    def _counted(self, receive: Receive) -> Receive:
        read_bytes = 0

        async def counted() -> Message:
            nonlocal read_bytes
            message = await receive()
            read_bytes += len(message.get("body", b""))
            if read_bytes > self.limit_bytes:
                # The only exception that the framework lets through while it reads a body.
                raise HTTPException(413) from self._refusal()
            return message

        return counted

"""Bodies larger than a page or a file of configuration ever is are refused before they are read; those with
attachments or a file of tasks in them may be larger, but no addresses besides.

The answer is the one of every other failure: in the reader's language, a page for people, JSON for programs.
"""

import asyncio
import contextlib
import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bongsu.accounts import failures
from bongsu.accounts.http import FORM_PART_LIMIT_BYTES
from bongsu.kit.errors import TooLarge
from bongsu.kit.i18n import say

BODY_LIMIT_BYTES = 4 << 20
UPLOAD_LIMIT_BYTES = 101 << 20  # four files of 25 MiB, and what a form writes around them
UPLOADS = ("/api/v1/attachments", "/-/notes/")
IMPORT_LIMIT_BYTES = FORM_PART_LIMIT_BYTES  # twenty thousand tasks of 1.6 kB
_IMPORT = re.compile(r"(?:/api/v1)?/projects/[^/]+/import")
LINGER_S = 8.0


class BodyLimit:
    """Answers 413 by the length that is announced, and stops reading from who announced none or lied about it."""

    def __init__(
        self,
        app: ASGIApp,
        limit_bytes: int = BODY_LIMIT_BYTES,
        upload_limit_bytes: int = UPLOAD_LIMIT_BYTES,
        import_limit_bytes: int = IMPORT_LIMIT_BYTES,
    ) -> None:
        self.app, self.import_limit_bytes = app, import_limit_bytes
        self.limit_bytes, self.upload_limit_bytes = limit_bytes, upload_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit_bytes = self._limit_of(scope["path"])
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit_bytes:
            if limit_bytes != self.limit_bytes:
                await _linger(receive)
            answer = failures.answer(Request(scope), _refusal(limit_bytes))
            answer.headers["connection"] = "close"  # the rest of it is not read
            await answer(scope, receive, send)
            return
        await self.app(scope, _counted(receive, limit_bytes), send)

    def _limit_of(self, path: str) -> int:
        if path.startswith(UPLOADS):
            return self.upload_limit_bytes
        return self.import_limit_bytes if _IMPORT.fullmatch(path) else self.limit_bytes


async def _linger(receive: Receive) -> None:
    """A browser that is still sending sees a broken line instead of the answer: most of them are done in time."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while (await receive()).get("more_body"):
                pass


def _refusal(limit_bytes: int) -> TooLarge:
    limit = limit_bytes >> 20
    return TooLarge(say("The body is larger than {limit} MiB. Send less at once.", limit=limit))


def _counted(receive: Receive, limit_bytes: int) -> Receive:
    read_bytes = 0

    async def counted() -> Message:
        nonlocal read_bytes
        message = await receive()
        read_bytes += len(message.get("body", b""))
        if read_bytes > limit_bytes:
            # The only exception that the framework lets through while it reads a body.
            raise HTTPException(413) from _refusal(limit_bytes)
        return message

    return counted

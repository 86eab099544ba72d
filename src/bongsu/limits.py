"""Bodies larger than a page or a file of configuration ever is are refused before they are read."""

import json
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT_BYTES = 4 << 20


class BodyLimit:
    """Answers 413 by the length that is announced, and cuts the stream of who lied about it."""

    def __init__(self, app: ASGIApp, limit_bytes: int = BODY_LIMIT_BYTES) -> None:
        self.app, self.limit_bytes = app, limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self.limit_bytes:
            await _refuse(send, self.limit_bytes)
            return
        await self.app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        read_bytes = 0

        async def counted() -> Message:
            nonlocal read_bytes
            message = await receive()
            read_bytes += len(message.get("body", b""))
            return message if read_bytes <= self.limit_bytes else {"type": "http.disconnect"}

        return counted


async def _refuse(send: Send, limit_bytes: int) -> None:
    message = f"The body is larger than {limit_bytes} bytes. Send less at once."
    body: dict[str, Any] = {"error": {"code": "too_large", "message": message, "problems": []}}
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})

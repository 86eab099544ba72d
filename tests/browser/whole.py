"""The real application as an ASGI callable whose connections live as long as the server does."""

import asyncio
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from bongsu.app import build_app
from bongsu.kit.settings import Settings


class Whole:
    """For `serve(Whole(settings))`: `bongsu serve` without a process of its own."""

    def __init__(self, settings: Settings) -> None:
        self.app, self._opened = build_app(settings, asyncio.Event())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self.app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        async with self._opened:
            message: Message | Any = await receive()
            assert message["type"] == "lifespan.startup"
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

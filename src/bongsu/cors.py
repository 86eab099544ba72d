"""Pages of listed origins may use the API and look at attachments, with the session of their reader.

Nothing else is opened: pages, forms and the event stream stay with our own origin. The outermost layer, so that
refusals (413, 401) and faults of ours carry the headers too; a page could not read what went wrong otherwise.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bongsu.kit.origins import answer_headers, is_preflight, preflight_headers

PATHS = ("/api/v1", "/attachments")


class Cors:
    """`Vary: Origin` stands on every answer of these paths, so that no cache gives one origin's to another."""

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self.app, self.origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.origins or not _is_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if is_preflight(scope["method"], headers) and origin in self.origins:
            answer = Response(status_code=204, headers=preflight_headers(origin, self.origins))
            answer.headers["vary"] = "Origin"
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, self._marked(origin, send))

    def _marked(self, origin: str | None, send: Send) -> Send:
        granted = answer_headers(origin, self.origins)

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Origin")
                headers.update(granted)
            await send(message)

        return marked


def _is_open(path: str) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in PATHS)

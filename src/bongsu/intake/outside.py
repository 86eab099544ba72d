"""What the intake asks of the world: proofs, which are kept for a while, and confirmations. Both by GET."""

from collections.abc import Awaitable, Callable

from bongsu.kit.errors import Unavailable
from bongsu.kit.i18n import say
from bongsu.net.model import Request, Response

Ask = Callable[[Request], Awaitable[Response]]
KEPT = 32  # certificates; SNS changes its own about once a year for each region
TIMEOUT_S = 5.0
PROOF_BYTES = 64 * 1024


class Outside:
    """One for each process that serves."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._proofs: dict[str, bytes] = {}

    async def proof(self, url: str) -> bytes:
        """Raises Unavailable when it cannot be fetched now."""
        if url not in self._proofs:
            found = await self._get(url)
            while len(self._proofs) >= KEPT:
                self._proofs.pop(next(iter(self._proofs)))
            self._proofs[url] = found
        return self._proofs[url]

    async def confirm(self, url: str) -> None:
        """Raises Unavailable."""
        await self._get(url)

    async def _get(self, url: str) -> bytes:
        wanted = Request(url=url, timeout_s=TIMEOUT_S, body_limit_bytes=PROOF_BYTES)
        answer = await self._ask(wanted)
        if answer.fault is not None or answer.status != 200:
            host = url.split("/")[2]
            raise Unavailable(say("{host} did not answer as it should. Try again.", host=host))
        return answer.body

"""The way out for what people or settings name and that is no check: through the guard of `outward_may_reach`."""

from bongsu.kit.clock import Clock
from bongsu.kit.settings import Settings
from bongsu.net.fetch import Fetcher
from bongsu.net.guard import EgressPolicy
from bongsu.net.model import Request, Response
from bongsu.net.resolver import Resolver


class Outward:
    """One for each process. Resolver and engine are made at the first request: most processes never ask."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Raises Invalid for a policy that cannot be read."""
        self._settings, self._clock = settings, clock
        self._policy = EgressPolicy.parse(settings.outward_may_reach)
        self._fetcher: Fetcher | None = None

    async def __call__(self, request: Request) -> Response:
        """As `Fetcher.fetch`: what goes wrong outside is in the answer."""
        if self._fetcher is None:
            resolver = Resolver.from_settings(self._settings, self._clock)
            self._fetcher = Fetcher(resolver, clock=self._clock)
        return await self._fetcher.fetch(request, self._policy)

    async def close(self) -> None:
        if self._fetcher is not None:
            await self._fetcher.close()
            await self._fetcher.resolver.close()

"""Names to addresses: literal, `/etc/hosts`, then DNS behind a small cache of our own.

A cache of our own because its negative side must be short (a mended name shows within seconds). c-ares
keeps one too, up to the SOA's minimum and with no switch in Python, so a question whose last answer was
bad goes to a channel made after that answer (docs/adr/0022-resolver.md).
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from pycares import AresError

from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.settings import Settings
from bongsu.net.dns import (
    BAD_NAME,
    NEGATIVE_TTL_S,
    Answer,
    Channel,
    NameFault,
    not_asked,
    of_family,
)
from bongsu.net.hosts import HostsFile, Search, is_address, system_search
from bongsu.net.model import Family

_CANARY_FOR_S = 1.0
_CANARY_TIMEOUT_S = 2.0

_Key = tuple[str, Family]


@dataclass(frozen=True, slots=True)
class _Known:
    answer: Answer
    at_s: float
    until_s: float


class Resolver:
    """One for each process. `nameservers` are `host` or `host:port`; empty means the system's."""

    def __init__(
        self,
        *,
        clock: Clock = SYSTEM_CLOCK,
        nameservers: tuple[str, ...] = (),
        canary_name: str = "",
        hosts: Path = Path("/etc/hosts"),
        resolv_conf: Path = Path("/etc/resolv.conf"),
        cache_limit: int = 65_536,
    ) -> None:
        self._clock = clock
        self._nameservers = nameservers
        self._canary_name = canary_name
        self._hosts = HostsFile(hosts, clock)
        self._search = Search() if nameservers else system_search(resolv_conf)
        self._limit = cache_limit
        self._known: dict[_Key, _Known] = {}
        self._flying: dict[_Key, asyncio.Task[Answer]] = {}
        self._channel: Channel | None = None
        self._canary: asyncio.Task[bool] | None = None
        self._canary_until_s = float("-inf")

    @classmethod
    def from_settings(cls, settings: Settings, clock: Clock = SYSTEM_CLOCK) -> "Resolver":
        servers = tuple(filter(None, (part.strip() for part in settings.nameservers.split(","))))
        return cls(clock=clock, nameservers=servers, canary_name=settings.canary_name)

    async def resolve(self, host: str, family: Family = "any", timeout_s: float = 10.0) -> Answer:
        """Addresses in the order of the answer. `any`: IPv4 when the name has one, else IPv6."""
        known = self.known(host, family)
        return await self._shared((host, family), timeout_s) if known is None else known

    def known(self, host: str, family: Family) -> Answer | None:
        """What can be said without asking anybody: nearly always enough."""
        known = self._known.get((host, family))
        if known is not None and known.until_s > self._clock.monotonic_s():
            return known.answer
        if is_address(host):
            return of_family((host,), family)
        if local := self._hosts.lookup(host.lower().rstrip(".")):
            return of_family(local, family)
        return None

    async def canary_ok(self) -> bool | None:
        """Does the configured canary name resolve at this moment? None when none is configured.

        Asked afresh, at most once a second, shared by all who want to know.
        """
        if not self._canary_name:
            return None
        now_s = self._clock.monotonic_s()
        if self._canary is None or (self._canary.done() and now_s >= self._canary_until_s):
            self._canary = asyncio.create_task(self._ask_canary())
            self._canary_until_s = now_s + _CANARY_FOR_S
        return await asyncio.shield(self._canary)

    async def close(self) -> None:
        tasks = [*self._flying.values(), *([self._canary] if self._canary else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._channel is not None:
            await self._channel.retire()
            self._channel = None

    async def _shared(self, key: _Key, timeout_s: float) -> Answer:
        """Everybody who wants one name waits for one question; a waiter who gives up cancels nothing."""
        task = self._flying.get(key)
        if task is None:
            task = asyncio.create_task(self._look_up(key))
            self._flying[key] = task
            task.add_done_callback(lambda _: self._flying.pop(key, None))
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
        if not done:
            return not_asked(f"no answer within {timeout_s:.3g} s")
        return task.result()

    async def _look_up(self, key: _Key) -> Answer:
        host, family = key
        answer: Answer = BAD_NAME
        ttl_s = NEGATIVE_TTL_S
        try:
            async with await self._channel_for(self._known.get(key)) as channel:
                for name in self._search.candidates(host):
                    answer, ttl_s = await channel.ask(name, family)
                    if not isinstance(answer, NameFault) or answer.kind == "resolver":
                        break
        except AresError as error:
            answer = not_asked(str(error))
        self._keep(key, answer, ttl_s)
        return answer

    async def _channel_for(self, known: _Known | None) -> Channel:
        """The shared channel; a new one when the c-ares of the old may still hold a bad answer."""
        bad = known and isinstance(known.answer, NameFault) and known.answer.kind == "name"
        bad_at_s = known.at_s if known and bad else float("-inf")
        old = self._channel
        if old is not None and old.made_s > bad_at_s:
            return old
        self._channel = Channel(self._nameservers, self._clock.monotonic_s())
        if old is not None:
            await old.retire()
        return self._channel

    def _keep(self, key: _Key, answer: Answer, ttl_s: float) -> None:
        """Newest last, oldest out first; a resolver that did not answer is asked again at once."""
        self._known.pop(key, None)
        while len(self._known) >= self._limit:
            self._known.pop(next(iter(self._known)))
        now_s = self._clock.monotonic_s()
        ours = isinstance(answer, NameFault) and answer.kind == "resolver"
        self._known[key] = _Known(answer, now_s, now_s if ours else now_s + ttl_s)

    async def _ask_canary(self) -> bool:
        try:
            channel = Channel(self._nameservers, self._clock.monotonic_s())
        except AresError:
            return False
        try:
            async with asyncio.timeout(_CANARY_TIMEOUT_S):
                answer, _ = await channel.ask(self._canary_name, "any")
        except TimeoutError:
            return False
        finally:
            await channel.retire()
        return not isinstance(answer, NameFault)

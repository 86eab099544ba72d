"""A kind's probe against real counterparts, without a check around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.kind import Shelf
from bongsu.kit.redact import Secret
from bongsu.kit.secretref import Secrets
from bongsu.net.guard import EgressPolicy
from bongsu.watch.checks._context import ProbeContext
from bongsu.watch.model import Observation
from tests.net.servers import LOCAL, fetching

SHELF = Shelf("bongsu.watch.checks")


@asynccontextmanager
async def probing(
    ca_file: Path | None = None,
    *,
    timeout_s: float = 5.0,
    needs: frozenset[str] = frozenset(),
    policy: EgressPolicy = LOCAL,
    secrets: dict[str, str] | None = None,
    **names,
) -> AsyncIterator[ProbeContext]:
    async with fetching(ca_file, **names) as fetcher:
        found = Secrets(SYSTEM_CLOCK, lambda reference: Secret((secrets or {})[reference]))
        yield ProbeContext(fetcher, policy, SYSTEM_CLOCK, found, timeout_s, needs)


async def look(kind: str, options, ca_file: Path | None = None, **more) -> Observation:
    module = SHELF.module(kind)
    async with probing(ca_file, **more) as ctx:
        return await module.probe(module.SPEC.options.model_validate(options), ctx)

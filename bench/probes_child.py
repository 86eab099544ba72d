"""One prober in a process of its own, so that its CPU time is the probes' alone. Argument: what to do, as JSON."""

import asyncio
import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

import uvloop

from bench import schedule_world as load
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.net.fetch import Fetcher
from bongsu.net.guard import EgressPolicy
from bongsu.net.model import Request
from bongsu.net.resolver import Resolver
from bongsu.watch.model import Check
from bongsu.watch.own import OwnFaults
from bongsu.watch.probe import Prober

RUN_S, WARM, AT_ONCE, HOSTS = 1.0, 400, 64, 200
FAILURES = (
    0.005  # a look that a busy machine spoils says so itself; more than these would be a fault
)


async def probe_for(options: dict[str, Any]) -> dict[str, Any]:
    resolver = Resolver(
        nameservers=(f"127.0.0.1:{options['names']}",), canary_name=f"h1.{load.ZONE}"
    )
    fetcher = Fetcher(resolver, ca_file=Path(options["ca"]))
    own = OwnFaults(SYSTEM_CLOCK, resolver.canary_ok)
    own.start()
    policy = EgressPolicy.parse("loopback")
    prober = Prober(fetcher, policy, SYSTEM_CLOCK, own=own)
    requests = [Request(url=url) for url in urls(options)]
    checks = [check(number, url) for number, url in enumerate(urls(options))]
    bad = done = 0

    async def one(number: int) -> None:
        nonlocal bad
        if options["what"] == "engine":
            bad += (await fetcher.fetch(requests[number % HOSTS], policy)).status != 200
        else:
            bad += not (await prober.look(checks[number % HOSTS])).ok

    async def many(enough: Any) -> None:
        nonlocal done
        while not enough():
            done += 1
            await one(done)

    await asyncio.gather(*(many(lambda: done >= WARM) for _ in range(AT_ONCE)))
    gc.freeze()  # as the watch role does
    first, cpu_s, began_s = done, time.process_time(), time.perf_counter()
    end_s = began_s + RUN_S
    await asyncio.gather(*(many(lambda: time.perf_counter() >= end_s) for _ in range(AT_ONCE)))
    seen = {
        "count": done - first,
        "took_s": time.perf_counter() - began_s,
        "cpu_s": time.process_time() - cpu_s,
    }
    own.close()
    await fetcher.close()
    await resolver.close()
    if bad > done * FAILURES:
        raise RuntimeError(f"{bad} of {done} probes failed")
    return seen


def urls(options: dict[str, Any]) -> list[str]:
    """Plain: addresses, as the exporter gets them. TLS and the prober: names, from the resolver's cache."""
    port = options["port"]
    if options["secure"]:
        return [f"https://h{n}.{load.ZONE}:{port}/" for n in range(HOSTS)]
    if options["what"] == "prober":
        return [f"http://h{n}.{load.ZONE}:{port}/" for n in range(HOSTS)]
    return [f"http://{load.address_of(n)}:{port}/" for n in range(HOSTS)]


def check(number: int, url: str) -> Check:
    return Check(number, "c", 1, "s", "http", {"url": url}, 10.0, 5.0)  # type: ignore[arg-type]


if __name__ == "__main__":
    print(json.dumps(uvloop.run(probe_for(json.loads(sys.argv[1])))))

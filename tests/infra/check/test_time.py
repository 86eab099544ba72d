"""A large file is checked while somebody waits for it."""

import time

import pytest
import yaml

from bongsu.infra.check.check import check_file
from bongsu.infra.plan.lock import Lock
from tests.infra.check.support import FILE, TODAY
from tests.infra.support import SMALL


def large(services: int) -> bytes:
    """Behind one load balancer, each using the database and the next one."""
    data = yaml.safe_load(SMALL)
    one = data["services"].pop("web")
    for number in range(services):
        route = {"via": "front", "hosts": [f"s{number}.example.com"]}
        uses = one["uses"] | {f"service-{(number + 1) % services}": "connect"}
        data["services"][f"service-{number}"] = one | {"routes": [route], "uses": uses}
    return yaml.safe_dump(data, sort_keys=False).encode()


@pytest.mark.timing
def test_two_hundred_services_take_at_most_two_seconds():
    text = large(200)
    started = time.perf_counter()

    found = check_file(FILE, text, Lock(), TODAY)

    took_s = time.perf_counter() - started
    print(f"\n200 services, {len(text)} bytes: checked in {took_s:.2f} s")
    assert found.findings == ()
    assert took_s <= 2.0

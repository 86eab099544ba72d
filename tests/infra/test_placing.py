"""How many hosts tasks take: by CPU, memory and network interfaces, with the spare of managed scaling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.infra.model.compute import Service
from bongsu.infra.model.hosts import Capacity
from bongsu.infra.plan.placing import (
    Room,
    at_least,
    at_most,
    hosts_for,
    hosts_running,
    left_over,
    reserved_percent,
    room_of,
)
from tests.infra.support import plan

ON_HOSTS = {"capacity": {"hosts": {}}, "services__web__runs_on": "hosts"}


def task(cpu=256, memory_mib=512, **more):
    return Service.model_validate(
        {"image": {"build": "."}, "cpu": cpu, "memory_mib": memory_mib, **more}
    )


@pytest.mark.parametrize(
    ("instance", "one", "count", "hosts"),
    [
        ("t4g.medium", task(), 2, 1),
        ("t4g.medium", task(), 3, 2),  # three interfaces, and the host has one of them
        ("t4g.xlarge", task(cpu=2048), 3, 2),  # processors
        ("t4g.small", task(memory_mib=1024), 3, 3),  # memory: less than two gibibytes are left
        ("m6g.large", task(), 0, 0),
        ("t3.nano", task(memory_mib=1024), 4, 0),  # fits none of them: CAP001
    ],
)
def test_hosts_are_counted_by_what_is_scarcest(instance, one, count, hosts):
    assert hosts_for(room_of(instance), [one] * count) == hosts


def test_a_machine_that_is_not_known_has_no_room_to_count():
    assert room_of("t9g.small") is None
    unknown = Capacity(instance="t9g.small", image="ami-1", scale={"min": 3, "max": 9})
    assert hosts_running(unknown, [task()] * 20) == 3


@pytest.mark.parametrize(
    ("changes", "tasks", "hosts"),
    [
        ({"target_percent": 100}, 8, 4),
        ({"target_percent": 80}, 8, 5),
        ({"target_percent": 80, "scale": {"min": 2, "max": 4}}, 8, 4),
        ({"scale": {"min": 0, "max": 9}}, 0, 0),
        ({"managed": False, "scale": {"min": 2, "max": 9}}, 8, 2),
    ],
)
def test_managed_scaling_keeps_its_spare_within_the_limits(changes, tasks, hosts):
    block = Capacity.model_validate({"scale": {"min": 2, "max": 9}} | changes)

    assert hosts_running(block, [task()] * tasks) == hosts


def test_reservation_is_that_of_the_scarcest():
    room = Room(2048, 4000, 2)

    assert reserved_percent(room, 2, [task()] * 2) == 50  # interfaces: two of four
    assert reserved_percent(room, 2, [task(memory_mib=3000)]) == 37.5
    assert reserved_percent(room, 0, []) == 0


@given(
    st.lists(st.tuples(st.integers(128, 2048), st.integers(128, 3000)), max_size=12),
    st.integers(1, 4),
)
def test_as_many_hosts_as_are_counted_take_everything_and_none_is_over_full(sizes, interfaces):
    room = Room(2048, 3000, interfaces)
    tasks = [task(cpu, memory) for cpu, memory in sizes]
    hosts = hosts_for(room, tasks)

    assert left_over([room] * hosts, tasks) == []
    assert sum(one.cpu for one in tasks) <= 2048 * hosts
    assert sum(one.memory_mib for one in tasks) <= 3000 * hosts
    assert len(tasks) <= interfaces * hosts


def test_the_plan_keeps_as_many_hosts_as_the_tasks_need():
    scale = {"min": 6, "max": 10}
    found = plan(
        **ON_HOSTS, services__web__scale=scale, capacity__hosts__scale={"min": 2, "max": 9}
    )
    web = found.architecture.services["web"]

    assert found.parts["hosts"].spread() == {"a": 2, "b": 2}  # six tasks, two a host, a tenth spare
    assert (len(at_least([web])), len(at_most([web]))) == (6, 10)


def test_hosts_and_tasks_both_need_addresses():
    on_fargate, on_hosts = plan(), plan(**ON_HOSTS)

    def need(found):
        return found.networks["main"].tier("app")[0].need

    # Four hosts and one beside them in one zone, half as much again.
    assert need(on_hosts) - need(on_fargate) in {7, 8}


def test_hosts_fetch_what_tasks_need_to_start_and_tasks_what_they_need_to_work():
    found = plan(**ON_HOSTS, services__web__secrets={"A": "ssm:/a"}, services__web__internet=True)

    by_part = {
        part: {one.service for one in found.reaches if one.part == part}
        for part in ("web", "hosts")
    }
    assert by_part["web"] == {"s3", "internet"}
    assert by_part["hosts"] == {
        "ecr.api",
        "ecr.dkr",
        "s3",
        "logs",
        "ssm",
        "ecs",
        "ecs-agent",
        "ecs-telemetry",
    }


def test_without_a_nat_the_network_gets_the_endpoints_that_hosts_need():
    found = plan(**ON_HOSTS, networks__main__nat="none")

    names = {one.service for one in found.networks["main"].endpoints}
    assert {"ecs", "ecs-agent", "ecs-telemetry"} <= names

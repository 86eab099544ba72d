"""The tables of machines and of Fargate's pairs."""

import pytest

from bongsu.infra.machines import FARGATE, MACHINES, fitting_memory_mib, valid_pair


@pytest.mark.parametrize(
    ("cpu", "memory_mib", "valid"),
    [
        (256, 512, True), (256, 1024, True), (256, 2048, True), (256, 1536, False), (256, 8192, False),
        (512, 512, False), (512, 4096, True), (1024, 2048, True), (1024, 9216, False), (4096, 30_720, True),
        (8192, 16_384, True), (8192, 17_408, False), (16_384, 122_880, True), (300, 512, False),
    ],
)  # fmt: skip
def test_pairs_are_those_of_the_table(cpu, memory_mib, valid):
    assert valid_pair(cpu, memory_mib) is valid


@pytest.mark.parametrize(
    ("cpu", "memory_mib", "right"),
    [
        (256, 100, 512),
        (256, 600, 1024),
        (256, 8192, None),
        (300, 512, None),
        (8192, 17_000, 20_480),
    ],
)
def test_the_smallest_memory_that_is_enough(cpu, memory_mib, right):
    assert fitting_memory_mib(cpu, memory_mib) == right


def test_every_machine_leaves_most_of_its_memory_and_no_more_than_it_has():
    assert len(MACHINES) > 50
    assert len(FARGATE) == 8
    for machine in MACHINES.values():
        assert machine.memory_mib * 0.7 < machine.usable_mib < machine.memory_mib
        assert machine.architecture in {"arm", "x86"}
        assert machine.interfaces >= 2

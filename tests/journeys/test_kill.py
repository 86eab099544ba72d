"""kill -9 at random moments of the alarm line: nobody is forgotten, nothing that was recorded is lost."""

import pytest

from tests.journeys.kill import Kill, Row, matched, rounds
from tests.journeys.target import Asked, Service

ROUNDS, SERVICES = 6, 10


def asked(serial: int, at_s: float, status: int = 200) -> Asked:
    return Asked(serial, status, at_s, 1000.0 + at_s)


def test_a_request_without_a_row_and_a_row_without_a_request_are_both_found():
    service = Service("s0", 1, asked=[asked(1, 1.0), asked(2, 2.0), asked(3, 3.0)])
    rows = [Row(1, 1000.99), Row(3, 1002.99), Row(3, 1002.99), Row(9, 1002.5)]

    left, missing = matched(service, rows, settled_s=10.0)

    assert missing == [2.0]
    assert left == [Row(3, 1002.99), Row(9, 1002.5)]


def test_a_look_that_gave_up_waiting_stands_for_its_request_and_what_is_too_new_is_not_missed():
    service = Service("s0", 1, asked=[asked(1, 1.0), asked(2, 9.0)])

    left, missing = matched(service, [Row(0, 1000.1)], settled_s=8.0)

    assert (left, missing) == ([], [])


def test_only_the_death_of_watch_excuses_a_row_and_only_around_its_moment():
    assert Kill("watch", 5.0).may_have_lost(4.9)
    assert not Kill("watch", 5.0).may_have_lost(4.0)
    assert not Kill("watch", 5.0).may_have_lost(6.0)
    assert Kill("up", 5.0).may_have_lost(6.0)
    assert not any(Kill(victim, 5.0).may_have_lost(5.0) for victim in ("alarm", "serve", "store"))


@pytest.mark.heavy
@pytest.mark.timeout(400)
def test_rounds_of_kill_9_lose_no_alarm_and_no_result(tmp_path):
    report = rounds(ROUNDS, SERVICES, tmp_path)

    assert report.faults == {}, "\n".join(report.lines())
    assert report.rounds == ROUNDS
    assert report.told_once == report.resolved == report.outages == ROUNDS * SERVICES
    assert report.requests > report.outages
    assert sum(report.kills.values()) == ROUNDS
    assert len(report.kills) == 5

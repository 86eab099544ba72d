"""How parts stand by the checks and alarms that are theirs: pure."""

from datetime import UTC, datetime

from bongsu.architectures.model import Kept, lost_of, stand, states_of, whole
from bongsu.intake.model import Report
from bongsu.services.model import Service
from bongsu.watch.store_pages import Brief

AT = datetime(2026, 11, 28, tzinfo=UTC)
KEPT = Kept(1, "shop", "production", "", "", AT)
PARTS = ("front", "web", "orders", "pictures")


def service(number: int, part: str, environment: str = "production") -> Service:
    tags = ("architecture:shop", f"environment:{environment}", f"part:{part}")
    return Service(number, f"s{number}", part, "", "", tags, (), (), None)


def check(number: int, service_id: int, state, paused: bool = False) -> Brief:
    return Brief(number, service_id, f"c{number}", "http", paused, state, AT, None)


def alarm(state: str, about: str = "orders: cpu", stem: str = "shop-production") -> Report:
    return Report("arn", f"{stem}-Orders-cpu", about, state, AT, "event-1")


def views(services=(), checks=(), reports=()):
    return stand(KEPT, PARTS, services, checks, reports)


def test_a_part_is_as_bad_as_the_worst_of_its_checks_and_leads_to_it():
    found = views([service(1, "web")], [check(1, 1, "up"), check(2, 1, "down"), check(3, 1, None)])

    assert (found[0].name, found[0].state, found[0].href) == ("web", "down", "/checks/2")
    assert [sign.state for sign in found[0].signs] == ["down", "unknown", "up"]
    assert states_of(found) == {"web": "down"}
    assert lost_of(found) == {("web", None)}
    assert whole(found) == "down"


def test_a_paused_check_counts_for_nothing_beside_another_and_is_said_alone():
    both = views([service(1, "web")], [check(1, 1, "down", paused=True), check(2, 1, "up")])
    alone = views([service(1, "web")], [check(1, 1, "down", paused=True)])

    assert (states_of(both), states_of(alone)) == ({"web": "up"}, {"web": "paused"})
    assert (whole(both), whole(alone)) == ("up", None)


def test_another_environment_or_a_part_that_is_gone_colours_nothing():
    found = views(
        [service(1, "web", "staging"), service(2, "gone")],
        [check(1, 1, "down"), check(2, 2, "down")],
        [alarm("down", stem="shop-staging"), alarm("down", about="gone: cpu")],
    )

    assert states_of(found) == {}


def test_an_alarm_makes_its_part_degraded_and_never_strikes_it_out():
    raised, over = views(reports=[alarm("down")]), views(reports=[alarm("up")])

    assert (raised[0].name, raised[0].state, raised[0].href) == (
        "orders", "degraded", "/events/event-1",
    )  # fmt: skip
    assert str(raised[0].worst.reason) == "Alarm: cpu"
    assert lost_of(raised) == frozenset()
    assert states_of(over) == {"orders": "up"}


def test_parts_keep_the_order_of_the_file_within_a_state():
    assert [one.name for one in views()] == list(PARTS)

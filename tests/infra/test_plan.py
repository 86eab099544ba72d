"""What the plan works out, and that what was given out never moves."""

from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from bongsu.infra.plan.cidr import LARGEST, SMALLEST, overlaps, usable
from bongsu.infra.plan.lock import Lock, parse
from bongsu.infra.plan.plan import locked, make_plan
from tests.infra.check.support import checked, ids
from tests.infra.support import SMALL, plan, source


def ranges(planned):
    return {subnet.key: subnet.cidr for subnet in planned.networks["main"].subnets}


def test_the_range_is_as_large_as_the_need_and_not_a_habit():
    network = plan().networks["main"]

    assert network.cidr.prefixlen == 24
    assert all(usable(subnet.cidr.prefixlen) >= subnet.need for subnet in network.subnets)


@given(
    zones=st.integers(1, 4),
    copies=st.integers(1, 2),
    most=st.integers(2, 200),
    nat=st.sampled_from(["per-az", "regional", "single", "instance", "none"]),
)
def test_subnets_fit_lie_inside_and_touch_nothing(zones, copies, most, nat):
    changes = {
        "networks__main": {"zones": zones, "nat": nat, "growth": {"copies": copies}},
        "services__web__scale": {"min": 2, "max": most},
    }

    planned = plan(**changes)

    network = planned.networks["main"]
    assert planned.no_room == ()
    assert list(overlaps({**ranges(planned), **network.reserved})) == []
    assert all(subnet.cidr.subnet_of(network.cidr) for subnet in network.subnets)
    assert all(LARGEST <= subnet.cidr.prefixlen <= SMALLEST for subnet in network.subnets)
    assert all(usable(subnet.cidr.prefixlen) >= subnet.need for subnet in network.subnets)


@given(
    first=st.integers(1, 3), then=st.integers(1, 4), most=st.integers(2, 300), caches=st.booleans()
)
def test_a_zone_a_tier_or_a_service_more_moves_no_range(first, then, most, caches):
    before = plan(networks__main__zones=first)
    lock = locked(before, Lock())
    changes = {"networks__main__zones": then, "services__web__scale": {"min": 2, "max": most}}
    changes |= {"caches": {"sessions": {}}} if caches else {}
    changes |= {"services__web__volume": {"path": "/data"}}

    after = plan(lock=parse(lock.text(), "lock"), **changes)

    assert after.networks["main"].cidr == before.networks["main"].cidr
    kept = ranges(before)
    assert all(kept[key] == cidr for key, cidr in ranges(after).items() if key in kept)
    again = locked(after, lock).of("production")["main"].ranges
    assert all(again[key] == cidr for key, cidr in kept.items())  # also of a zone that is gone


def test_ranges_to_avoid_and_those_beyond_the_gateway_are_not_touched():
    text = {"networks__main__avoid": ["10.0.0.0/9", "10.128.0.0/10"]}

    assert plan(**text).networks["main"].cidr.subnet_of(IPv4Network("10.192.0.0/10"))


def test_openings_are_what_links_need_unless_written_by_hand():
    by_plan = plan().openings_of("web")
    by_hand = plan(services__web__ingress=[{"cidr": "0.0.0.0/0", "ports": "0-65535"}]).openings_of(
        "web"
    )

    assert [(one.source, one.first, one.by_hand) for one in by_plan] == [("front", 3000, False)]
    assert [(str(one.source), one.last, one.by_hand) for one in by_hand] == [
        ("0.0.0.0/0", 65535, True)
    ]


def test_a_part_of_a_joined_network_is_admitted_by_its_own_subnets():
    """A rule can name security groups of its own network only."""
    far = {f"{place}__network": "main" for place in ("services__web", "load_balancers__front")}
    far |= {"networks__far": {"nat": "none"}, "databases__orders__network": "far"}

    joined = plan(transit={"networks": ["main", "far"]}, **far)

    subnets = {one.cidr for one in joined.networks["main"].tier("app")}
    assert {one.source for one in joined.openings_of("orders")} == subnets
    assert {(one.first, one.by_hand) for one in joined.openings_of("orders")} == {(5432, False)}
    changes = {place.replace("__", "."): value for place, value in far.items()}
    assert ids(checked(changes | {"transit": {"networks": ["main", "far"]}})) == []


def test_without_a_nat_every_service_that_is_called_has_an_endpoint():
    endpoints = {
        one.service: one.gateway
        for one in plan(networks__main__nat="none").networks["main"].endpoints
    }

    assert endpoints == {"ecr.api": False, "ecr.dkr": False, "logs": False, "s3": True}
    assert [one.service for one in plan().networks["main"].endpoints] == ["s3"]


def test_the_lock_of_one_environment_leaves_the_other_alone():
    both = "environments: {production: {}, staging: {}}\n"
    lock = Lock()
    for environment in ("production", "staging"):
        lock = locked(make_plan(source(SMALL + both, environment).architecture, lock), lock)

    assert set(lock.held) == {"production", "staging"}
    assert parse(lock.text(), "lock") == lock


def test_the_public_registry_lies_in_the_internet_and_a_private_one_does_not():
    uris = {
        "public.ecr.aws/nginx/nginx:1": "internet",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1": "ecr.dkr",
    }

    for uri, service in uris.items():
        reached = {
            one.service
            for one in plan(services__web__image={"uri": uri}).reaches
            if one.part == "web"
        }
        assert service in reached
        assert len({"internet", "ecr.dkr"} & reached) == 1


def test_a_network_load_balancer_with_tls_listens_on_nothing_plain():
    balancer = {"kind": "network", "tls": True, "hosts": ["shop.example.com"]}
    changes = {"load_balancers__front": balancer, "services__web__routes": [{"via": "front"}]}

    assert [one.first for one in plan(**changes).openings_of("front")] == [443]


def test_an_endpoint_that_is_named_twice_is_there_once():
    network = plan(networks__main__endpoints=["logs", "s3", "logs"]).networks["main"]

    assert [one.service for one in network.endpoints] == ["logs", "s3"]

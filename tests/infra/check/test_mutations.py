"""One mistake, one finding: each rule speaks when it must, and no other speaks with it."""

from itertools import combinations, product

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.infra.check.rule import ACROSS as RULES_ACROSS
from bongsu.infra.check.rule import RULES
from bongsu.infra.plan.lock import Lock
from bongsu.infra.plan.plan import locked
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import LANGUAGES
from tests.infra.check.mutations import ACROSS, API, MUTATIONS, TWO
from tests.infra.check.mutations_clusters import PODS
from tests.infra.check.mutations_delivery import DELIVERED
from tests.infra.check.mutations_gateways import MEANT
from tests.infra.check.mutations_hosts import RIGHT
from tests.infra.check.mutations_messages import MEANT as SENT
from tests.infra.check.support import checked, ids
from tests.infra.support import SMALL, plan


def named(rows):
    return [
        pytest.param(*row, id=f"{row[0]}-{index}-{next(iter(row[2]))}")
        for index, row in enumerate(rows)
    ]


@pytest.mark.parametrize("text", [SMALL, TWO])
def test_what_is_right_has_no_finding(text):
    assert ids(checked(text=text)) == []


@pytest.mark.parametrize(("rule", "severity", "changes"), named(MUTATIONS))
def test_one_mistake_is_one_finding(rule, severity, changes):
    found = checked(changes).findings

    assert [(one.id, one.severity, str(one.message)) for one in found] == [
        (rule, severity, str(found[0].message) if found else "")
    ]
    assert found[0].line > 1 or len(found[0].path) == 1


@pytest.mark.parametrize(("rule", "severity", "changes"), named(ACROSS))
def test_one_mistake_between_environments_is_one_finding(rule, severity, changes):
    found = checked(changes, TWO).findings

    assert [(one.id, one.severity) for one in found] == [(rule, severity)]


def test_a_range_in_the_file_that_is_not_the_one_that_was_given_out_is_said():
    lock = locked(plan(networks__main__cidr="10.20.0.0/23"), Lock())

    moved = checked({"networks.main.cidr": "10.24.0.0/23"}, lock=lock)
    widened = checked({"networks.main.prefixes": {"app": 26}}, lock=lock)

    assert (ids(moved), ids(widened)) == (["NET013"], ["NET013"])


def test_every_rule_is_fired_by_some_mutation():
    fired = {row[0] for row in (*MUTATIONS, *ACROSS)} | {"NET013"}

    assert set(RULES) | set(RULES_ACROSS) == fired


def test_two_mistakes_at_once_are_told_in_both_languages():
    """One may hide the other, such as a firewall in front; none of them hides itself."""
    for one, other in list(combinations(MUTATIONS, 2))[::97]:
        if _apart(one[2], other[2]):
            try:
                found = checked(one[2] | other[2])
            except Invalid:
                continue

            assert {one[0], other[0]} & set(ids(found))
            assert all(said.message.to(tongue) for said in found.findings for tongue in LANGUAGES)


def _apart(ones, others):
    pairs = product(ones, others)
    return not any(a == b or a.startswith(f"{b}.") or b.startswith(f"{a}.") for a, b in pairs)


def test_there_are_enough_mistakes():
    assert len(MUTATIONS) + len(ACROSS) >= 60


@pytest.mark.parametrize(
    "changes",
    [
        {"services.web.environment": {"TOKEN_TTL_S": "300", "DB_PASSWORD": "${orders}", "API_KEY": "",
                                      "SECRET_KEY": "env:KEY", "PICTURES": "s3://${pictures}/new"}},
        {"services.web.image": {"uri": f"ghcr.io/shop/web@sha256:{'a' * 64}"}},
        {"services.web.ingress": [{"source": "front", "ports": "3000"}]},
        {"load_balancers.front.allow": ["203.0.113.0/24"]},
        {"networks.main.zones": 3, "services.web.scale": {"min": 3, "max": 9}},
        {"databases.orders": {"engine": "aurora-postgres", "instance": "db.r7g.large", "readers": 1}},
        {"networks.main.nat": "regional"},
        {"services.api": API | {"environment": {"CORS_ORIGINS": "https://shop.example.com"}}},
        {"services.web.routes": [{"via": "front", "hosts": ["shop.example.com", "www.shop.example.com"]}]},
        {"services.web.routes": [{"via": "front", "hosts": ["shop.example.com", "api.shop.example.com"]}]},
        {"services.web.environment.DATABASE_HOST": None, "services.web.secrets": {"DATABASE": "${orders}"}},
        {"services.web.environment": {}, "services.web.secrets": {"URL": "shop/url"}},
        {"services.web.environment.SELF": "https://${front}"},
        {"functions.small": {"handler": "a.small", "on": [{"bucket": "pictures"}], "uses": {"pictures": "read"}}},
        {"load_balancers.front": {"allow": ["203.0.113.0/24"]}},
        {"networks.main.nat": "none"},
        {"servers.app": {"instance": "t3.large", "image": "al2023-x86", "memory_needed_mib": 6000}},
        PODS,
        PODS | {"networks.main.nat": "none", "clusters.apps.pods": {"cidr": "100.64.0.0/18"}},
        PODS | {"clusters.apps.endpoint": {"public": True, "allow": ["203.0.113.0/24", "172.20.0.0/16"]}},
        *RIGHT,
        {"services.web.cpu": 4096, "services.web.memory_mib": 30_720},
        *MEANT,
        *SENT,
        *DELIVERED,
    ],
)  # fmt: skip
def test_what_is_meant_is_left_in_peace(changes):
    assert ids(checked(changes)) == []


@pytest.mark.parametrize(
    ("rule", "severity", "changes"), named(row for row in MUTATIONS if row[1] != "error")
)
def test_what_the_check_calls_no_error_can_be_built(rule, severity, changes):
    """Whoever hears of nothing worse than a warning is not refused by the next command."""
    made = plan(**{place.replace(".", "__"): value for place, value in changes.items()})

    assert build_graph(made).resources, f"{severity} {rule}"

"""What a plan costs: each part asks for its lines, and the report says how far it may be believed."""

import pytest

from bongsu.infra.cost.breakeven import BreakEven, break_evens
from bongsu.infra.cost.difference import difference
from bongsu.infra.cost.hours import share_running
from bongsu.infra.cost.prices import Prices, load_prices
from bongsu.infra.cost.report import cost_report
from bongsu.infra.cost.traffic import LEVELS, month
from bongsu.infra.machines import MACHINES
from bongsu.infra.model.expected import Traffic
from bongsu.infra.model.watching import Hours
from bongsu.infra.plan.plan import make_plan
from tests.infra.support import CASES, example, plan

PRICES = load_prices()
REGIONS = {row.region for row in PRICES.rows.values()}
PRICED = [case for case in CASES if example(*case).architecture.region in REGIONS]
AURORA = {"engine": "aurora-mysql", "instance": "db.t4g.medium"}
ADDRESSES = ["192.0.2.1", "192.0.2.2"]
OLD = {"old": {"name": "old.example.com", "addresses": ADDRESSES, "checked": True}}


def report(prices=PRICES, **changes):
    return cost_report(plan(**changes), prices)


def line(found, service, item):
    return next(one for one in found.expected.lines if (one.service, one.item) == (service, item))


def test_a_line_is_a_quantity_times_a_price():
    one = line(report(), "rds", "postgres:db.t4g.small:multi")

    assert (one.quantity, one.unit, one.part, one.path) == (
        730,
        "hour",
        "orders",
        ("databases", "orders"),
    )
    assert one.usd == pytest.approx(730 * PRICES.of("ap-northeast-2", "rds", one.item).usd)


@pytest.mark.parametrize(("name", "environment"), PRICED)
def test_examples_are_priced_without_a_gap(name, environment):
    found = cost_report(make_plan(example(name, environment).architecture), PRICES)

    assert found.expected.missing == ()
    totals = [found.costs[level].total_usd for level in LEVELS]
    assert totals == sorted(totals)
    assert totals[0] > 50


def test_a_busier_month_costs_more_and_each_level_is_kept():
    totals = report().as_json()["total_usd"]

    assert totals["low"] < totals["expected"] < totals["high"]


def test_a_row_that_is_missing_is_named_and_never_nothing():
    rows = [row for row in PRICES.rows.values() if (row.service, row.item) != ("vpc", "nat")]

    found = report(Prices(rows))

    assert found.as_json()["missing"] == ["vpc nat", "vpc nat"]
    assert any("2 lines have no price" in said.to("en") for said in found.said())
    assert any("가격" in said.to("ko") for said in found.said())


def test_unverified_prices_are_said_in_every_report():
    assert any("nobody has verified" in said.to("en") for said in report().said())


def test_the_file_replaces_what_is_assumed():
    found = report(
        traffic={"requests": 1000, "out_gb": 1, "nat_gb": 7, "log_gb": 1, "stored_gb": 1}
    )

    assert line(found, "vpc", "nat:gb").quantity == 7
    assert not any("Assumed" in said.to("en") for said in found.said())
    assert month("high", Traffic(nat_gb=7)).nat_gb == 28
    assert "requests" in month("low", Traffic(nat_gb=7)).assumed


@pytest.mark.parametrize(
    ("hours", "share"),
    [
        (None, 1.0),
        (Hours(), 60 / 168),
        (Hours(days="MON", start="22:00", stop="02:00"), 4 / 168),
        (Hours(days="SAT-SUN", start="00:00", stop="00:00"), 48 / 168),
        (Hours(days="SAT-MON"), 36 / 168),
    ],
)
def test_office_hours_are_a_share_of_the_week(hours, share):
    assert share_running(hours) == pytest.approx(share)


def test_office_hours_are_said_in_money_and_stop_only_what_can_stop():
    found = report(hours={})

    cost = found.expected
    stopping = sum(one.usd for one in cost.lines if one.stops)
    assert cost.saved_usd == pytest.approx(stopping * (1 - 60 / 168))
    assert {one.service for one in cost.lines if one.stops} == {"fargate", "rds"}
    assert any(said.to("en").startswith("Office hours save") for said in found.said())


@pytest.mark.parametrize(
    ("changes", "service", "item", "quantity"),
    [
        ({"networks__main__nat": "single"}, "vpc", "nat", 730),
        ({"networks__main__nat": "regional"}, "vpc", "nat-regional", 1460),
        ({"networks__main__nat": "instance"}, "ec2", "t4g.nano", 730),
        ({"networks__main__nat": "none"}, "vpc", "endpoint", 730 * 3 * 2),
        ({"services__web__spot": True}, "fargate", "arm-spot:vcpu", 365),
        ({"databases__orders__readers": 2}, "rds", "storage:single", 40),
        ({"databases__orders": AURORA}, "rds", "aurora-mysql:db.t4g.medium:single", 1460),
        ({"databases__orders__backup_days": 30}, "rds", "backup", 10),
        ({"services__web__volume": {"path": "/data"}}, "efs", "storage", 50),
        ({"services__web__secrets": {"A": "shop/a", "B": "shop/a", "C": "ssm:/c"}}, "secrets", "secret", 2),
        ({"load_balancers__front__kind": "network"}, "elb", "network", 730),
        ({"records": OLD}, "route53", "health-check", 2),
    ],
)  # fmt: skip
def test_each_choice_has_its_line(changes, service, item, quantity):
    assert line(report(**changes), service, item).quantity == pytest.approx(quantity)


def test_shield_advanced_is_paid_once_and_the_line_out_is_the_distributions():
    found = cost_report(make_plan(example("004-hybrid").architecture), PRICES)

    assert line(found, "shield", "advanced").usd == 3000
    assert line(found, "cloudfront", "gb").part == "www"
    assert "transfer out:gb" not in {f"{one.service} {one.item}" for one in found.expected.lines}
    assert line(found, "tgw", "attachment").quantity == 1460
    assert line(found, "tgw", "gb").quantity == pytest.approx(20)


def test_a_machine_is_cheaper_only_from_some_reservation_on():
    found = report(
        region="us-east-1", services__web__cpu=1024, services__web__memory_mib=2048,
        services__web__scale={"min": 40, "max": 80},
    ).break_evens[0]  # fmt: skip

    assert found.service == "web"
    assert 0 < found.percent < 150
    assert found.machines * found.tasks_per_machine >= found.copies
    assert (found.reservation_percent > found.percent) == (found.saved_usd > 0)


def test_the_break_even_is_computed_from_the_table():
    """c7g.large without a disk at 0.0725 against 2 vCPU and 3 tasks of 0.5 vCPU and 1 GiB."""
    task_usd = 0.03238 * 0.5 + 0.00356 * 1
    here = plan(region="us-east-1", services__web__cpu=512, services__web__memory_mib=1024)

    (found,) = break_evens(here, PRICES, [MACHINES["c7g.large"]])

    disk_usd = 0.08 * 20 / 730
    assert found.tasks_per_machine == 3
    assert found.percent == pytest.approx(100 * (0.0725 + disk_usd) / (3 * task_usd))


@pytest.mark.parametrize(
    ("percent", "ec2_usd", "said"),
    [
        (110.0, 90.0, "web: Fargate is always cheaper than c7g.large, the best machine that fits."),
        (80.0, 90.0, "web: c7g.large wins from 80 % reservation on; at 95 % it saves 10.0 USD."),
        (
            80.0,
            130.0,
            "web: c7g.large wins from 80 % reservation on; at 95 % Fargate saves 30.0 USD.",
        ),
    ],
)
def test_who_is_cheaper_is_said(percent, ec2_usd, said):
    one = BreakEven("web", "c7g.large", 3, percent, 4, 2, 95.0, 100.0, ec2_usd)

    assert one.said().to("en") == said
    assert one.said().to("ko") != said
    assert one.as_json()["saved_usd"] == 100.0 - ec2_usd


def test_without_a_price_there_is_no_comparison():
    rows = [row for row in PRICES.rows.values() if row.service != "ebs"]

    assert report(Prices(rows)).break_evens == ()


def test_parts_are_summed_and_the_dearest_comes_first():
    sums = report(hours={}).expected.by_part()

    assert list(sums.values()) == sorted(sums.values(), reverse=True)
    assert sum(sums.values()) == pytest.approx(report(hours={}).expected.total_usd)


def test_nothing_that_fits_is_no_comparison():
    assert report(services__web__cpu=16384, services__web__memory_mib=122880).break_evens == ()


def test_a_change_is_said_line_by_line():
    before, after = report().expected, report(networks__main__nat="single").expected

    found = difference(before, after)

    assert [(one.kind, one.part, one.item) for one in found.changes] == [
        ("removed", "main/b", "nat"),
        ("changed", "main", "public-ipv4"),
    ]
    assert found.usd == pytest.approx(-730 * (0.059 + 0.005))
    assert found.said().to("en").startswith("46.72 USD a month less")
    assert difference(before, before).changes == ()
    assert difference(before, before).said().to("en").startswith("It costs the same")
    assert difference(after, before).changes[0].kind == "added"
    assert difference(after, before).as_json()["changes"][0]["usd"] == 43.07


# --- hosts

ON_HOSTS = {
    "capacity__hosts": {"instance": "t4g.small", "target_percent": 100},
    "services__web__runs_on": "hosts",
    "services__web__cpu": 512,
    "services__web__memory_mib": 768,
}


def test_tasks_on_hosts_cost_their_hosts_and_nothing_of_fargate():
    found = report(**ON_HOSTS)

    assert not [one for one in found.expected.lines if one.service == "fargate"]
    machine = line(found, "ec2", "t4g.small")
    assert (machine.part, machine.quantity, machine.stops) == ("hosts", 2 * 730, True)
    assert line(found, "ebs", "gp3").quantity == 2 * 30
    assert found.break_evens == ()


def test_a_busy_month_has_the_hosts_that_all_tasks_need():
    many = {
        "services__web__scale": {"min": 2, "max": 7},
        "capacity__hosts__scale": {"min": 2, "max": 9},
    }
    found = report(**ON_HOSTS | many)

    busy = next(one for one in found.costs["high"].lines if one.item == "t4g.small")
    assert busy.quantity == 4 * 730  # two tasks each: interfaces


def test_hosts_are_compared_with_fargate_at_their_reservation():
    (half,), (full,) = (
        report(**ON_HOSTS).hosts,
        report(**ON_HOSTS, services__web__scale={"min": 4, "max": 4}).hosts,
    )

    assert (half.tasks, half.reservation_percent, full.tasks) == (2, 50, 4)
    assert full.reservation_percent == 100
    assert half.percent == pytest.approx(
        full.percent
    )  # of the machine and the task, not of how many there are
    assert full.saved_usd > 0 > half.saved_usd
    assert half.ec2_usd == pytest.approx(
        2 * (0.0208 * 730 + 30 * PRICES.of("ap-northeast-2", "ebs", "gp3").usd)
    )
    assert half.percent / half.reservation_percent == pytest.approx(half.ec2_usd / half.fargate_usd)


@pytest.mark.parametrize(
    "changes",
    [
        {"capacity__hosts": {"instance": "m99.large", "image": "ami-1"}},
        {"capacity__hosts": {"instance": "c7g.16xlarge"}},
        {
            "capacity__hosts": {"scale": {"min": 0, "max": 2}},
            "services__web__scale": {"min": 0, "max": 2},
        },
    ],
)
def test_what_is_not_known_is_not_compared(changes):
    assert report(**ON_HOSTS | changes).hosts == ()


NIGHTLY = {"build": "src", "handler": "a.b", "uses": {"pictures": "write"}}


def test_a_schedule_says_itself_how_often_it_starts_a_function():
    found = report(functions__nightly=NIGHTLY | {"on": [{"schedule": "cron(0 3 * * ? *)"}]})
    uploads = report(functions__nightly=NIGHTLY | {"on": [{"bucket": "pictures", "prefix": "in/"}]})

    assert line(found, "lambda", "requests").quantity == pytest.approx(365 / 12 / 1e6)
    assert line(uploads, "lambda", "requests").quantity == pytest.approx(1.0)


def test_what_speaks_to_nobody_pays_for_no_traffic_and_writes_no_log():
    text = "name: shop\nregion: ap-northeast-2\nbuckets: {pictures: {}}\n"

    services = {(one.service, one.item) for one in cost_report(plan(text), PRICES).expected.lines}

    assert services == {("s3", "storage"), ("s3", "put"), ("s3", "get")}


@pytest.mark.parametrize(
    ("region", "head"),
    [
        ("eu-central-1", "What production costs is not known: no price of eu-central-1 is in the table."),
        ("us-east-1", "production costs more than "),
    ],
)  # fmt: skip
def test_a_sum_that_lacks_prices_says_so_before_anything_else(region, head):
    rows = [row for row in PRICES.rows.values() if (row.service, row.item) != ("vpc", "nat")]

    found = report(Prices(rows), region=region)

    assert str(found.said()[0]).startswith(head)


def test_a_difference_without_a_price_says_what_it_leaves_out():
    without = {"databases": None, "services__web__uses": {}, "services__web__environment": {}}
    before, after = report(region="eu-central-1"), report(region="eu-central-1", **without)

    found = difference(before.expected, after.expected)

    assert "rds postgres:db.t4g.small:multi" in str(found.unpriced())
    assert difference(report().expected, report(**without).expected).unpriced() is None

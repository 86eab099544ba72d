"""Prices of today: boto3 asks a price list of our own, which behaves as AWS's is documented to."""

from contextlib import contextmanager
from datetime import date

import pytest

from bongsu.cli import main
from bongsu.infra.cost.price_list import TRIES, PriceList
from bongsu.infra.cost.prices import Price, Prices, load_prices
from bongsu.infra.cost.refresh import question, refresh
from bongsu.infra.deploy.aws import clients
from bongsu.kit.errors import Invalid, NotFound, Unavailable
from bongsu.kit.i18n import say
from tests.aws.emulator import credentials
from tests.infra.cost.price_server import Listed, product, serving

TODAY = date(2026, 12, 1)
MACHINE = {
    "regionCode": "us-east-1", "operatingSystem": "Linux", "tenancy": "Shared",
    "preInstalledSw": "NA", "capacitystatus": "Used",
}  # fmt: skip


def row(service, item, usd=1.0, region="us-east-1"):
    return Price(region, service, item, "hour", usd, "2025-01-01", "https://a", False)


def machine(name, *usd, **more):
    return product(list(usd), **MACHINE | {"instanceType": name} | more)


@contextmanager
def listed(monkeypatch, *machines, **more):
    """The list, and what asks it; waits are only counted."""
    credentials(monkeypatch)
    told, waits = Listed({"AmazonEC2": [*machines]}, **more), []
    with serving(told) as address:
        yield told, PriceList(clients(address)("pricing", "us-east-1"), waits.append), waits


def test_one_price_is_taken_with_its_date_and_others_stay(monkeypatch):
    rows = [row("ec2", "big"), row("ec2", "same", 2.0), row("ec2", "unclear"), row("waf", "acl")]
    others = machine("big", 9.0, tenancy="Dedicated"), machine("big", 8.0, regionCode="eu-west-1")
    found_there = machine("big", 3.0), machine("same", 2.0, 0.0), machine("unclear", 1.0, 2.0)

    with listed(monkeypatch, *others, *found_there) as (_, asked, _waits):
        found = refresh(Prices([*rows, row("ec2", "gone")]), asked, TODAY)

    taken = found.prices.of("us-east-1", "ec2", "big")
    assert (taken.usd, taken.as_of, taken.verified) == (3.0, "2026-12-01", True)
    assert taken.source_url.startswith("https://pricing.us-east-1.")
    assert ([one.item for one in found.changed], found.confirmed) == (["big"], 1)
    assert [one.item for one in found.kept] == ["unclear", "acl", "gone"]
    assert not found.prices.of("us-east-1", "ec2", "unclear").verified


def test_a_second_price_on_a_later_page_is_seen(monkeypatch):
    several = [machine("big", usd) for usd in (3.0, 3.0, 3.0, 3.0, 4.0)]

    with listed(monkeypatch, *several) as (told, asked, _waits):
        found = refresh(Prices([row("ec2", "big")]), asked, TODAY)

    assert [one.item for one in found.kept] == ["big"]
    assert [one.get("NextToken") for one in told.asked] == [None, "2", "4"]


def test_a_list_that_asks_to_slow_down_is_waited_for(monkeypatch):
    with listed(monkeypatch, machine("big", 3.0), busy=5) as (_, asked, waits):
        found = refresh(Prices([row("ec2", "big")]), asked, TODAY)

    assert len(found.changed) == 1
    assert waits == [1.0]  # boto3 tries four times by itself


def test_one_that_stays_busy_or_refuses_ends_it_with_its_reason(monkeypatch):
    with listed(monkeypatch, refused="ThrottlingException") as (_, asked, waits):
        asked._once = busy
        with pytest.raises(Unavailable, match="busy"):
            refresh(Prices([row("ec2", "big")]), asked, TODAY)
    assert waits == [2.0**n for n in range(TRIES - 1)]
    with (
        listed(monkeypatch, refused="AccessDeniedException") as (told, asked, waits),
        pytest.raises(Invalid, match=r"AWS refused the price list: .*AccessDenied"),
    ):
        refresh(Prices([row("ec2", "big")]), asked, TODAY)
    assert (len(told.asked), waits) == (1, [])


def busy(asked):
    raise Unavailable(say("busy"))


def test_questions_leave_one_product():
    assert question(row("rds", "mysql:db.m7g.large:multi"))[1] == {
        "regionCode": "us-east-1",
        "instanceType": "db.m7g.large",
        "databaseEngine": "MySQL",
        "deploymentOption": "Multi-AZ",
    }
    assert question(row("fargate", "arm:gb"))[1]["usagetype"] == "USE1-Fargate-ARM-GB-Hours"
    assert question(row("elasticache", "valkey:cache.t4g.small"))[1]["cacheEngine"] == "Valkey"
    assert question(row("rds", "storage:multi")) is None


def test_the_command_writes_a_table_that_cost_reads_and_names_what_it_kept(
    monkeypatch, tmp_path, capsys
):
    before, after = tmp_path / "before.csv", tmp_path / "after.csv"
    before.write_text(Prices([row("ec2", "big"), row("waf", "acl")]).text())
    file = tmp_path / "architecture.yaml"
    file.write_text("name: shop\nregion: us-east-1\nbuckets: {pictures: {}}\n")
    with listed(monkeypatch, machine("big", 3.0)) as (_, asked, _waits):
        address = asked.client.meta.endpoint_url
        words = ["--prices", str(before), "--out", str(after), "--endpoint-url", address]

        assert main(["infra", "prices", "refresh", *words]) == 0

    said = capsys.readouterr().out
    assert "1 prices changed, 0 confirmed, 1 kept as they were." in said
    assert "Kept: us-east-1 waf acl" in said
    assert load_prices(after).of("us-east-1", "ec2", "big").usd == 3.0
    assert main(["infra", "cost", str(file), "--prices", str(after)]) == 0


def test_a_table_that_is_none_or_not_there_is_said(tmp_path):
    with pytest.raises(NotFound, match="There is no file"):
        load_prices(tmp_path / "none.csv")
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    with pytest.raises(Invalid, match="is not a table"):
        load_prices(tmp_path / "wrong.csv")

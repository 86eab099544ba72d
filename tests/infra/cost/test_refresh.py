"""Prices of today. The client is our own stand-in: moto has no price list."""

import json
from datetime import date

from bongsu.infra.cost.prices import Price, Prices
from bongsu.infra.cost.refresh import question, refresh

TODAY = date(2026, 12, 1)


def row(service, item, usd=1.0, region="us-east-1"):
    return Price(region, service, item, "hour", usd, "2025-01-01", "https://a", False)


class List:
    """Answers by the value of one filter."""

    def __init__(self, **usd_of):
        self.usd_of, self.asked = usd_of, []

    def get_products(self, **asked):
        self.asked.append(asked)
        values = [one["Value"] for one in asked["Filters"]]
        found = next((usd for name, usd in self.usd_of.items() if name in values), [])
        return {"PriceList": [product(usd) for usd in found]}


def product(usd):
    dimension = {"unit": "Hrs", "pricePerUnit": {"USD": str(usd)}}
    return json.dumps({"terms": {"OnDemand": {"a": {"priceDimensions": {"b": dimension}}}}})


def test_one_price_is_taken_with_its_date_and_others_stay():
    rows = [row("ec2", "big"), row("ec2", "same", 2.0), row("ec2", "unclear"), row("waf", "acl")]

    found = refresh(Prices(rows), List(big=[3.0], same=[2.0, 0.0], unclear=[1.0, 2.0]), TODAY)

    taken = found.prices.of("us-east-1", "ec2", "big")
    assert (taken.usd, taken.as_of, taken.verified) == (3.0, "2026-12-01", True)
    assert ([one.item for one in found.changed], found.confirmed) == (["big"], 1)
    assert [one.item for one in found.kept] == ["unclear", "acl"]
    assert not found.prices.of("us-east-1", "ec2", "unclear").verified


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

"""Prices of today from AWS's price list, for those rows that can be asked for without guessing.

Needs credentials that may call `pricing:GetProducts`. UNPROVEN against AWS: no account and no emulator that
answers this call was at hand (moto has no pricing); the tests use a client of their own that answers in the
shape that the documentation gives.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from bongsu.infra.cost.prices import Price, Prices

ENDPOINT_REGION = "us-east-1"  # where the price list is asked, whatever the region of the price
SOURCE = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/index.json"
ENGINES = {
    "postgres": "PostgreSQL",
    "mysql": "MySQL",
    "aurora-postgres": "Aurora PostgreSQL",
    "aurora-mysql": "Aurora MySQL",
}
DEPLOYMENTS = {"single": "Single-AZ", "multi": "Multi-AZ"}
PREFIX = {"us-east-1": "USE1", "ap-northeast-2": "APN2"}  # of usage types
FARGATE = {
    "x86:vcpu": "Fargate-vCPU-Hours:perCPU",
    "x86:gb": "Fargate-GB-Hours",
    "arm:vcpu": "Fargate-ARM-vCPU-Hours:perCPU",
    "arm:gb": "Fargate-ARM-GB-Hours",
}


class Client(Protocol):
    """The part of boto3's `pricing` client that is used."""

    def get_products(self, **asked: Any) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Refreshed:
    """`kept`: rows that stay as they were, because the list gave none or several prices for them."""

    prices: Prices
    changed: tuple[Price, ...]
    confirmed: int
    kept: tuple[Price, ...]


def refresh(prices: Prices, client: Client, today: date) -> Refreshed:
    """Never raises for a row that is not found; errors of the client itself are the caller's."""
    rows, changed, kept, confirmed = [], [], [], 0
    for row in prices.rows.values():
        usd = _asked(row, client)
        if usd is None:
            kept.append(row)
            rows.append(row)
            continue
        fresh = replace(row, usd=usd, as_of=today.isoformat(), source_url=SOURCE, verified=True)
        rows.append(fresh)
        if usd == row.usd:
            confirmed += 1
        else:
            changed.append(fresh)
    return Refreshed(Prices(rows), tuple(changed), confirmed, tuple(kept))


def question(row: Price) -> tuple[str, dict[str, str]] | None:
    """Service code and the attributes that leave one product; None where we know no such question."""
    here = {"regionCode": row.region}
    if row.service == "ec2":
        shared = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA"}
        used = {"capacitystatus": "Used", "instanceType": row.item}
        return "AmazonEC2", {**here, **shared, **used}
    if row.service == "fargate" and row.item in FARGATE and row.region in PREFIX:
        return "AmazonECS", {**here, "usagetype": f"{PREFIX[row.region]}-{FARGATE[row.item]}"}
    if row.service == "elasticache":
        engine, _, node = row.item.partition(":")
        return "AmazonElastiCache", {
            **here,
            "instanceType": node,
            "cacheEngine": engine.capitalize(),
        }
    if row.service == "rds":
        return _database(row, here)
    return None


def _database(row: Price, here: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    engine, _, rest = row.item.partition(":")
    instance, _, deployment = rest.partition(":")
    if engine not in ENGINES or deployment not in DEPLOYMENTS:
        return None
    named = {"instanceType": instance, "databaseEngine": ENGINES[engine]}
    return "AmazonRDS", {**here, **named, "deploymentOption": DEPLOYMENTS[deployment]}


def _asked(row: Price, client: Client) -> float | None:
    asked = question(row)
    if asked is None:
        return None
    code, attributes = asked
    filters = [
        {"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in attributes.items()
    ]
    answer = client.get_products(ServiceCode=code, Filters=filters, MaxResults=100)
    found = {usd for product in answer["PriceList"] for usd in _on_demand(product)}
    return found.pop() if len(found) == 1 else None


def _on_demand(product: str) -> Iterator[float]:
    """Prices by the hour that are not nothing: reservations and free dimensions are left out."""
    terms = json.loads(product).get("terms", {}).get("OnDemand", {})
    for term in terms.values():
        for dimension in term["priceDimensions"].values():
            usd = float(dimension["pricePerUnit"].get("USD", 0))
            if usd > 0:
                yield usd

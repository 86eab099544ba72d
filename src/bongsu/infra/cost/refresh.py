"""Prices of today from AWS's price list, for those rows that can be asked for without guessing.

Needs credentials that may call `pricing:GetProducts`. UNPROVEN against AWS: no account and no emulator that
answers this call was at hand; the tests have boto3 speak to a server of their own, which answers in the shape that
the documentation gives, page by page, and asks to be left alone now and then.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

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


# Service code and attributes → the products, each a document in JSON.
Products = Callable[[str, dict[str, str]], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """`kept`: rows that stay as they were, because the list gave none or several prices for them."""

    prices: Prices
    changed: tuple[Price, ...]
    confirmed: int
    kept: tuple[Price, ...]


def refresh(prices: Prices, products: Products, today: date) -> Refreshed:
    """Never raises for a row that is not found; what `products` raises ends it, and nothing is half refreshed."""
    rows, changed, kept, confirmed = [], [], [], 0
    for row in prices.rows.values():
        usd = _asked(row, products)
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


def _asked(row: Price, products: Products) -> float | None:
    asked = question(row)
    if asked is None:
        return None
    found = {usd for product in products(*asked) for usd in _on_demand(product)}
    return found.pop() if len(found) == 1 else None


def _on_demand(product: str) -> Iterator[float]:
    """Prices by the hour that are not nothing: reservations and free dimensions are left out."""
    terms = json.loads(product).get("terms", {}).get("OnDemand", {})
    for term in terms.values():
        for dimension in term["priceDimensions"].values():
            usd = float(dimension["pricePerUnit"].get("USD", 0))
            if usd > 0:
                yield usd

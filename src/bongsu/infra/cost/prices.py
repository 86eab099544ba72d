"""The dated table of prices. A row that nobody has verified says so; one that is not there is an error."""

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from bongsu.kit.errors import Invalid, NotFound
from bongsu.kit.i18n import say

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "prices.csv"


@dataclass(frozen=True, slots=True)
class Price:
    """`usd` for one `unit`. Not `verified`: written from memory; `source_url` is where it can be looked up."""

    region: str
    service: str
    item: str
    unit: str
    usd: float
    as_of: str
    source_url: str
    verified: bool

    @property
    def key(self) -> tuple[str, str, str]:
        return self.region, self.service, self.item


class NoPrice(LookupError):
    """The table has no row for this."""

    def __init__(self, region: str, service: str, item: str) -> None:
        super().__init__(f"{region} {service} {item}")
        self.region, self.service, self.item = region, service, item


class Prices:
    """All rows by region, service and item."""

    def __init__(self, rows: Iterable[Price]) -> None:
        self.rows = {row.key: row for row in rows}

    def of(self, region: str, service: str, item: str) -> Price:
        """Raises NoPrice: a price that is missing is never nothing."""
        try:
            return self.rows[region, service, item]
        except KeyError:
            raise NoPrice(region, service, item) from None

    def has(self, region: str, service: str, item: str) -> bool:
        return (region, service, item) in self.rows

    def text(self) -> str:
        """As the file holds them."""
        names = ",".join(field.name for field in fields(Price))
        return "\n".join([names, *(_written(row) for row in self.rows.values())]) + "\n"


def load_prices(path: Path = SHIPPED) -> Prices:
    """Raises NotFound where there is no such file, Invalid for one that is no table of prices."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return Prices([_price(row) for row in csv.DictReader(file)])
    except FileNotFoundError:
        raise NotFound(say("There is no file {file}.", file=str(path))) from None
    except (KeyError, ValueError, TypeError) as error:
        said = say(
            "{file} is not a table that `bongsu infra prices refresh` wrote.", file=str(path)
        )
        raise Invalid(said) from error


def _price(row: dict[str, str]) -> Price:
    words = (row["region"], row["service"], row["item"], row["unit"])
    usd, known = float(row["usd"]), row["verified"] == "yes"
    return Price(*words, usd, row["as_of"], row["source_url"], known)


def _written(row: Price) -> str:
    *words, _ = astuple(row)
    return ",".join([*(str(word) for word in words), "yes" if row.verified else "no"])

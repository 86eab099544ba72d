"""One line of a bill, and how a part asks for it."""

from dataclasses import dataclass

from bongsu.document import Path
from bongsu.infra.cost.prices import NoPrice, Price, Prices

HOURS = 730.0  # in a month, as AWS counts


@dataclass(frozen=True, slots=True)
class Line:
    """`usd` of a month; None where the table has no such row. `stops`: not paid for outside office hours."""

    part: str
    path: Path
    service: str
    item: str
    quantity: float
    unit: str
    usd: float | None
    verified: bool = False
    stops: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        return self.part, self.service, self.item


class Bill:
    """Lines of one environment as they are asked for; a quantity of nothing leaves no line."""

    def __init__(self, prices: Prices, region: str) -> None:
        self.prices, self.region = prices, region
        self.lines: list[Line] = []

    def add(
        self,
        part: str,
        path: Path,
        service: str,
        item: str,
        quantity: float,
        *,
        stops: bool = False,
    ) -> None:
        if quantity <= 0:
            return
        price = self._price(service, item)
        usd = None if price is None else price.usd * quantity
        unit = price.unit if price else ""
        known = price is not None and price.verified
        self.lines.append(Line(part, path, service, item, quantity, unit, usd, known, stops))

    def _price(self, service: str, item: str) -> Price | None:
        try:
            return self.prices.of(self.region, service, item)
        except NoPrice:
            return None

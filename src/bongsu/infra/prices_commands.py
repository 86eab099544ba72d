"""`bongsu infra prices`: the table of prices, made new from AWS's own list."""

from pathlib import Path

import cyclopts

from bongsu.infra.options import EndpointUrl
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.i18n import say, terminal_language

app = cyclopts.App(name="prices", help="The table of prices that `cost` reads.")


@app.command
def refresh(
    *,
    out: Path = Path("prices.csv"),
    prices: Path | None = None,
    endpoint_url: EndpointUrl = None,
    profile: str | None = None,
) -> int:
    """Asks AWS's price list, and writes a table with the day and the source of each price.

    Parameters
    ----------
    out
        The file for the table; `bongsu infra cost --prices` reads it.
    prices
        The table to begin with; the one that comes with Bongsu unless given.
    profile
        Of AWS's own configuration; it needs pricing:GetProducts.
    """
    from bongsu.infra.cost.price_list import PriceList
    from bongsu.infra.cost.prices import SHIPPED, load_prices
    from bongsu.infra.cost.refresh import ENDPOINT_REGION
    from bongsu.infra.cost.refresh import refresh as refreshed
    from bongsu.infra.deploy.aws import clients
    from bongsu.infra.workbench import write_text

    asked = PriceList(clients(endpoint_url, profile)("pricing", ENDPOINT_REGION))
    found = refreshed(load_prices(prices or SHIPPED), asked, SYSTEM_CLOCK.now().date())
    write_text(out, found.prices.text())
    language = terminal_language()
    sums = {"changed": len(found.changed), "confirmed": found.confirmed, "kept": len(found.kept)}
    said = say(
        "{file}: {changed} prices changed, {confirmed} confirmed, {kept} kept as they were.",
        file=str(out),
        **sums,
    )
    print(said.to(language))
    if names := ", ".join(" ".join(row.key) for row in found.kept):
        print(say("Kept: {names}", names=names).to(language))
    return 0

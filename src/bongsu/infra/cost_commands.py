"""`bongsu infra cost`: what an environment costs, line by line, and what a change of the file does to it."""

import json as codec
from pathlib import Path
from typing import Any

import cyclopts

from bongsu.infra.options import Environment, File, Json
from bongsu.kit.i18n import say, terminal_language
from bongsu.kit.text import columns

app = cyclopts.App(
    name="cost", help="What an environment costs, line by line, with the day of its prices."
)


@app.default
def cost(
    file: File,
    *,
    env: Environment = None,
    against: Path | None = None,
    against_env: str | None = None,
    prices: Path | None = None,
    json: Json = False,
) -> int:
    """A quiet, a usual and a busy month, line by line, with the day of the prices.

    Parameters
    ----------
    against
        Another file, such as the one before a change: only the difference is shown.
    against_env
        Another environment to compare with, of the same file or of `against`.
    prices
        A table that `bongsu infra prices refresh` wrote; the one that comes with Bongsu unless given.
    """
    after = _report(file, env, prices)
    if against or against_env:
        return _difference(_report(against or file, against_env or env, prices), after, json)
    if json:
        print(codec.dumps(after.as_json(), ensure_ascii=False))
    else:
        print("\n".join(_lines(after, terminal_language())))
    return 0


def _report(file: Path, env: str | None, prices: Path | None) -> Any:
    from bongsu.infra.cost.prices import SHIPPED, load_prices
    from bongsu.infra.cost.report import cost_report
    from bongsu.infra.workbench import open_file

    return cost_report(open_file(file, env).plan, load_prices(prices or SHIPPED))


def _lines(report: Any, language: str) -> list[str]:
    """The sum in a sentence, each part with its lines, then how far it may be believed."""
    head, *notes = (said.to(language) for said in report.said())
    table = [
        (
            line.part,
            f"{line.service} {line.item}",
            f"{line.quantity:,.4g} {line.unit}",
            "–" if line.usd is None else f"{line.usd:,.2f}",
            "" if line.verified else say("unverified").to(language),
        )
        for line in report.expected.lines
    ]
    even = [one.said().to(language) for one in (*report.break_evens, *report.hosts)]
    return [head, "", *columns(table, "  "), "", *even, *notes]


def _difference(before: Any, after: Any, as_json: bool) -> int:
    from bongsu.infra.cost.difference import difference

    found = difference(before.expected, after.expected)
    if as_json:
        print(codec.dumps(found.as_json(), ensure_ascii=False))
        return 0
    rows = [
        (
            {"added": "+", "removed": "−", "changed": "~"}[one.kind],
            one.part,
            f"{one.service} {one.item}",
            f"{one.before:,.4g} → {one.after:,.4g} {one.unit}",
            "–" if one.usd is None else f"{one.usd:+,.2f}",
        )
        for one in found.changes
    ]
    heads = [one.to(terminal_language()) for one in (found.said(), found.unpriced()) if one]
    print("\n".join([*heads, *columns(rows, "  ")]))
    return 0

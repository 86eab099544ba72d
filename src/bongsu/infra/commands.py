"""`bongsu infra`: from one file to what AWS is asked for. Nothing here needs a server; only `deploy` needs AWS."""

import json as codec
import sys
from pathlib import Path
from typing import Annotated, Literal

import cyclopts
from cyclopts import Parameter

from bongsu.infra.options import Environment, File, Json, Several
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.i18n import say, terminal_language

app = cyclopts.App(name="infra", help="Plan, check, price, drill, draw and deploy an architecture.")
# Only what is called is imported; the line is what `bongsu infra --help` says of it.
ELSEWHERE = {
    "cost": ("cost_commands:app", "A quiet, a usual and a busy month, line by line."),
    "prices": ("prices_commands:app", "The table of prices that `cost` reads."),
    "render": ("render_commands:render", "Templates, Terraform, manifests, pipelines' files."),
    "package": ("package_commands:make", "A zip for each function, the same bytes every time."),
    "deploy": ("deploy_commands:deploy", "To AWS, stack after stack; changes are shown first."),
    "outputs": ("deploy_commands:outputs", "What each stack that stands gives out."),
    "drift": ("deploy_commands:drift", "What somebody changed by hand."),
    "delete": ("deploy_commands:delete", "Take an environment down; what is kept is said."),
    "gate": ("delivery_commands:gate", "May this image go on? Asked by pipelines."),
    "release": ("delivery_commands:release", "New images and packages into what stands."),
    "mark": ("delivery_commands:mark", "Keep the images that run on a cluster."),
    "watch": ("watch_commands:watch", "Checks for what the architecture shows the world."),
}
for _name, (_place, _line) in ELSEWHERE.items():
    app.command(f"bongsu.infra.{_place}", name=_name, help=_line)
Language = Literal["en", "ko"]
NOTHING_TO_LOSE = say(
    "A drill takes nothing away here: what stands in no network AWS keeps in every zone of the region by itself."
)
OneOf = Annotated[
    Environment,
    Parameter(help="Findings of one environment only; all are looked at in any case."),
]


@app.command
def plan(file: File, *, env: Environment = None, lock: bool = False, json: bool = False) -> int:
    """Networks, parts, who reaches whom, who may do what.

    Parameters
    ----------
    lock
        Write the ranges into the lock file beside it, so that none of them ever moves.
    json
        One JSON document instead of tables.
    """
    from bongsu.infra.present import plan_document, plan_lines
    from bongsu.infra.workbench import keep_ranges, open_file

    work, language = open_file(file, env), terminal_language()
    _print(plan_document(work.plan) if json else plan_lines(work.plan, language))
    if kept := keep_ranges(work) if lock else None:
        said = say("The ranges stand in {file} now. Keep it in version control.", file=str(kept))
        print(said.to(language), file=sys.stderr)
    return 0


@app.command
def check(
    file: File,
    *,
    env: OneOf = None,
    fix: bool = False,
    json: Json = False,
    sarif: bool = False,
) -> int:
    """What is wrong with a design, before it is built; exit status 1 when there is an error.

    Parameters
    ----------
    fix
        Make the changes that are safe in the file itself; comments stay.
    sarif
        SARIF 2.1.0, for code hosts that show findings beside the lines.
    """
    from bongsu import __version__
    from bongsu.infra.check.check import check_file
    from bongsu.infra.check.report import to_json, to_sarif, to_text
    from bongsu.infra.workbench import lock_of, text_of

    today, language = SYSTEM_CLOCK.now().date(), terminal_language()
    if fix:
        _fix(file, env)
    checked = check_file(str(file), text_of(file), lock_of(file), today, env)
    if sarif:
        print(to_sarif(checked, __version__, language), end="")
    else:
        print(to_json(checked, language) if json else to_text(checked, language), end="")
    return 1 if checked.failed else 0


def _fix(file: Path, env: str | None) -> None:
    from bongsu.infra.check.fix import fix
    from bongsu.infra.workbench import lock_of, text_of, write_text

    done = fix(str(file), text_of(file), lock_of(file), SYSTEM_CLOCK.now().date(), env)
    if done.mended:
        write_text(file, done.text.decode())
    for one in done.mended:
        said = say("Mended {id} at {at}.", id=one.id, at=one.at)
        print(said.to(terminal_language()), file=sys.stderr)


@app.command
def drill(
    file: File,
    *,
    env: Environment = None,
    lose: Several = (),
    pairs: bool = False,
    json: Json = False,
) -> int:
    """What still serves, and how much of it, when something is lost, and why.

    Parameters
    ----------
    lose
        What is lost, such as zone:a; given twice, both at once. Everything in turn unless given.
    pairs
        Any two at once as well.
    """
    from bongsu.infra.drill.drill import drill as drilled
    from bongsu.infra.drill.drill import drill_all
    from bongsu.infra.drill.losses import named
    from bongsu.infra.drill.table import table
    from bongsu.infra.workbench import open_file

    plan = open_file(file, env).plan
    found = (drilled(plan, named(plan, lose)),) if lose else drill_all(plan, pairs=pairs)
    if json:
        _print({"outcomes": [one.as_json() for one in found]})
    else:
        print(table(found, terminal_language()), end="")
        if not found:
            print(NOTHING_TO_LOSE.to(terminal_language()))
    return 0


@app.command
def draw(
    file: File,
    *,
    env: Environment = None,
    lose: Several = (),
    language: Language | None = None,
    theme: Literal["auto", "light", "dark"] = "auto",
    out: Path | None = None,
) -> int:
    """An SVG of networks, zones, tiers and who reaches whom.

    Parameters
    ----------
    lose
        Strike out what is lost, such as zone:a, and colour what stands badly for it.
    language
        Of the labels; the terminal's unless given.
    theme
        auto follows whoever looks at it.
    out
        A file; without it the drawing is printed.
    """
    from bongsu.infra.draw.layout import layout
    from bongsu.infra.draw.struck import struck
    from bongsu.infra.draw.svg import svg
    from bongsu.infra.drill.drill import drill as drilled
    from bongsu.infra.drill.losses import named
    from bongsu.infra.workbench import open_file, write_text

    plan = open_file(file, env).plan
    marks = struck(plan, drilled(plan, named(plan, lose)))
    language = language or ("ko" if terminal_language() == "ko" else "en")
    text = svg(layout(plan), language, theme, states=marks.states, lost=marks.lost)
    print(write_text(out, text) if out else text)
    return 0


def _print(what: dict[str, object] | list[str]) -> None:
    print("\n".join(what) if isinstance(what, list) else codec.dumps(what, ensure_ascii=False))

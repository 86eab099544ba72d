"""`bongsu infra`: from one file to what AWS is asked for. Nothing here needs a server; only `deploy` needs AWS."""

import json as codec
import sys
from pathlib import Path
from typing import Annotated

import cyclopts
from cyclopts import Parameter

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say, terminal_language

app = cyclopts.App(name="infra", help="Plan, check, price, drill, draw and deploy an architecture.")
Environment = Annotated[str | None, Parameter(name=["--env", "-e"])]


@app.command
def plan(file: Path, *, env: Environment = None, lock: bool = False, json: bool = False) -> int:
    """Networks, parts, who reaches whom, who may do what.

    Parameters
    ----------
    file
        architecture.yaml.
    env
        Which environment of the file; production unless given.
    lock
        Write the ranges into the lock file beside it, so that none of them ever moves.
    json
        One JSON document instead of tables.
    """
    from bongsu.infra.present import plan_document, plan_lines
    from bongsu.infra.workbench import keep_ranges, open_file

    work = open_file(file, env)
    _print(plan_document(work.plan) if json else plan_lines(work.plan, terminal_language()))
    kept = keep_ranges(work) if lock else None
    if kept:
        print(
            say("The ranges stand in {file} now. Keep it in version control.", file=str(kept)).to(
                terminal_language()
            ),
            file=sys.stderr,
        )
    return 0


@app.command
def render(file: Path, *, env: Environment = None, out: Path | None = None) -> int:
    """CloudFormation templates, one for each stack, in the order of deployment.

    Parameters
    ----------
    file
        architecture.yaml.
    env
        Which environment of the file; production unless given.
    out
        A folder; without it the templates are printed as one JSON document by name of their stack.
    """
    from bongsu.infra.build.build import build_graph
    from bongsu.infra.render.cfn import templates
    from bongsu.infra.workbench import open_file

    work = open_file(file, env)
    made = templates(work.plan, build_graph(work.plan))
    if out is None:
        print(codec.dumps({one.name: one.body for one in made}, indent=2, ensure_ascii=False))
        return 0
    for one in made:
        print(_write(out / f"{one.name}.json", one.text))
    return 0


def _write(place: Path, text: str) -> Path:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Invalid(
            say(
                "{file} cannot be written: {why}.",
                file=str(place),
                why=error.strerror or str(error),
            )
        ) from error
    return place


def _print(what: dict[str, object] | list[str]) -> None:
    print("\n".join(what) if isinstance(what, list) else codec.dumps(what, ensure_ascii=False))

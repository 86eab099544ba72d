"""`bongsu validate|plan|apply FILE…`"""

import json as codec
from pathlib import Path
from typing import Any

from bongsu.kit.api import Api
from bongsu.kit.errors import Invalid, NotFound
from bongsu.kit.i18n import say


def validate(*files: Path, json: bool = False) -> int:
    """All errors of files, with line numbers. Needs no server; exit status 1 when there are any."""
    from bongsu.config.service import read_paths
    from bongsu.config.service import validate as check

    _some(files)
    try:
        wanted = check(read_paths(files))
    except Invalid as error:
        if not json:
            raise
        problems = [_problem(problem) for problem in error.problems]
        print(codec.dumps({"problems": problems}, ensure_ascii=False))
        return 1
    if json:
        print(codec.dumps({"problems": []}))
    else:
        print(say("The files are right: {n} things.", n=len(wanted.things)))
    return 0


def plan(*files: Path, json: bool = False) -> int:
    """What applying files would change on the server (BONGSU_URL, BONGSU_TOKEN)."""
    return _ask("/config/plan", files, json)


def apply(*files: Path, json: bool = False) -> int:
    """Make the server as the files say, or change nothing."""
    return _ask("/config/apply", files, json)


def _ask(path: str, files: tuple[Path, ...], as_json: bool) -> int:
    """All mistakes that can be found here are, before anything is sent."""
    from bongsu.config.service import read_paths
    from bongsu.config.service import validate as check

    _some(files)
    read = read_paths(files)
    check(read)
    named = [{"name": name, "text": source.decode()} for name, source in read]
    answer = Api.from_environment().call("POST", path, {"files": named})
    if as_json:
        print(codec.dumps(answer, ensure_ascii=False))
        return 0
    for change in answer["changes"]:
        print(f"{change['verb']:6} {change['section']:8} {change['name']}")
        for name, values in change["fields"].items():
            print(f"         {name}: {_short(values['before'])} → {_short(values['after'])}")
    if not answer["changes"]:
        print(say("Nothing to change."))
    return 0


def _some(files: tuple[Path, ...]) -> None:
    if not files:
        raise NotFound(say("Name at least one file, such as bongsu.yaml."))


def _short(value: Any) -> str:
    text = codec.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _problem(problem: Any) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "where": problem.where,
        "what": problem.what.to("en"),
        "todo": problem.todo.to("en") if problem.todo else None,
    }

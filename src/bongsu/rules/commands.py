"""`bongsu rules …`: patterns tried without a server. JSON lines in, JSON lines out, in the same order."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Literal

import cyclopts

from bongsu.events.pattern import LeafVerdict, Pattern, compile_pattern, explain, parse_json
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import Said, say

app = cyclopts.App(name="rules", help="Try event patterns; why a rule fired.")

Language = Literal["en", "ko"]
LINE_LIMIT_BYTES = 2 * 1024 * 1024  # a pattern and an event, written generously


@app.command(name="test")
def fit(*, language: Language = "en") -> int:
    """Whether each event fits its pattern.

    Reads {"pattern": object or string, "event": object} a line on standard input, writes {"match": bool}
    or {"error": "…"} a line.

    Parameters
    ----------
    language
        Of the errors.
    """

    def answer(pattern: Pattern, event: dict[str, Any]) -> dict[str, Any]:
        return {"match": pattern.matches(event)}

    return _each_line(answer, language)


@app.command(name="explain")
def why(*, language: Language = "en") -> int:
    """Why each event fits its pattern, or does not.

    Reads what `rules test` reads, writes {"match": bool, "leaves": […], "lines": […]} or {"error": "…"} a line:
    a leaf is one field of the pattern with the values seen, and the lines say the same to a person.

    Parameters
    ----------
    language
        Of the reasons and errors.
    """

    def answer(pattern: Pattern, event: dict[str, Any]) -> dict[str, Any]:
        explanation = explain(pattern, event)
        leaves = [_leaf(leaf, language) for leaf in explanation.leaves()]
        return {"match": explanation.match, "leaves": leaves, "lines": explanation.lines(language)}

    return _each_line(answer, language)


def _leaf(leaf: LeafVerdict, language: str) -> dict[str, Any]:
    return {
        "where": leaf.where,
        "path": leaf.path,
        "matcher": leaf.matcher,
        "values": leaf.values,
        "ok": leaf.ok,
        "why": leaf.why.to(language),
    }


def _each_line(
    answer: Callable[[Pattern, dict[str, Any]], dict[str, Any]], language: Language
) -> int:
    """A line that cannot be answered gives an error in its place, and the run goes on."""
    for line in _lines(sys.stdin.buffer):
        try:
            said = answer(*_asked(line))
        except Invalid as error:
            problems = [problem.to(language) for problem in error.problems]
            said = {"error": " ".join([error.said.to(language), *problems])}
        print(json.dumps(said, default=str), flush=True)
    return 0


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines without end marks; of one that is too long only so much that it is seen to be."""
    while line := stream.readline(LINE_LIMIT_BYTES + 1):
        rest = line
        while not rest.endswith(b"\n") and len(line) > LINE_LIMIT_BYTES:
            rest = stream.readline(LINE_LIMIT_BYTES)
            if not rest:
                break
        yield line.rstrip(b"\r\n")


def _asked(line: bytes) -> tuple[Pattern, dict[str, Any]]:
    if len(line) > LINE_LIMIT_BYTES:
        raise _wrong("line", say("The line is longer than {n} bytes.", n=LINE_LIMIT_BYTES))
    asked = parse_json(line, "line")
    if not isinstance(asked, dict) or "pattern" not in asked or "event" not in asked:
        raise _wrong(
            "line",
            say('The line is not {"pattern": …, "event": …}.'),
            say("Write both keys in one object on one line."),
        )
    if not isinstance(asked["pattern"], dict | str):
        raise _wrong("pattern", say("A pattern is a JSON object, or its text."))
    if not isinstance(asked["event"], dict):
        raise _wrong("event", say("An event is a JSON object."))
    return compile_pattern(asked["pattern"]), asked["event"]


def _wrong(where: str, what: Said, todo: Said | None = None) -> Invalid:
    return Invalid(say("The line cannot be answered."), (Problem(where, what, todo),))


@app.command
def backtest(*, pattern: str = "-", events: int = 100_000) -> int:
    """What a rule with this pattern would have fired on, in the server's log; nothing is done.

    Parameters
    ----------
    pattern
        The pattern itself, or `-` to read it from standard input.
    events
        How many of the newest events are tried (5 s at most).
    """
    from bongsu.kit.api import Api

    text = sys.stdin.read() if pattern == "-" else pattern
    answer = Api.from_environment().call(
        "POST", "/rules/backtest", {"pattern": text, "events": events}
    )
    print(json.dumps(answer, ensure_ascii=False, indent=2))
    return 0 if answer["fired"] else 1

"""`bongsu conditions`: try the condition language without a server.

One JSON document a line in, one a line out, in the same order; a bad line gives an error and the rest goes on.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, BinaryIO, Literal

import cyclopts

from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said, choose_language, say
from bongsu.watch.conditions import Condition, compile_condition
from bongsu.watch.conditions.condition import Compat
from bongsu.watch.conditions.result_document import read_result

app = cyclopts.App(name="conditions", help="Try the condition language.")

LINE_LIMIT_BYTES = 16 << 20


@app.command(name="test")
def try_conditions(*, compat: Literal["bongsu", "gatus"] = "bongsu") -> None:
    """Reads {"condition", "result"} lines, writes {"ok", "text"} or {"error"} lines.

    Parameters
    ----------
    compat
        gatus: judge and print as Gatus does, its quirks included.
    """
    language = choose_language(None, os.environ.get("LC_ALL") or os.environ.get("LANG"))
    for line in answers(sys.stdin.buffer, compat, language, SYSTEM_CLOCK.now()):
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()  # a program may wait for one answer before it asks again


def answers(
    lines: BinaryIO, compat: Compat, language: str, now: datetime | None
) -> Iterator[bytes]:
    """`now` is what age() counts from."""
    while line := lines.readline(LINE_LIMIT_BYTES):
        if not line.strip():
            continue
        if len(line) == LINE_LIMIT_BYTES and not line.endswith(b"\n"):
            _skip_line(lines)
            answer: dict[str, Any] = {"error": _too_long().to(language)}
        else:
            answer = _answer(line, compat, language, now)
        text = json.dumps(answer, ensure_ascii=False) + "\n"
        yield text.encode("utf-8", "replace")


def _answer(line: bytes, compat: Compat, language: str, now: datetime | None) -> dict[str, Any]:
    try:
        text, result = read_result(line)
        outcome = _compiled(text, compat).evaluate(result, now)
    except Invalid as error:
        return {"error": error.said.to(language)}
    return {"ok": outcome.ok, "text": outcome.text}


@lru_cache(maxsize=1024)
def _compiled(text: str, compat: Compat) -> Condition:
    return compile_condition(text, compat)


def _skip_line(lines: BinaryIO) -> None:
    while (rest := lines.readline(LINE_LIMIT_BYTES)) and not rest.endswith(b"\n"):
        pass


def _too_long() -> Said:
    return say(
        "This line is longer than {limit} bytes. Send a smaller body.", limit=LINE_LIMIT_BYTES
    )

"""Every example of docs/*/conditions.md is run, and both languages show the same ones."""

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bongsu.kit.errors import Invalid
from bongsu.watch.condition_commands import answers
from bongsu.watch.conditions import compile_condition
from bongsu.watch.conditions.condition import Compat
from bongsu.watch.conditions.read_place import PLACES
from bongsu.watch.conditions.result_document import read_result

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = {
    language: (DOCS / language / "conditions.md").read_text(encoding="utf-8")
    for language in ("en", "ko")
}
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"(.+?)\s{2,}(yes|no|refused)(?:\s{2,}(.+))?")
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def blocks(page: str, kind: str) -> list[tuple[str, str]]:
    return [(found[2] or "", found[3]) for found in BLOCK.finditer(page) if found[1] == kind]


def examples() -> list[tuple[str, str, str, str, str | None]]:
    found = []
    for compat, text in blocks(PAGES["en"], "conditions"):
        result, *lines = text.splitlines()
        for line in lines:
            example = EXAMPLE.fullmatch(line)
            assert example, line
            found.append((compat, result, example[1], example[2], example[3]))
    return found


@pytest.mark.parametrize(("compat", "result", "condition", "answer", "shown"), examples())
def test_an_example_answers_as_it_is_written(
    compat: Compat, result: str, condition: str, answer: str, shown: str | None
) -> None:
    document = f'{{"condition": {json.dumps(condition)}, "result": {result}}}'
    if answer == "refused":
        with pytest.raises(Invalid) as caught:
            compile_condition(condition)
        assert shown is not None
        assert str(caught.value).endswith(shown)
        return
    text, seen = read_result(document.encode())

    outcome = compile_condition(text, compat or None).evaluate(seen)

    assert (answer == "yes", shown or condition) == (outcome.ok, outcome.text)


def test_the_console_session_is_what_the_command_says() -> None:
    [(_, session)] = blocks(PAGES["en"], "console")
    lines = session.splitlines()[1:]
    asked, answered = "\n".join(lines[0::2]), lines[1::2]

    said = answers(io.BytesIO(asked.encode()), "bongsu", "en", datetime(2026, 11, 21, tzinfo=UTC))

    assert answered == [line.decode().strip() for line in said]


def test_the_configuration_example_holds_conditions_that_compile() -> None:
    [(_, text)] = blocks(PAGES["en"], "yaml")
    check = yaml.safe_load(text)["services"]["shop"]["checks"]["home"]

    assert len([compile_condition(condition) for condition in check["expect"] + check["warn"]]) == 5


@pytest.mark.parametrize("language", ["en", "ko"])
def test_operands_in_the_text_can_be_read(language: str) -> None:
    prose = BLOCK.sub("", PAGES[language])
    inline = {
        code
        for code in INLINE.findall(prose)
        if re.match(r"(\[[A-Z]|len\(|has\(|age\(|any\(|pat\(|re\()", code)
    }
    whole = {code for code in inline if " == " in code}
    alone = {
        code
        for code in inline - whole
        if not code.endswith("()") and (" " not in code or code.startswith("any("))
    }

    for code in alone:
        set_ = code.startswith(("any(", "pat(", "re("))
        compile_condition(f"[STATUS] == {code}" if set_ else f"{code} == x")
    for code in whole:
        compile_condition(code)

    assert len(alone) >= 15


def test_both_pages_show_the_same_examples() -> None:
    for kind in ("conditions", "console", "yaml"):
        assert blocks(PAGES["en"], kind) == blocks(PAGES["ko"], kind)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_placeholder_and_function_is_named(language: str) -> None:
    names = [f"[{place}]" for place in PLACES] + ["len(", "has(", "age(", "any(", "pat(", "re("]

    assert [name for name in names if name not in PAGES[language]] == []

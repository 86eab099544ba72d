"""Every sentence that a person may see has its Korean: lists what is missing, unused or does not fit.

Looks at `say("…")`, `say_n("…", "…", n)`, `t("…")` and `tn("…", "…", n)` in Python and templates, and at
titles and descriptions of the `Field`s of kinds (modules with a `SPEC`, and what they share), which become forms.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src" / "bongsu"
LOCALE = SOURCE / "web" / "locale" / "ko"
_ONE, _TWO = {"say", "t"}, {"say_n", "tn"}
_PLACE = re.compile(r"\{(\w+)")
# Languages of templates whose own names are what they are.
SAME = {"Bongsu"}


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    file: str
    line: int


def in_python(path: Path) -> Iterator[Sentence]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    in_forms = _has_forms(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for text in _said(node) + (_field(node) if in_forms else []):
                yield Sentence(text, _place(path), node.lineno)


def _has_forms(path: Path) -> bool:
    """A kind, or what the kinds beside it share; fields elsewhere are for programs only."""
    beside = path.parent.glob("*.py") if path.name.startswith("_") else ()
    return any(map(_is_kind, (path, *beside)))


@cache
def _is_kind(path: Path) -> bool:
    return re.search(r"^SPEC\b.* = ", path.read_text(encoding="utf-8"), re.MULTILINE) is not None


def _said(node: ast.Call) -> list[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    wanted = 1 if name in _ONE else 2 if name in _TWO else 0
    return [
        a.value
        for a in node.args[:wanted]
        if isinstance(a, ast.Constant) and isinstance(a.value, str)
    ]


def _field(node: ast.Call) -> list[str]:
    if getattr(node.func, "id", "") != "Field":
        return []
    return [
        k.value.value
        for k in node.keywords
        if k.arg in {"title", "description"}
        and isinstance(k.value, ast.Constant)
        and isinstance(k.value.value, str)
    ]


def in_template(path: Path) -> Iterator[Sentence]:
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        wanted = 1 if name == "t" else 2 if name == "tn" else 0
        for argument in call.args[:wanted]:
            if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
                yield Sentence(argument.value, _place(path), call.lineno)


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def sentences(source: Path = SOURCE) -> list[Sentence]:
    """Everything that `source` says, in order of file and line."""
    found = [s for p in sorted(source.rglob("*.py")) for s in in_python(p)]
    return found + [s for p in sorted(source.rglob("*.html")) for s in in_template(p)]


def literals(source: Path) -> set[str]:
    """Every text in Python: a sentence may reach `say` by way of a table, a model or an argument."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in source.rglob("*.py"))
    constants = (
        node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)
    )
    return {node.value for node in constants if isinstance(node.value, str)}


def korean(locale: Path = LOCALE) -> dict[str, str]:
    known: dict[str, str] = {}
    for path in sorted(locale.glob("*.json")):
        known |= json.loads(path.read_text(encoding="utf-8"))
    return known


def problems(source: Path = SOURCE, locale: Path = LOCALE) -> list[str]:
    """One line a problem; empty when both languages are whole."""
    known = korean(locale)
    used = sentences(source)
    missing = {s.text: s for s in reversed(used) if s.text not in known and s.text not in SAME}
    lines = [f"{s.file}:{s.line}: no Korean for {s.text!r}" for s in missing.values()]
    said = {s.text for s in used} | literals(source)
    lines += [f"not used any more: {text!r}" for text in sorted(set(known) - said)]
    lines += _told_apart(locale)
    return lines + [line for text, other in known.items() for line in _unfit(text, other)]


def _told_apart(locale: Path) -> Iterator[str]:
    """The last file would win, and who mends the other sees nothing of it."""
    known: dict[str, str] = {}
    for path in sorted(locale.glob("*.json")):
        for text, other in json.loads(path.read_text(encoding="utf-8")).items():
            if known.setdefault(text, other) != other:
                yield f"two Koreans for {text!r}: {known[text]!r} and {other!r}"


def _unfit(text: str, other: str) -> list[str]:
    """A place that only one of the two has. Korean may leave a plural's {n} in another form, never out."""
    here, there = set(_PLACE.findall(text)), set(_PLACE.findall(other))
    if not other.strip():
        return [f"empty Korean for {text!r}"]
    return (
        [f"places differ: {text!r} and {other!r}"] if there - here or here - there - {"n"} else []
    )


def main() -> int:
    found = problems()
    print("\n".join(found) or f"Both languages are whole: {len(korean())} sentences.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""The example page as files: its look is Bongsu's, its words are whole, and nothing in it is inline."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "examples/apps/task-page"
SCRIPTS = sorted(PAGE.glob("js/*.js"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))


def tags() -> list[tuple[str, dict[str, Any]]]:
    parser = Tags()
    parser.feed((PAGE / "index.html").read_text(encoding="utf-8"))
    return parser.found


def korean() -> dict[str, str]:
    table = re.search(r"const KOREAN = \{(.*?)\n\};", CODE, re.DOTALL)
    assert table is not None
    return dict(re.findall(r'^  "(.+?)": "(.+)",$', table[1], re.MULTILINE))


def test_its_tokens_are_those_of_bongsu():
    own = ROOT / "src/bongsu/web/static/css/tokens.css"

    assert own.read_bytes() == (PAGE / "tokens.css").read_bytes()


def test_nothing_in_the_document_is_inline_or_from_elsewhere():
    for tag, attributes in tags():
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        place = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
        assert place is None or (PAGE / place).is_file(), place
        assert tag != "script" or attributes["type"] == "module"


def test_its_policy_allows_nothing_that_it_does_not_need():
    (policy,) = [
        attributes["content"] for tag, attributes in tags()
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]  # fmt: skip
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))

    assert "'none'" == rules["default-src"]
    assert "'self'" == rules["script-src"] == rules["style-src"]
    assert "'none'" == rules["base-uri"] == rules["form-action"]


def test_text_of_the_api_is_never_read_as_html():
    assert [] == re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", CODE)
    assert [] == re.findall(r"\.style\b", CODE)


def test_every_sentence_has_its_korean_with_the_same_places_and_none_is_left_over():
    known = korean()
    said = set(re.findall(r'\bt\("((?:[^"\\]|\\.)+)"', CODE))
    tables = re.findall(r"const (?:STATUSES|PRIORITIES) = \{(.*?)\};", CODE)
    said |= {word for table in tables for word in re.findall(r'"([^"]+)"', table)}

    assert set() == said - set(known)
    assert set() == set(known) - said
    for english, other in known.items():
        assert set(re.findall(r"\{(\w+)\}", english)) == set(re.findall(r"\{(\w+)\}", other))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_each_module_is_short_and_imports_what_is_there(path):
    text = path.read_text(encoding="utf-8")
    exported = {
        other.resolve(): set(re.findall(r"export (?:async )?(?:const|function|class) (\w+)", body))
        for other in (*SCRIPTS, PAGE / "config.js")
        for body in [other.read_text(encoding="utf-8")]
    }

    assert len(text.splitlines()) <= 250
    for names, place in re.findall(r'import \{([^}]+)\} from "([^"]+)"', text):
        target = (path.parent / place).resolve()
        assert {name.strip() for name in names.split(",")} <= exported[target]


def test_the_readme_names_every_file_and_the_setting():
    text = (PAGE / "README.md").read_text(encoding="utf-8")

    assert [] == [path.name for path in SCRIPTS if f"js/{path.name}" not in text]
    assert "BONGSU_CORS_ORIGINS=" in text

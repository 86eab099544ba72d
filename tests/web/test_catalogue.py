"""Both languages are whole, and the tool that says so sees every way of saying something."""

import json
from pathlib import Path

import pytest

from tools.house import catalogue

SOURCES = {
    "room/model.py": (
        'A = say("One {n}.", n=1)\nB = say_n("{n} day", "{n} days", 2)\nC = other("Not this")\n'
    ),
    "room/kinds/one.py": (
        'SPEC = Kind(label=say("Label"))\na = Field(title="Title", description="Help", alias="x")\n'
    ),
    "room/kinds/_shared.py": 'Place = Annotated[str, Field(title="Place")]\n',
    "room/_own.py": 'a = Field(title="Of no kind")\n',
    "room/plain.py": 'a = Field(title="Only in the API")\n',
    "room/templates/a.html": (
        "{{ t('Here {x}', x=1) }}{% call f(t('There')) %}"
        "{{ tn('{n} row', '{n} rows', 3) }}{% endcall %}{{ t(variable) }}"
    ),
}
KOREAN = {
    "One {n}.": "하나 {n}.",
    "{n} day": "{n}일",
    "{n} days": "{n}일",
    "Label": "이름표",
    "Title": "제목",
    "Help": "도움",
    "Place": "곳",
    "Here {x}": "여기 {x}",
    "There": "저기",
    "{n} row": "{n}줄",
    "{n} rows": "{n}줄",
}


@pytest.fixture
def tree(tmp_path: Path) -> tuple[Path, Path]:
    for name, text in SOURCES.items():
        path = tmp_path / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "ko").mkdir()
    (tmp_path / "ko" / "room.json").write_text(json.dumps(KOREAN))
    return tmp_path / "src", tmp_path / "ko"


def test_every_way_of_saying_is_found(tree: tuple[Path, Path]) -> None:
    assert {s.text for s in catalogue.sentences(tree[0])} == set(KOREAN)
    assert catalogue.problems(*tree) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"There": None}, "a.html:1: no Korean for 'There'"),
        ({"Gone": "없음"}, "not used any more: 'Gone'"),
        ({"Here {x}": "여기"}, "places differ"),
        ({"Here {x}": "여기 {x} {y}"}, "places differ"),
        ({"There": " "}, "empty Korean for 'There'"),
    ],
)
def test_what_is_wrong_is_told(
    tree: tuple[Path, Path], change: dict[str, str | None], told: str
) -> None:
    changed = {text: other for text, other in (KOREAN | change).items() if other is not None}
    (tree[1] / "room.json").write_text(json.dumps(changed))

    found = catalogue.problems(*tree)

    assert len(found) == 1
    assert told in found[0]


def test_a_sentence_has_one_korean_whichever_file_holds_it(tree: tuple[Path, Path]) -> None:
    (tree[1] / "other.json").write_text(json.dumps({"There": "저기", "Here {x}": "이쪽 {x}"}))

    assert catalogue.problems(*tree) == ["two Koreans for 'Here {x}': '이쪽 {x}' and '여기 {x}'"]


def test_every_sentence_of_the_product_has_its_korean() -> None:
    assert catalogue.problems() == []

import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.kit.errors import Invalid
from bongsu.kit.text import one_line
from bongsu.tasks import csv_text
from bongsu.tasks.model import Named
from tests.tasks.support import BEN, a_task

LINES = st.text(max_size=40).map(one_line).filter(bool)
TEXTS = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80
)
EMAILS = {1: "ada@example.com", 2: "ben@example.com"}


def cells(text):
    """What the rows of a whole file say of each task."""
    return [raw for _, raw in csv_text.read(text)]


@given(
    LINES,
    TEXTS,
    st.lists(LINES, max_size=4, unique=True),
    st.lists(st.tuples(LINES, st.booleans())),
)
def test_what_goes_out_comes_in_again_unchanged(title, description, labels, points):
    task = a_task(
        title=title,
        description=description,
        labels=tuple(labels),
        checklist=tuple(points),
        assignees=(BEN,),
        due_on="2026-11-30",
        due_time="14:00",
    )

    [raw] = cells(csv_text.head() + csv_text.rows([task], EMAILS))

    assert (title, description, "2026-11-30T14:00+00:00") == (
        raw["title"],
        raw["description"],
        raw["due"],
    )
    assert labels == csv_text.split(raw["labels"])
    assert ["ben@example.com"] == csv_text.split(raw["assignees"])
    assert points == [(one["text"], one["done"]) for one in csv_text.points(raw["checklist"])]


@given(st.text(alphabet="=+-@'\t\r x", max_size=6))
def test_no_cell_begins_like_a_formula_of_a_spreadsheet(text):
    [row] = csv.reader(io.StringIO(csv_text.rows([a_task(description=text)], EMAILS), newline=""))

    assert not row[2].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_somebody_without_an_address_is_named():
    text = csv_text.rows(
        [a_task(creator=Named(9, "Gone, Long"), assignees=(Named(9, "Gone, Long"),))], {}
    )

    [raw] = cells(csv_text.head() + text)

    assert ("Gone, Long", ["Gone, Long"]) == (raw["creator"], csv_text.split(raw["assignees"]))


def test_other_tools_names_separators_and_marks_are_understood():
    text = "\ufeffSummary;Due Date;Tags;Colour\r\nPin it;2026-11-30;tls, shop;red\r\n;;;\r\n"

    assert [(2, {"title": "Pin it", "due": "2026-11-30", "labels": "tls, shop"})] == list(
        csv_text.read(text)
    )


def test_a_task_is_named_by_the_line_that_it_begins_in():
    text = 'title,description\none,"a\nb\nc"\ntwo,\n'

    assert [2, 5] == [number for number, _ in csv_text.read(text)]


@pytest.mark.parametrize("text", ["", "\n", "key,status\nTSK-1,done\n", "just words"])
def test_a_file_without_titles_is_none(text):
    with pytest.raises(Invalid, match="cannot be read as CSV") as caught:
        list(csv_text.read(text))

    assert "line 1" == caught.value.problems[0].where


@pytest.mark.parametrize("text", [f"title\n{'x' * 200_000}\n", "x" * 200_000])
def test_a_cell_beyond_all_measure_is_refused(text):
    with pytest.raises(Invalid) as caught:
        list(csv_text.read(text))

    assert caught.value.problems[0].where in {"line 1", "line 2"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tls; shop ,x", ["tls", "shop", "x"]),
        ('tls; "a, b"', ["tls", "a, b"]),
        ('"say ""no""";x', ['say "no"', "x"]),
        ('5" pipe, x', ['5" pipe', "x"]),
        ('"open, x', ['"open', "x"]),
        (";;,", []),
        ('""', []),
    ],
)
def test_lists_are_split_as_people_write_them(text, words):
    assert words == csv_text.split(text)


def test_points_have_marks_or_are_open():
    assert [
        {"text": "read", "done": True},
        {"text": "write", "done": False},
        {"text": "send", "done": False},
    ] == csv_text.points("[X] read\n\n [ ] write \nsend")


def test_a_large_file_is_read_without_a_copy_of_it():
    text = "title,description\n" + f"Pin it,{'x' * 60_000}\n" * 100
    tracemalloc.start()
    try:
        count = sum(1 for _ in csv_text.read(text))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert 100 == count
    assert peak_bytes < len(text) / 4


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_system_ends_its_lines_in_its_own_way(end):
    text = end.join(["title,description", "One,a", '"Two",b', "Three,c"])

    assert ["One", "Two", "Three"] == [raw["title"] for raw in cells(text)]

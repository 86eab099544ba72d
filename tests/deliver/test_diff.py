import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.deliver.diff import LINES_SHOWN, excerpt, is_long, lines

TEXTS = st.text(alphabet="ab c\n…가", max_size=80)


def shown(before: str, after: str) -> list[str]:
    marks = {"same": " ", "gone": "-", "new": "+"}
    return [f"{marks[line.kind]}{line.text}" for line in lines(before, after)]


def test_only_the_changed_lines_and_one_around_them_are_shown():
    before = "one\ntwo\nthree\nfour\nfive\nsix"

    assert [" …", " three", "-four", "+4", " five", " …"] == shown(
        before, before.replace("four", "4")
    )


def test_lines_that_came_and_went_stand_whole():
    assert [" a", "+b", " c"] == shown("a\nc", "a\nb\nc")
    assert [" a", "-b", " c"] == shown("a\nb\nc", "a\nc")
    assert ["+all new"] == shown("", "all new")


def test_unchanged_lines_between_two_changes_are_cut_to_the_first_and_the_last():
    before = "x\n1\n2\n3\n4\n5\ny"

    assert ["-x", "+X", " 1", " …", " 5", "-y", "+Y"] == shown(before, "X\n1\n2\n3\n4\n5\nY")


def test_words_that_changed_are_told_from_those_that_stayed():
    gone, new = lines("Pin the client to 1.4 now", "Pin the client to 1.5 now")

    assert ((False, "Pin the client to "), (True, "1.4 "), (False, "now")) == gone.parts
    assert ((False, "Pin the client to "), (True, "1.5 "), (False, "now")) == new.parts


def test_a_long_paragraph_is_cut_to_what_stands_beside_the_change():
    before = "left " * 200 + "old " + "right " * 200

    gone, new = lines(before, before.replace("old", "new"))

    assert gone.text.startswith("…")
    assert gone.text.endswith("…")
    assert "old" in gone.text
    assert "new" in new.text
    assert len(gone.text) < 120


def test_two_changes_far_apart_in_one_line_leave_out_what_is_between():
    before = "one " + "same " * 100 + "two"

    gone, _ = lines(before, "ONE " + "same " * 100 + "TWO")

    assert "…" in gone.text
    assert [True, False, True] == [touched for touched, _ in gone.parts]


def test_nothing_is_shown_when_only_the_line_ends_differ():
    assert () == lines("a\nb", "a\r\nb\n")


@pytest.mark.parametrize("count", [300, 5000])
def test_however_much_changed_it_stays_short_and_quick(count):
    before = "\n".join(f"line {n} of the old text" for n in range(count))
    after = "\n".join(f"row {n * 7} of a new one" for n in range(count))
    started = time.process_time()

    found = lines(before, after)

    assert len(found) == LINES_SHOWN
    assert "…" == found[-1].text
    assert time.process_time() - started < 2


def test_one_endless_line_that_changed_wholly_is_cut():
    gone, new = lines("a b " * 300, "c d " * 300)

    assert len(gone.text) < 200
    assert len(new.text) < 200


def test_short_values_need_no_comparing():
    assert not is_long("Waiting", "In progress")
    assert is_long("a\nb", "a")
    assert is_long("x" * 61, "")


@given(TEXTS, TEXTS)
def test_excerpts_differ_exactly_where_the_texts_do(before, after):
    whole, again = lines(before, after), lines(*excerpt(before, after))

    assert bool(whole) == bool(again)


def test_the_excerpt_of_a_long_text_shows_the_same_as_the_whole():
    before = "\n".join(f"{n} is a line of the text" for n in range(400))
    after = before.replace("\n30 is", "\n30 was").replace("\n34 is a", "\n34 is another")

    assert lines(before, after) == lines(*excerpt(before, after))


@given(TEXTS, TEXTS)
def test_what_went_was_there_and_what_came_is_there_now(before, after):
    for line in lines(before, after):
        if "…" not in line.text:
            there = after if line.kind == "new" else before
            assert line.text in there.splitlines()

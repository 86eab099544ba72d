from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.kit.errors import Invalid
from bongsu.tasks.query import DUES, SORTS, STATES, TEXT_LIMIT, Query, read

PEOPLE = st.sampled_from(["", "me", "nobody", "1", "99"])
WORDS = st.fixed_dictionaries(
    {
        "project": st.sampled_from(["", "tsk", "WEB"]),
        "q": st.text(max_size=30),
        "assignee": PEOPLE,
        "creator": PEOPLE,
        "watcher": PEOPLE,
        "status": st.sampled_from(["", *STATES]),
        "column": st.sampled_from(["", "3"]),
        "label": st.text(max_size=10),
        "priority": st.sampled_from(["", "1", "4"]),
        "due": st.sampled_from(["", *DUES]),
        "incident": st.sampled_from(["", "any", "12"]),
        "sort": st.sampled_from(["", *SORTS, *(f"-{one}" for one in SORTS)]),
    }
)


@given(WORDS)
def test_an_address_leads_back_to_the_same_list(words):
    asked = read(words)

    assert asked == read(dict(parse_qsl(asked.address())))


def test_nothing_asked_for_is_everything():
    asked = read({})

    assert ({}, "") == (asked.words(), asked.address())
    assert ("waiting", "in_progress", "done") == asked.statuses
    assert "updated" == asked.order


@pytest.mark.parametrize(
    ("status", "statuses"),
    [
        ("open", ("waiting", "in_progress")),
        ("all", ("waiting", "in_progress", "done")),
        ("done", ("done",)),
    ],
)
def test_a_state_stands_for_statuses(status, statuses):
    assert statuses == Query(status=status).statuses


def test_an_address_can_say_something_else():
    asked = read({"project": "tsk", "sort": "-due"})

    assert "project=TSK&sort=title" == asked.address(sort="title")
    assert "due" == asked.order


def test_unknown_names_are_passed_over_and_long_words_are_cut():
    assert {"q": "x" * TEXT_LIMIT} == read({"q": "x" * 999, "page": "2"}).words()


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("status", "half"),
        ("due", "yesterday"),
        ("sort", "colour"),
        ("priority", "5"),
        ("assignee", "ben"),
        ("creator", "-1"),
        ("watcher", "²"),
        ("watcher", "9" * 19),
        ("column", "Done"),
        ("incident", "x"),
    ],
)
def test_a_word_that_nobody_understands_is_named(name, word):
    with pytest.raises(Invalid) as caught:
        read({name: word})

    assert [name] == [problem.where for problem in caught.value.problems]

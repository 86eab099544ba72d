import json

import pytest

from bongsu.kit.errors import Invalid
from bongsu.tasks import file_drafts
from bongsu.tasks.file_drafts import PROBLEMS_KEPT, read
from bongsu.tasks.model import Column, Label
from tests.tasks.support import COLUMNS, a_project

PEOPLE = {"ben@example.com": 2, "ben": 2, "ada": 1}
PROJECT = a_project()


async def drafts(text, project=PROJECT):
    found = await read(text, project, PEOPLE)
    assert () == found.problems
    return found.drafts


async def problems(text, project=PROJECT):
    return [(p.where, str(p.what)) for p in (await read(text, project, PEOPLE)).problems]


async def test_a_csv_file_becomes_drafts():
    (one, two) = await drafts(
        "title,status,assignees,priority,labels,due,checklist\n"
        'Pin it,In progress,"ben@example.com; Ada",urgent,"tls;""a, b""",2026-11-30,"[x] read\nwrite"\n'
        "Write it,done,BEN,3,,,\n"
    )

    assert ("Pin it", "In progress", [2, 1], 4) == (
        one.title,
        one.column,
        one.assignees,
        one.priority,
    )
    assert (["tls", "a, b"], "2026-11-30") == (one.labels, one.due)
    assert [("read", True), ("write", False)] == [(p.text, p.done) for p in one.checklist]
    assert ("done", [2], 3) == (two.column, two.assignees, two.priority)


@pytest.mark.parametrize("whole", [True, False])
async def test_a_json_file_becomes_drafts(whole):
    tasks = [
        {
            "title": "Pin it",
            "status": "waiting",
            "assignees": [{"id": 9, "name": "Ben"}],
            "labels": ["a"],
        },
        {"title": "Write it", "checklist": [{"text": "read", "done": True}], "priority": "낮음"},
    ]

    (one, two) = await drafts("\n" + json.dumps({"tasks": tasks} if whole else tasks))

    assert ([2], ["a"]) == (one.assignees, one.labels)
    assert (1, True) == (two.priority, two.checklist[0].done)


async def test_everything_that_is_wrong_is_named_with_its_place():
    text = (
        "title,column,assignees,priority,due\n"
        ",Waiting,,,\n"
        "one,Nowhere,,,\n"
        "two,,Zoe;Ben,,soon\n"
        "three,,,9,\n"
    )

    assert [
        ("line 2, title", "This is missing."),
        ("line 3, column", "Shop has no column Nowhere."),
        ("line 4, assignees", "Nobody who can see the project is called Zoe."),
        (
            "line 4, due",
            "This is no day. Write it like 2026-11-30, 2026-11-30 14:00 or 2026-11-30T14:00+09:00.",
        ),
        ("line 5, priority", "This is too large."),
    ] == await problems(text)


@pytest.mark.parametrize("name", ["assignees", "labels", "checklist", "title", "due"])
@pytest.mark.parametrize("value", [5, {"a": 1}, [[1]], True])
async def test_json_of_another_shape_is_a_problem_and_no_crash(name, value):
    found = await problems(json.dumps([{"title": "x"} | {name: value}]))

    assert found
    assert found[0][0].startswith(f"line 1, {name}")


@pytest.mark.parametrize(
    "text",
    ['{"tasks": 5}', "[1, 2]", "{", '["x"', "[" * 100_000, '{"tasks": {"title": "x"}}'],
)
async def test_json_of_no_tasks_is_refused(text):
    with pytest.raises(Invalid, match="cannot be read as JSON"):
        await read(text, PROJECT, PEOPLE)


async def test_a_column_is_found_by_name_before_number_and_status():
    odd = a_project(
        columns=(*COLUMNS, Column(9, 1, "2027", "waiting", 3), Column(10, 1, "done", "waiting", 4))
    )

    assert ["2027", "done", "9"] == [
        one.column for one in await drafts("title,column\na,2027\nb,done\nc,9\n", odd)
    ]
    assert [("line 2, column", "Shop has no column 77.")] == await problems(
        "title,column\na,77\n", odd
    )


async def test_more_labels_than_a_project_may_have_are_told_before_anything_is_written():
    full = a_project(labels=tuple(Label(n, f"l{n}") for n in range(199)))

    assert [("labels", "Shop would have 201 labels; 200 is the most.")] == await problems(
        "title,labels\nx,a;b\n", full
    )
    assert ("a", "l1") == (await read("title,labels\nx,a;l1\n", full, PEOPLE)).labels


async def test_more_than_a_file_may_hold_is_cut_off(monkeypatch):
    monkeypatch.setattr(file_drafts, "TASKS_LIMIT", 3)

    found = await read("title\n" + "x\n" * 9, PROJECT, PEOPLE)

    assert (3, 1) == (len(found.drafts), found.wrong)
    assert ["line 5"] == [one.where for one in found.problems]


async def test_all_wrong_places_are_counted_and_the_first_are_kept():
    found = await read("title,due\n" + "x,soon\n" * (PROBLEMS_KEPT + 9), PROJECT, PEOPLE)

    assert (PROBLEMS_KEPT, PROBLEMS_KEPT + 9) == (len(found.problems), found.wrong)


async def test_others_are_served_while_a_long_file_is_read(monkeypatch):
    turns = []

    async def turn(_seconds):
        turns.append(1)

    monkeypatch.setattr(file_drafts.asyncio, "sleep", turn)

    await read("title\n" + "x\n" * 1000, PROJECT, PEOPLE)

    assert 5 == len(turns)

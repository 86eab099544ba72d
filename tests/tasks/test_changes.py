import pytest

from bongsu.tasks.changes import compare, created, name_of
from tests.tasks.support import BEN, a_task


def test_a_save_that_nobody_would_notice_is_none():
    assert compare(a_task(), a_task(version=2, position=5.0)) is None


def test_only_what_differs_is_kept():
    change = compare(a_task(), a_task(title="Pin it", priority=4))

    assert ("updated", ["title", "priority"]) == (change.what, change.changed)
    assert {"title": "Pin the client", "priority": 2} == change.before
    assert {"title": "Pin it", "priority": 4} == change.after


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (("title", "status", "assignees"), "status_changed"),
        (("column",), "status_changed"),
        (("title", "assignees"), "assigned"),
        (("labels",), "updated"),
    ],
)
def test_the_most_telling_change_gives_the_name(changed, what):
    assert what == name_of(changed)


def test_a_new_task_tells_only_what_was_said():
    change = created(a_task(assignees=(BEN,)))

    assert ("created", {}) == (change.what, change.before)
    assert [{"id": 2, "name": "Ben"}] == change.after["assignees"]
    assert "description" not in change.after

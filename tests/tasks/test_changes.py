import pytest

from bongsu.tasks.changes import compare, created, name_of
from tests.tasks.support import BEN, NOW, a_task


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


def test_the_same_hour_in_another_zone_is_another_moment():
    said = {"due_on": "2026-11-30", "due_time": "14:00"}
    seoul = a_task(**said, due_zone="Asia/Seoul", due_at=NOW.replace(day=30, hour=5))
    berlin = a_task(**said, due_zone="Europe/Berlin", due_at=NOW.replace(day=30, hour=13))

    change = compare(seoul, berlin)

    assert ["due"] == change.changed
    assert ("Asia/Seoul", "Europe/Berlin") == change.due_zones
    assert compare(a_task(due_on="2026-11-30", due_zone="UTC", due_at=NOW),
                   a_task(due_on="2026-11-30", due_zone="Asia/Seoul", due_at=NOW)) is None  # fmt: skip


def test_a_new_task_tells_only_what_was_said():
    change = created(a_task(assignees=(BEN,)))

    assert ("created", {}) == (change.what, change.before)
    assert [{"id": 2, "name": "Ben"}] == change.after["assignees"]
    assert "description" not in change.after

from datetime import UTC, datetime

from bongsu.accounts.model import SYSTEM, Actor
from bongsu.tasks.due import Due
from bongsu.tasks.inputs import NewTask
from bongsu.tasks.values import due_of, due_values, first_values, into, remind_values
from tests.tasks.support import COLUMNS, NOW, a_task

DUE = {"due_on": "2026-11-30", "due_time": None, "due_zone": "Asia/Seoul"}
MORNING = datetime(2026, 11, 29, 0, 0, tzinfo=UTC)  # nine in Seoul, a day before
EMPTY = dict.fromkeys(("due_on", "due_time", "due_zone", "due_at", "next_remind_at"))


def test_a_day_brings_its_end_and_its_first_reminder():
    values = due_values("2026-11-30", "Asia/Seoul", "waiting", NOW)

    assert (
        DUE | {"due_at": datetime(2026, 11, 30, 15, 0, tzinfo=UTC), "next_remind_at": MORNING}
        == values
    )


def test_no_day_empties_all_of_them():
    assert EMPTY == due_values(None, "UTC", "waiting", NOW)


def test_what_is_done_or_past_is_not_reminded_of():
    assert due_values("2026-11-30", "UTC", "done", NOW)["next_remind_at"] is None
    assert due_values("2026-11-20", "UTC", "waiting", NOW)["next_remind_at"] is None


def test_the_day_of_a_task_without_a_zone_is_one_of_utc():
    assert due_of(a_task()) is None
    assert Due("2026-11-30", None, "UTC") == due_of(a_task(due_on="2026-11-30"))


def test_a_task_that_comes_back_is_reminded_of_again():
    assert {"next_remind_at": MORNING} == remind_values(a_task(**DUE), NOW)
    assert {"next_remind_at": None} == remind_values(a_task(**DUE, status="done"), NOW)
    assert {"next_remind_at": None} == remind_values(a_task(), NOW)


def test_a_move_to_done_ends_the_reminders_and_one_back_begins_them_again():
    open_task = a_task(**DUE)

    done = into(open_task, COLUMNS[2], 5.0, NOW)
    back = into(a_task(**DUE, status="done"), COLUMNS[0], 5.0, NOW)
    late = into(a_task(**DUE, status="done"), COLUMNS[0], 5.0, datetime(2027, 1, 1, tzinfo=UTC))
    plain = into(a_task(status="done"), COLUMNS[0], 5.0, NOW)

    assert (NOW, None) == (done["done_at"], done["next_remind_at"])
    assert (None, MORNING) == (back["done_at"], back["next_remind_at"])
    assert late["next_remind_at"] is None
    assert plain["next_remind_at"] is None


def test_a_move_that_is_neither_leaves_them_alone():
    values = into(a_task(version=3), COLUMNS[1], 5.0, NOW)

    assert {"column_id": 2, "status": "in_progress", "position": 5.0, "moved_version": 4} == values


def test_a_new_row_is_whole():
    ada = Actor("user", 7, "Ada", "ada@example.com", "viewer", time_zone="Asia/Seoul")
    form = NewTask(project="TSK", title="Pin it", due="2026-11-30", checklist=[{"text": "read"}])

    row = first_values(form, 1, 42, COLUMNS[0], 1024.0, ada, NOW)
    done = first_values(form, 1, 43, COLUMNS[2], 0.0, SYSTEM, NOW)

    assert (7, 7, 42, "Asia/Seoul", None) == tuple(
        row[name] for name in ("creator_id", "changed_by", "number", "due_zone", "done_at")
    )
    assert [{"text": "read", "done": False}] == row["checklist"]
    assert (None, "UTC", NOW) == (done["creator_id"], done["due_zone"], done["done_at"])

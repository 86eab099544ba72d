from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.accounts.model import SYSTEM, Actor
from bongsu.tasks.model import (
    GAP,
    Label,
    Link,
    between,
    progress,
    project_role,
    reaches,
    too_tight,
)
from tests.tasks.support import ADA, BEN, COLUMNS, NOW, a_project, a_task

ADMIN = Actor("user", 1, "Root", "root@example.com", "admin")
VIEWER = Actor("user", 2, "Ben", "ben@example.com", "viewer")
INCIDENT = Link(1, "relates", "incident/12", "Checkout is down", "open", 4, closes=True)


def test_a_project_knows_its_columns():
    one = a_project(labels=(Label(1, "tls"),))

    assert COLUMNS[1] == one.column(2)
    assert one.column(9) is None
    assert COLUMNS[2] == one.first("done")
    assert a_project(columns=()).first("done") is None
    assert ["Waiting", "In progress", "Done"] == one.shown()["columns"]
    assert (False, True) == (
        one.shown()["archived"],
        a_project(archived_at=NOW).shown()["archived"],
    )


@pytest.mark.parametrize(
    ("target", "href", "name"),
    [
        ("incident/12", "/incidents/12", "INC-12"),
        ("check/3", "/checks/3", "a title"),
        ("task/57", "/tasks/by-id/57", "a title"),
        ("deployment/9", "", "a title"),
    ],
)
def test_a_link_leads_where_there_is_a_page(target, href, name):
    one = Link(1, "relates", target, "a title", None, None, closes=False)

    assert (href, name) == (one.href, one.name)


def test_a_task_is_called_by_its_project_and_number():
    one = a_task(number=42, id=7)

    assert ("TSK-42", "task/7", "/tasks/TSK-42") == (one.key, one.subject, one.href)


def test_a_day_is_shown_with_its_hour_where_one_was_said():
    assert a_task().due is None
    assert "2026-11-30" == a_task(due_on="2026-11-30").due
    assert "2026-11-30 14:00" == a_task(due_on="2026-11-30", due_time="14:00").due


def test_points_of_the_checklist_are_counted():
    assert (1, 2) == a_task(checklist=(("read", True), ("write", False))).checked


def test_the_incident_that_a_task_came_from_goes_before_others():
    came = replace(INCIDENT, kind="from", target="incident/3")

    assert a_task().incident is None
    assert INCIDENT == a_task(links=(INCIDENT,)).incident
    assert came == a_task(links=(INCIDENT, came)).incident


def test_everybody_concerned_is_named_once():
    assert (1, 2) == a_task(assignees=(ADA, BEN), watchers=(BEN,)).people
    assert () == a_task(creator=None).people


def test_only_open_tasks_are_late():
    past = NOW - timedelta(hours=1)

    assert a_task(due_at=past).is_late(NOW)
    assert not a_task(due_at=past, status="done").is_late(NOW)
    assert not a_task(due_at=NOW + timedelta(hours=1)).is_late(NOW)
    assert not a_task().is_late(NOW)


def test_events_carry_enough_to_name_and_sort_a_task():
    facts = a_task(assignees=(BEN,), links=(INCIDENT,), due_on="2026-11-30").facts()

    assert ("TSK-1", "TSK", 1, [2], "2026-11-30", 12) == tuple(
        facts[name] for name in ("key", "project", "creator", "assignees", "due", "incident")
    )
    nobodys = a_task(creator=None).facts()
    assert (None, None) == (nobodys["creator"], nobodys["incident"])


def test_the_api_shows_people_links_and_the_address():
    shown = a_task(links=(INCIDENT,), done_at=NOW).shown("https://bongsu.example.com")

    assert "https://bongsu.example.com/tasks/TSK-1" == shown["url"]
    assert {"id": 1, "name": "Ada"} == shown["creator"]
    assert ("open", True) == (shown["links"][0]["state"], shown["links"][0]["closes"])
    assert "2026-11-21T09:00:00.000Z" == shown["done_at"]
    assert a_task(creator=None).shown()["creator"] is None
    assert a_task().shown()["done_at"] is None


@pytest.mark.parametrize(
    ("actor", "everyone", "own", "role"),
    [
        (VIEWER, "none", None, None),
        (VIEWER, "viewer", None, "viewer"),
        (VIEWER, "none", "member", "member"),
        (VIEWER, "member", "viewer", "member"),
        (VIEWER, "viewer", "manager", "manager"),
        (ADMIN, "none", None, "manager"),
        (SYSTEM, "none", None, "manager"),
    ],
)
def test_the_larger_of_ones_own_role_and_everyones_counts(actor, everyone, own, role):
    assert role == project_role(actor, everyone, own)


def test_each_role_may_what_the_one_before_may():
    assert reaches("manager", "viewer")
    assert reaches("member", "member")
    assert not reaches("viewer", "member")
    assert not reaches(None, "viewer")


@given(st.none() | st.floats(-1e9, 1e9), st.none() | st.floats(-1e9, 1e9))
def test_a_card_is_put_between_its_neighbours(above, below):
    if above is not None and below is not None and above > below:
        above, below = below, above

    place = between(above, below)

    assert above is None or above <= place
    assert below is None or place <= below
    if not too_tight(above, below):
        assert above is None or above < place
        assert below is None or place < below


def test_places_begin_at_nought_and_leave_room():
    assert 0.0 == between(None, None)
    assert (-GAP, 2 * GAP) == (between(None, 0.0), between(GAP, None))
    assert not too_tight(None, 1.0)


def test_progress_counts_what_is_done():
    assert "1 of 2 done" == str(progress([a_task(), a_task(status="done")]))

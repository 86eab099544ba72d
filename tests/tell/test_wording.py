"""What news say, to whom, and of what: pure, over events in the shape of the room tasks."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.events.envelope import Draft, Event
from bongsu.tell.concerned import TIES, concerned
from bongsu.tell.news import News, merged, read
from bongsu.tell.preferences import KINDS
from bongsu.tell.wording import day_text, lead, rows
from tests.tell.support import START, comment, edit, task_event

ADA, BEN, CHO = 1, 2, 3
NAMES = {ADA: "Ada", BEN: "Ben", CHO: "Cho"}
PERSON = {n: {"id": n, "name": name} for n, name in NAMES.items()}


def event_of(draft: Draft) -> Event:
    given = {name: getattr(draft, name) for name in draft.__slots__}
    return Event(
        **(given | {"seq": 1, "id": "e1", "recorded": START, "workspace": "w", "time": START})
    )


def news(what: str = "updated", before: Any = None, after: Any = None, **values: Any) -> News:
    found = read(event_of(task_event(what, by=ADA, before=before, after=after, **values)))
    assert found is not None
    return found


def said(one: News, person: int = BEN, language: str = "en") -> str:
    return lead(one, person, NAMES).to(language)


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (news("created"), "Ada created it."),
        (news("created", assignees=[BEN]), "Ada created it and assigned it to you."),
        (news("deleted"), "Ada deleted it."),
        (news("restored"), "Ada brought it back."),
        (news("status_changed", {"status": "waiting"}, {"status": "done"}),
         "Ada moved it from Waiting to Done."),
        (news("status_changed", {}, {"column": "Review"}), "Ada moved it to Review."),
        (news("status_changed", {"column": "Review"}, {"column": "Shipped"}),
         "Ada moved it from Review to Shipped."),
        (news("assigned", {"assignees": []}, {"assignees": [PERSON[BEN]]}), "Ada assigned it to you."),
        (news("assigned", {"assignees": [PERSON[BEN]]}, {"assignees": []}), "Ada took you off it."),
        (news("assigned", {"assignees": []}, {"assignees": [PERSON[CHO]]}), "Ada assigned it to Cho."),
        (news("assigned", {"assignees": [PERSON[CHO]]}, {"assignees": []}), "Ada took Cho off it."),
        (news("assigned", {"assignees": [PERSON[CHO]]}, {"assignees": [{"id": 9}]}),
         "Ada handed it from Cho to #9."),
        (news("updated", {"title": "a"}, {"title": "b"}), "Ada renamed it."),
        (news("updated", {"labels": [], "due": None}, {"labels": ["x"], "due": "2026-11-30"}),
         "Ada changed 2 details."),
        (news("attached", more={"files": [{"id": 1, "name": "a.png"}]}), "Ada attached a.png."),
        (news("detached"), "Ada removed a file."),
        (news("comment_deleted"), "Ada deleted a comment."),
        (news("due", more={"reminder": "soon"}), "It is due soon."),
        (news("due", more={"reminder": "due"}), "It is due now."),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_the_first_sentence_says_who_did_what(one, sentence):
    assert sentence == said(one)
    assert "{" not in said(one, language="ko")


def test_who_took_it_is_not_told_that_it_was_assigned_to_them():
    taken = news("assigned", {"assignees": []}, {"assignees": [PERSON[ADA]]})

    assert "Ada took it." == said(taken, ADA)
    assert "Ada 님이 맡았습니다." == said(taken, ADA, "ko")


def test_what_happened_by_itself_was_done_by_bongsu():
    made = read(event_of(task_event("status_changed", after={"column": "Done"})))

    assert "Bongsu itself moved it to Done." == said(made)
    assert "Bongsu가 상태를 옮겼습니다: 완료" == said(made, language="ko")


def test_somebody_unknown_is_called_as_the_event_says():
    assert "Zoe created it." == said(replace(news("created", actor_name="Zoe"), by=99))


@pytest.mark.parametrize(
    ("before", "after", "row"),
    [
        ({"priority": 2}, {"priority": 4}, ("Priority", "Normal", "Urgent")),
        ({"priority": 2}, {"priority": 9}, ("Priority", "Normal", "9")),
        ({"due": None}, {"due": "2026-11-30 14:00"}, ("Due", "none", "30 Nov 2026, 14:00")),
        ({"labels": ["a", "b"]}, {"labels": []}, ("Labels", "a, b", "none")),
        ({"assignees": []}, {"assignees": [PERSON[BEN]]}, ("Assigned to", "none", "Ben")),
        ({"links": []}, {"links": [{"kind": "blocks", "title": "TSK-5 Release"}]},
         ("Links", "none", "TSK-5 Release")),
        ({"status": "waiting"}, {"status": "done"}, ("Status", "Waiting", "Done")),
        ({"status": "waiting", "column": "Inbox"}, {"status": "done", "column": "Shipped"},
         ("Status", "Inbox", "Shipped")),
        ({"checklist": [{"text": "Pin", "done": False}]}, {"checklist": [{"text": "Pin", "done": True}]},
         ("Checklist", "[ ] Pin", "[x] Pin")),
        ({"project": "OPS"}, {"project": "TSK"}, ("Project", "OPS", "TSK")),
    ],
)  # fmt: skip
def test_each_change_is_a_row_from_before_to_after(before, after, row):
    assert (row,) == rows(news("updated", before, after), "en")


@pytest.mark.parametrize(
    ("zones", "seen"),
    [
        (("Asia/Seoul", "Europe/Berlin"), ("Due", "30 Nov 2026, 06:00", "30 Nov 2026, 14:00")),
        (("Pacific/Auckland", ""), ("Due", "30 Nov 2026, 02:00", "30 Nov 2026, 14:00")),
        (("Nowhere/At-all", "../etc"), ("Due", "30 Nov 2026, 14:00", "30 Nov 2026, 14:00")),
    ],
)
def test_hours_are_those_of_who_reads(zones, seen):
    said = {"due": "2026-11-30 14:00"}
    told_where = {"due_zone": dict(zip(("before", "after"), zones, strict=True))}
    one = news(
        "updated", said, said, more=told_where, due="2026-11-30 14:00", due_zone="Asia/Seoul"
    )

    read_in_berlin = one.seen_in(ZoneInfo("Europe/Berlin"))

    assert (seen,) == rows(read_in_berlin, "en")
    assert "2026-11-30 06:00" == read_in_berlin.thing.due


def test_a_day_without_an_hour_is_the_same_day_for_everybody():
    one = news("updated", {"due": None}, {"due": "2026-11-30"}, due="2026-11-30",
               more={"due_zone": {"before": None, "after": "Asia/Seoul"}})  # fmt: skip

    assert one == one.seen_in(ZoneInfo("America/Los_Angeles"))


def test_long_texts_are_cut_to_what_differs():
    text = "\n".join(f"line {n}" for n in range(100))
    ((field, before, after),) = rows(
        news("updated", {"description": text}, {"description": text.replace("line 50", "row 50")}),
        "en",
    )

    assert ("Description", "…\nline 49\nline 50\nline 51\n…") == (field, before)
    assert "…\nline 49\nrow 50\nline 51\n…" == after


def test_a_change_of_spaces_alone_is_said_to_be_one():
    one = news("updated", {"description": "a\nb"}, {"description": "a\nb\n\n"})

    assert (("Description", "", "only spaces and empty lines"),) == rows(one, "en")


@pytest.mark.parametrize(
    ("due", "en", "ko"),
    [
        ("2026-11-30", "30 Nov 2026", "2026년 11월 30일"),
        ("2026-11-30 14:00", "30 Nov 2026, 14:00", "2026년 11월 30일 14:00"),
        ("soon", "soon", "soon"),
    ],
)
def test_days_are_said_as_people_say_them(due, en, ko):
    assert (en, ko) == (day_text(due, "en"), day_text(due, "ko"))


# --- whom it concerns


def test_the_strongest_tie_comes_first_and_the_most_telling_kind():
    made = read(
        event_of(comment(ADA, "@Ben", [BEN], creator=BEN, assignees=[BEN], watchers=[BEN, CHO]))
    )
    ben, cho = concerned(made)

    assert (("assigned", "creator", "mentioned", "watches"), ("mentioned", "commented")) == (
        ben.ties,
        ben.kinds,
    )
    assert (("watches",), ("commented",)) == (cho.ties, cho.kinds)


def test_a_save_of_several_things_is_several_kinds():
    both = news(
        "status_changed",
        {"status": "waiting", "assignees": [], "due": None},
        {"status": "done", "assignees": [PERSON[BEN]], "due": "2026-11-30"},
        assignees=[BEN],
        watchers=[CHO],
    )
    ben, cho = concerned(both)

    assert ("assigned", "status") == ben.kinds
    assert ("status",) == cho.kinds


def test_a_follower_of_the_project_is_concerned_by_every_task_of_it():
    (cho,) = concerned(news("created"), [CHO])

    assert (("follows",), ("created",)) == (cho.ties, cho.kinds)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    what=st.sampled_from(["created", "updated", "assigned", "commented", "status_changed", "due"]),
    data=st.dictionaries(
        st.sampled_from(["task", "before", "after", "changed", "by", "note", "files", "title"]),
        JSON,
    ),
)
def test_an_event_of_any_shape_is_read_without_harm(what, data):
    event = event_of(task_event(what))
    shaped = replace(
        event, data=data | ({"changed": []} if not isinstance(data.get("changed"), list) else {})
    )

    found = read(shaped)

    for one in concerned(found) if found else ():
        assert set(one.ties) <= set(TIES)
        assert set(one.kinds) <= set(KINDS)


# --- runs


def test_a_run_goes_from_before_the_first_to_after_the_last():
    run = [read(event_of(edit(ADA, a, b))) for a, b in (("1", "2"), ("2", "3"), ("3", "4"))]

    one = merged(run)

    assert ({"description": "1"}, {"description": "4"}) == (one.before, one.after)
    assert ("description",) == one.changed
    assert "text" == one.run


def test_what_a_run_put_back_has_not_changed():
    run = [
        read(event_of(edit(ADA, "1", "2"))),
        read(event_of(edit(ADA, "a", "b", "title"))),
        read(event_of(edit(ADA, "2", "1"))),
    ]

    assert ("title",) == merged(run).changed
    assert merged([run[0], run[2]]).is_empty

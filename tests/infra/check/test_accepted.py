"""What a team lives with is hidden until a day, and an exception that serves nothing is said."""

import pytest

from tests.infra.check.mutations import STAGING, TWO
from tests.infra.check.support import checked, ids


def accepted(at="services.web", until="2026-11-28", id="HA001"):  # noqa: A002
    entry = {"id": id, "at": at, "until": until, "why": "One is enough for this team."}
    return {"services.web.scale.min": 1, "accepted": [entry]}


@pytest.mark.parametrize("at", ["services.web.scale.min", "services.web.scale", "services.web"])
def test_an_entry_hides_what_lies_at_or_below_its_place_on_its_last_day_too(at):
    found = checked(accepted(at))

    assert ids(found) == []
    assert [(one.finding.id, one.entry.why) for one in found.accepted] == [
        ("HA001", "One is enough for this team.")
    ]


def test_after_its_day_the_finding_is_back_and_the_entry_is_said():
    found = checked(accepted(until="2026-11-27"))

    assert ids(found) == ["ACC001", "HA001"]
    assert found.accepted == ()
    assert found.findings[0].at == "accepted[0]"


@pytest.mark.parametrize(
    ("at", "id"),
    [("services.we", "HA001"), ("services.web.scale.max", "HA001"), ("services.web", "HA002")],
)
def test_an_entry_that_hides_nothing_is_said(at, id):  # noqa: A002
    assert sorted(ids(checked(accepted(at, id=id)))) == ["ACC002", "HA001"]


def test_an_entry_of_all_environments_need_serve_one_of_them_only():
    entry = {
        "id": "DB001",
        "at": "databases.orders",
        "until": "2027-01-01",
        "why": "Rebuilt nightly.",
    }
    changes = {"databases.orders.standby": "none", "accepted": [entry]}

    assert ids(checked(changes, TWO)) == []
    assert ids(checked(changes, TWO, environment="staging")) == []


def test_the_longer_of_two_entries_holds():
    changes = accepted(until="2026-01-01")
    changes["accepted"].append(accepted(until="2027-01-01")["accepted"][0])

    assert ids(checked(changes)) == ["ACC002"]


def test_what_lies_between_environments_can_be_accepted_too():
    entry = {
        "id": "ENV003",
        "at": "services.web",
        "until": "2027-01-01",
        "why": "Another zone of names.",
    }

    found = checked({f"{STAGING}.services.web.routes": None, "accepted": [entry]}, TWO)

    assert ids(found) == []
    assert [one.finding.environments for one in found.accepted] == [("staging",)]

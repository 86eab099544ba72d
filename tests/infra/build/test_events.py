"""Buses and mail: each part publishes on its own bus and sends from its own identity only."""

import pytest

from bongsu.infra.cost.lines import lines_of
from bongsu.infra.cost.prices import load_prices
from bongsu.infra.cost.traffic import month
from bongsu.infra.draw.layout import layout
from bongsu.infra.graph import Att, Ref
from bongsu.kit.errors import Invalid
from tests.infra.build.worked import properties
from tests.infra.support import graph, plan

PATTERN = {"detail-type": ["task.created"]}
BOTH = {
    "events__news": {},
    "mail__letters": {"domain": "mail.example.com"},
    "functions__notify": {
        "handler": "a.handler",
        "on": [{"pattern": PATTERN, "bus": "news"}],
        "uses": {"letters": "send"},
    },
    "services__web__uses__news": "publish",
}


def uses(found, role):
    (use,) = [one for one in properties(found, role)["Policies"] if one["PolicyName"] == "use"]
    return use["PolicyDocument"]["Statement"]


def test_a_function_hears_the_events_of_its_bus():
    found = graph(**BOTH)

    rule = properties(found, "EventRuleNotify")
    assert (rule["EventBusName"], rule["EventPattern"]) == (Ref("BusNews"), PATTERN)
    assert properties(found, "ArchiveNews")["RetentionDays"] == 30


def test_a_part_publishes_on_its_bus_only():
    said = uses(graph(**BOTH), "TaskRoleWeb")

    (events,) = [one for one in said if "events:PutEvents" in one["Action"]]
    assert events["Resource"] == [Att("BusNews", "Arn")]


def test_a_function_sends_from_its_identity_only():
    (send,) = uses(graph(**BOTH), "RoleOfFunctionNotify")

    assert send["Action"] == ["ses:SendEmail", "ses:SendRawEmail"]
    assert send["Resource"][0].text.endswith(":identity/mail.example.com")


def test_an_identity_is_proved_by_three_records_in_the_zone():
    found = graph(**BOTH)

    names = [properties(found, f"Dkim{number}Letters")["Name"] for number in (1, 2, 3)]
    assert names == [Att("IdentityLetters", f"DkimDNSTokenName{number}") for number in (1, 2, 3)]


def test_records_that_people_keep_elsewhere_are_not_made():
    found = graph(mail__letters={"domain": "example.org", "by_hand": True})

    assert "IdentityLetters" in found.resources
    assert not [name for name in found.resources if name.startswith("Dkim")]


def test_they_are_paid_for_and_drawn():
    planned = plan(**BOTH)

    lines = [one for one in lines_of(planned, load_prices(), month("expected")) if one.usd]
    boxes = {box.part: box.glyph for box in layout(planned).boxes}

    assert {one.service for one in lines if one.part in ("news", "letters")} == {"events", "ses"}
    assert (boxes["news"], boxes["letters"]) == ("join", "letter")


@pytest.mark.parametrize(
    ("trigger", "said"),
    [
        ({"bus": "news", "schedule": "rate(1 day)"}, "needs a pattern"),
        ({"bus": "olds", "pattern": PATTERN}, "no olds in events"),
    ],
)
def test_a_bus_that_is_not_there_or_says_nothing_is_refused(trigger, said):
    with pytest.raises(Invalid) as refused:
        plan(events__news={}, functions__notify={"handler": "a.handler", "on": [trigger]})

    assert any(said in str(problem.what) for problem in refused.value.problems)

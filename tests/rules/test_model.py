import pytest

from bongsu.events.pattern import compile_pattern, explain
from bongsu.kit.errors import Invalid
from bongsu.rules.actions import incident
from bongsu.rules.builtin import BUILTIN, original
from bongsu.rules.model import (
    ACTIONS,
    Rule,
    RuleDraft,
    because,
    check,
    compiled,
    may_act,
    most_telling,
)
from tests.incidents.test_model import event

WHEN = {"detail-type": ["check.state_changed"], "detail": {"after": {"state": ["down"]}}}


def draft(**values) -> RuleDraft:
    given = {"name": "x", "when": WHEN, "do": [{"incident": {"severity": 4}}]}
    return RuleDraft.model_validate(given | values)


def rule(**values) -> Rule:
    given = {
        "id": 1, "name": "x", "enabled": True, "pattern": WHEN,
        "actions": ({"incident": {"severity": 4}},), "builtin": False, "defined_in": None,
    }  # fmt: skip
    return Rule(**(given | values))


def places(**values) -> list[str]:
    with pytest.raises(Invalid, match="Rule x cannot be saved") as caught:
        check(draft(**values))
    return [problem.where for problem in caught.value.problems]


def test_a_good_rule_passes_and_is_shown_in_the_words_of_a_file():
    check(draft())

    assert {"name": "x", "enabled": True, "when": WHEN, "do": [{"incident": {"severity": 4}}]} == (
        rule().shown()
    )


def test_everything_wrong_is_said_at_once_with_its_place():
    assert [
        "when.source", "do[0].incident.severity", "do[1]", "do[2]", "do[3].incident.tell.0",
    ] == places(
        when={"source": "x"},
        do=[
            {"incident": {"severity": 9}}, {"fax": {}}, {"incident": {}, "deliver": {}},
            {"incident": {"tell": "everybody"}},
        ],
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", "Tell Owner", "-x", "x" * 64, "알림"])
def test_a_name_is_a_slug(name):
    with pytest.raises(ValueError, match=r"tell-owner"):
        draft(name=name)


@pytest.mark.parametrize("do", [[], [{"incident": {}}] * 11])
def test_a_rule_has_one_to_ten_actions(do):
    with pytest.raises(ValueError, match="do"):
        draft(do=do)


def test_a_compiled_rule_has_its_options_parsed():
    one = compiled(rule())

    assert [("incident", 4)] == [(step.kind, step.options.severity) for step in one.steps]


def test_a_stored_rule_that_cannot_be_used_any_more_says_why():
    with pytest.raises(Invalid):
        compiled(rule(actions=({"carrier-pigeon": {}},)))


def test_who_is_told_may_be_one_word_or_several_and_is_the_owners_otherwise():
    made = [incident.Options.model_validate(o).tell for o in ({}, {"tell": "admins"},
            {"tell": ["owners", "channel:ops", "team:night"]})]  # fmt: skip

    assert [("owners",), ("admins",), ("owners", "channel:ops", "team:night")] == made


def test_the_reason_is_what_the_event_carried_not_its_type():
    down = event(data={"after": {"state": "down"}})

    assert 'detail.after.state is "down", as it should be.' == str(because(compiled(rule()), down))


def test_a_pattern_without_detail_gives_its_first_leaf():
    pattern = compile_pattern({"source": ["bongsu.watch"]})

    assert "source" in str(most_telling(explain(pattern, event().match_view())))
    assert "the event fits the rule" == str(
        most_telling(explain(pattern, event(source="x").match_view()))
    )


def test_a_cut_loop_leads_to_nothing_new():
    assert not may_act(event(type="own.loop_cut"))
    assert may_act(event(type="own.role_died"))


@pytest.mark.parametrize("name", [name for name, _, _ in BUILTIN])
def test_every_built_in_rule_can_be_used(name):
    values = original(name)
    assert compiled(rule(name=name, pattern=values["pattern"], actions=tuple(values["actions"])))


@pytest.mark.parametrize(
    ("of", "fits"),
    [
        (event(data={"after": {"state": "down"}}), ["tell-owner"]),
        (event(data={"after": {"state": "degraded"}}), ["tell-owner-slow"]),
        (event(data={"after": {"state": "up"}}), ["well-again"]),
        (event(data={"after": {"state": "unknown"}}), ["well-again"]),
        (event(type="own.role_died", severity=4), ["own-trouble"]),
        (event(type="own.role_died", severity=3), []),
        (event(type="delivery.failed", severity=4), ["own-trouble"]),
        (event(type="own.lane_works", severity=1, data={"after": {"state": "up"}}),
         ["own-trouble-over"]),
        (event(type="request.triggered", severity=3), ["request-triggers"]),
        (event(type="service.created", severity=1), []),
    ],
)  # fmt: skip
def test_the_built_in_rules_take_what_they_are_for(of, fits):
    names = [n for n, p, _ in BUILTIN if compile_pattern(p).matches(of.match_view())]

    assert fits == names


@pytest.mark.parametrize("kind", ACTIONS.ids())
def test_every_action_declares_itself_with_valid_examples(kind):
    spec = ACTIONS.spec(kind)

    assert kind == spec.id
    assert spec.examples
    assert all(spec.options.model_validate(example) for example in spec.examples)

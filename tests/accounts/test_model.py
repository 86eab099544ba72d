import re
from pathlib import Path

import pytest

from bongsu.accounts.model import (
    ACTIONS,
    ROLES,
    SIGNED_IN_ONLY,
    SYSTEM,
    Actor,
    Team,
    allowed,
    changed,
    doing,
    is_scope,
    require,
)
from bongsu.kit.errors import NotAllowed
from bongsu.kit.i18n import translate

SOURCE = Path(__file__).resolve().parents[2] / "src" / "bongsu"


def someone(role: str, kind="user", scopes=("*",)) -> Actor:
    return Actor(
        kind, 7, "Sam", "sam@example.com", role, scopes, token_id=3 if kind == "token" else None
    )


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_each_action_is_allowed_from_its_least_role_upwards_and_to_nobody_below(action):
    least = ROLES.index(ACTIONS[action].least)

    found = [allowed(someone(role), action) for role in ROLES]

    assert [place >= least for place in range(len(ROLES))] == found


@pytest.mark.parametrize(
    "action", ["service.create", "service.delete", "check.create", "check.update", "check.delete"]
)
def test_only_an_admin_registers_or_deletes_services_and_checks(action):
    assert [False, False, False, True] == [allowed(someone(role), action) for role in ROLES]


def test_an_action_that_nobody_listed_is_for_admins_only():
    assert [False, False, False, True] == [allowed(someone(role), "moon.fly") for role in ROLES]
    assert "moon.fly" == doing("moon.fly")


def test_a_role_that_nobody_knows_may_nothing():
    assert not any(allowed(someone("emperor"), action) for action in ACTIONS)


def test_the_program_itself_may_everything():
    assert all(allowed(SYSTEM, action) for action in ACTIONS)
    assert "system" == SYSTEM.ref


def test_every_required_action_of_the_source_is_in_the_table():
    pattern = re.compile(r"""(?:require|allowed)\(\s*\w+(?:\.\w+)*,\s*["']([a-z_.]+)["']""")
    used = {
        name
        for path in SOURCE.rglob("*.py")
        for name in pattern.findall(path.read_text(encoding="utf-8"))
    }

    assert "service.create" in used
    assert set() == used - set(ACTIONS)


def test_a_token_without_scopes_reads_and_does_nothing_else():
    token = someone("admin", "token", ())

    found = {action for action in ACTIONS if allowed(token, action)}

    assert {action for action in ACTIONS if action.endswith(".read")} == found


def test_scopes_narrow_a_role_and_never_widen_it():
    token = someone("responder", "token", ("incident.*", "service.delete"))

    assert allowed(token, "incident.acknowledge")
    assert not allowed(token, "check.now")
    assert not allowed(token, "service.delete")


def test_a_token_with_every_scope_still_makes_no_keys():
    token = someone("admin", "token", ("*", *SIGNED_IN_ONLY))

    assert not any(allowed(token, action) for action in SIGNED_IN_ONLY)
    assert allowed(token, "user.create")


def test_a_refusal_names_the_action_and_the_role_it_needs():
    with pytest.raises(NotAllowed) as refusal:
        require(someone("responder"), "check.delete")

    text = str(refusal.value)
    assert (
        "Deleting a check (check.delete) needs the role Administrator; yours is Responder." in text
    )
    assert "Ask an administrator" in text


def test_a_refusal_of_a_token_names_its_scopes_and_the_one_that_is_missing():
    with pytest.raises(NotAllowed) as refusal:
        require(someone("admin", "token", ("check.*",)), "incident.comment")
    with pytest.raises(NotAllowed) as empty:
        require(someone("admin", "token", ()), "incident.comment")
    with pytest.raises(NotAllowed) as keys:
        require(someone("admin", "token"), "token.own")

    assert "outside the scopes of this token: check.*" in str(refusal.value)
    assert "Make a token with the scope incident.comment." in str(refusal.value)
    assert "of this token: none" in str(empty.value)
    assert "not for tokens" in str(keys.value)


def test_what_is_allowed_passes_without_a_word():
    assert require(someone("viewer"), "check.now") is None


def test_an_actor_is_named_in_events_by_what_they_came_with():
    assert ("user/7", "token/3") == (someone("admin").ref, someone("admin", "token").ref)


@pytest.mark.parametrize(
    ("scope", "known"),
    [
        ("*", True),
        ("incident.*", True),
        ("check.now", True),
        ("moon.*", False),
        ("token.own", False),
        ("", False),
    ],
)
def test_a_scope_is_everything_a_family_or_an_action_that_tokens_may_do(scope, known):
    assert known == is_scope(scope)


def test_changed_names_what_differs():
    assert ["title"] == changed({"title": "A", "name": "a"}, {"name": "a", "title": "B"})


def test_a_team_shows_its_members_as_a_list():
    assert {"name": "shop", "title": "Shop", "members": [1, 2]} == Team(
        1, "shop", "Shop", (1, 2)
    ).shown()


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_action_has_korean_words(action):
    english = ACTIONS[action].doing.text

    assert english != translate("ko", english)

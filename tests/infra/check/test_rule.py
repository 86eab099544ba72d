"""The register of rules."""

import pytest

from bongsu.infra.check.check import AREAS
from bongsu.infra.check.rule import ACROSS, RULES, rule, rule_across
from bongsu.kit.i18n import say


def test_every_area_has_its_rules():
    areas = {one.look.__module__.rpartition(".")[2] for one in (*RULES.values(), *ACROSS.values())}

    assert areas == set(AREAS)


@pytest.mark.parametrize("register", [rule, rule_across])
@pytest.mark.parametrize("taken", ["NET001", "ENV001"])
def test_an_id_stands_once(register, taken):
    with pytest.raises(ValueError, match=f"{taken} stands twice"):
        register(taken, "error", "security", why=say(""), fix=say(""))(list)


@pytest.mark.parametrize("id", [*RULES, *ACROSS])
def test_an_id_is_one_that_can_be_accepted(id):  # noqa: A002
    """As `accepted` takes it: model/watching.py."""
    letters, digits = id.rstrip("0123456789"), id.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    assert 2 <= len(letters) <= 5
    assert 2 <= len(digits) <= 3

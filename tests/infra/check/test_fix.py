"""Changes that need no thought: the text keeps its comments and its layout, and nothing else is touched."""

import pytest

from bongsu.infra.check.check import check_file
from bongsu.infra.check.finding import Change
from bongsu.infra.check.fix import fix, with_change
from bongsu.infra.plan.lock import Lock
from bongsu.kit.errors import Invalid
from tests.infra.check.mutations import ACROSS, MUTATIONS, TWO
from tests.infra.check.support import FILE, TODAY, changed, checked
from tests.infra.support import SMALL


def fixed(text, environment=None):
    done = fix(FILE, text.encode(), Lock(), TODAY, environment)
    return done.text.decode(), [one.id for one in done.mended]


def test_one_value_is_changed_where_it_stands():
    text = SMALL.replace("orders: {}", "orders: {backup_days: 0}   # we have none yet\n")

    after, mended = fixed(text)

    assert after == text.replace("backup_days: 0", "backup_days: 7")
    assert mended == ["DB004"]


def test_what_is_not_there_is_added_in_the_layout_of_its_block():
    inside = with_change("a: {b: {}}\n", Change(("a", "b", "c"), True))
    beside = with_change("a: {b: {d: 1}}  # why\n", Change(("a", "b", "c"), 7))
    block = with_change("a:\n  b:\n    # why\n    d: 1\n", Change(("a", "b", "c"), "x"))

    assert inside == "a: {b: {c: true}}\n"
    assert beside == "a: {b: {d: 1, c: 7}}  # why\n"
    assert block == "a:\n  b:\n    # why\n    c: x\n    d: 1\n"


@pytest.mark.parametrize("text", ["a: 1\n", "a: [1]\n", "a:\n", ""])
def test_a_block_that_is_not_there_is_not_made(text):
    assert with_change(text, Change(("a", "b", "c"), True)) is None


def test_an_entry_of_a_list_is_found():
    text = "a:\n- {b: 1}\n- {b: 2}\n"

    assert with_change(text, Change(("a", 1, "b"), 3)) == "a:\n- {b: 1}\n- {b: 3}\n"
    assert with_change(text, Change(("a", 2, "b"), 3)) is None


def test_what_an_environment_says_is_changed_there():
    text = TWO.replace(
        "    hours: {}\n", "    hours: {}\n    services: {web: {container_port: 80}}\n"
    )
    text = text.replace(
        "    services:\n      web:\n        routes",
        "    services:\n      web:\n        container_port: 80\n        routes",
    )
    text = text.replace("    services: {web: {container_port: 80}}\n", "")

    after, mended = fixed(text)

    assert mended == ["LB001"]
    assert after == text.replace("container_port: 80", "container_port: 3000")


def test_several_are_mended_in_one_go():
    text = SMALL.replace("port: 3000", "port: 3000\n    container_port: 80")
    text = text.replace("{waf: true}", "{waf: true, delete_protection: false}")
    text = text.replace("image: {build: .}", "image: {build: ., tag: latest}")

    after, mended = fixed(text)

    assert sorted(mended) == ["CICD01", "LB001", "OPS002"]
    assert check_file(FILE, after.encode(), Lock(), TODAY).findings == ()


def test_a_change_that_would_bring_another_finding_is_not_made():
    """Behind no NAT the tier app leads nowhere either."""
    changes = {
        "services.web.tier": "public",
        "networks.main.nat": "none",
        "networks.main.endpoints": ["s3"],
    }
    text = changed(SMALL, changes).decode()

    assert fixed(text) == (text, [])


def test_a_change_that_would_not_read_is_not_made(monkeypatch):
    text = SMALL.replace("orders: {}", "orders: {backup_days: 0}")
    monkeypatch.setattr("bongsu.infra.check.fix.with_change", lambda *_: "name: [")

    assert fixed(text) == (text, [])


def test_a_file_that_does_not_read_is_refused():
    with pytest.raises(Invalid):
        fixed("name: [")


@pytest.mark.parametrize("text", [SMALL, TWO])
def test_what_is_right_stays_as_it_is(text):
    assert fixed(text) == (text, [])


def test_no_change_makes_any_mistake_worse():
    rows = [(SMALL, row) for row in MUTATIONS] + [(TWO, row) for row in ACROSS]
    offered = [(text, row) for text, row in rows if _offers(text, row[2])]

    assert len(offered) > 15
    for text, (id, _, changes) in offered:  # noqa: A001
        done = fix(FILE, changed(text, changes), Lock(), TODAY)
        left = check_file(FILE, done.text, Lock(), TODAY).findings
        assert {one.id for one in left} <= {id}, (id, changes)


def _offers(text, changes):
    return any(one.safe_fix for one in checked(changes, text).findings)

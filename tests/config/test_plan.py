from hypothesis import given
from hypothesis import strategies as st

from bongsu.config.plan import Thing, plan

NAMES = st.sampled_from(["a", "b", "c", "d"])
SECTIONS = st.sampled_from(["teams", "channels", "services", "rules"])


def things(defined_in: st.SearchStrategy) -> st.SearchStrategy:
    made = st.builds(
        Thing, SECTIONS, NAMES, st.fixed_dictionaries({"v": st.integers(0, 2)}), defined_in
    )
    return st.lists(made, unique_by=lambda t: (t.section, t.name), max_size=8)


def thing(section: str, name: str, value: int = 1, defined_in: str | None = "f:1") -> Thing:
    return Thing(section, name, {"v": value}, defined_in)


def test_what_is_needed_comes_first_and_what_goes_goes_last():
    wanted = [thing("services", "shop"), thing("checks", "shop/home"), thing("teams", "ops")]
    present = [thing("checks", "old/x"), thing("services", "old")]

    changes = [(c.verb, c.section, c.name) for c in plan(wanted, present)]

    assert [
        ("create", "teams", "ops"),
        ("create", "services", "shop"),
        ("create", "checks", "shop/home"),
        ("delete", "checks", "old/x"),
        ("delete", "services", "old"),
    ] == changes


def test_what_no_file_defined_is_left_alone_and_taken_over_when_named():
    present = [thing("services", "by-hand", defined_in=None)]

    assert plan([], present) == []
    (taken,) = plan([thing("services", "by-hand")], present)
    assert ("update", ()) == (taken.verb, taken.fields)


def test_an_update_says_what_changes_and_hides_secrets():
    wanted = [Thing("channels", "hook", {"secret": "new-value"}, "f:1")]
    present = [Thing("channels", "hook", {"secret": "old-value"}, "f:1")]

    (change,) = plan(wanted, present)

    assert "value" not in str(change.shown())
    assert change.fields == (("secret", "old-value", "new-value"),)


@given(things(st.just("f:1")), things(st.sampled_from([None, "f:1"])))
def test_after_applying_there_is_nothing_left_to_do(wanted, present):
    after = {(t.section, t.name): t for t in present}
    for change in plan(wanted, present):
        if change.verb == "delete":
            del after[change.section, change.name]
        else:
            after[change.section, change.name] = change.thing

    assert plan(wanted, list(after.values())) == []

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.kit.errors import Invalid
from bongsu.watch.drafts import main_option, read_check, short_form, shown_options


def refused(values, name="home") -> dict[str, str]:
    """Where and what, of everything that is wrong."""
    with pytest.raises(Invalid) as caught:
        read_check(values, name)
    return {problem.where: str(problem.what) for problem in caught.value.problems}


def test_the_short_form_of_a_file_is_the_long_form():
    short = read_check(
        {"http": "https://a.example.com/", "every": "30s", "expect": ["[STATUS] == 200"]}, "home"
    )
    long = read_check(
        {
            "name": "home", "kind": "http", "options": {"url": "https://a.example.com/"}, "every": 30,
            "expect": ["[STATUS] == 200"],
        }
    )  # fmt: skip

    assert short == long
    assert (short.every, short.timeout_s, short.confirm, short.recover) == (30, 10, 2, 1)


def test_the_short_form_takes_options_as_a_mapping_too():
    draft = read_check({"http": {"url": "https://a.example.com/", "method": "HEAD"}}, "home")

    assert draft.options == {"url": "https://a.example.com/", "method": "HEAD"}
    assert read_check({"tcp": "db.example.com:5432", "every": "1h30m"}, "db").every == 5400


def test_only_what_was_given_is_kept_of_the_options():
    assert read_check({"http": "https://a.example.com/"}, "x").options == {
        "url": "https://a.example.com/"
    }


def test_everything_wrong_is_said_at_once_each_in_its_place():
    problems = refused(
        {
            "http": {"url": "ftp://x", "nonsense": 1}, "every": "soon", "confirm": 0, "colour": "red",
            "expect": ["[STATUS] == 200", "[STATUS] =="], "warn": ["nonsense"], "locations": ["Nowhere!"],
        },
        name="Not A Name",
    )  # fmt: skip

    assert set(problems) == {
        "name", "http.url", "http.nonsense", "every", "confirm", "colour", "expect[1]", "warn[0]",
        "locations",
    }  # fmt: skip
    assert problems["every"] == "Write a duration such as 30s, 15m, 1h30m or 14d."
    assert "Column" in problems["expect[1]"]


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ([], ""),
        ({}, "kind"),
        ({"every": "10s"}, "kind"),
        ({"kind": "smoke-signal"}, "kind"),
        ({"http": "https://a.example.com/", "tcp": "a:1"}, "tcp"),
        ({"http": "https://a.example.com/", "kind": "tcp"}, "http"),
        ({"http": "https://a.example.com/", "every": True}, "every"),
        ({"http": "https://a.example.com/", "every": "500ms"}, "every"),
        ({"http": "https://a.example.com/", "every": "31d"}, "every"),
        ({"http": "https://a.example.com/", "every": "5s", "timeout": "5s"}, "timeout"),
        ({"http": "https://a.example.com/", "quorum": 2, "locations": ["here"]}, "quorum"),
        ({"http": "https://a.example.com/", "expect": ["x" * 1001]}, "expect.0"),
        ({"http": "https://a.example.com/", "expect": "[STATUS] == 200"}, "expect"),
        ({"http": 7}, "http"),
        ({"kind": "http", "options": "https://a.example.com/"}, "options"),
    ],
)
def test_one_wrong_thing_is_said_where_it_stands(values, where):
    assert where in refused(values)


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"headers": {"Authorization": "Bearer hunter2"}}, "http.headers.Authorization"),
        ({"headers": {"X-Api-Key": "hunter2"}}, "http.headers.X-Api-Key"),
        ({"username": "alice", "password": "hunter2"}, "http.password"),
        ({"url": "https://alice:hunter2@a.example.com/"}, "http.url"),
    ],
)
def test_a_secret_in_clear_is_refused_with_what_to_do_and_never_repeated(options, where):
    with pytest.raises(Invalid) as caught:
        read_check({"http": {"url": "https://a.example.com/", **options}}, "home")

    (problem,) = caught.value.problems
    assert problem.where == where
    assert "env:NAME" in str(problem.todo)
    assert "hunter2" not in problem.to("en") + problem.to("ko") + str(caught.value)


def test_a_secret_as_a_reference_is_kept_as_one():
    options = {"url": "https://a.example.com/", "headers": {"Authorization": "env:SHOP_TOKEN"}}

    assert read_check({"http": options}, "home").options == options


def test_a_header_that_is_no_secret_may_be_given_in_clear():
    assert read_check(
        {"http": {"url": "https://a.example.com/", "headers": {"Accept": "text/html"}}}, "home"
    )


def test_the_default_time_out_is_ten_seconds_and_always_less_than_the_interval():
    assert read_check({"http": "https://a.example.com/"}, "x").timeout_s == 10
    assert read_check({"http": "https://a.example.com/", "every": "2s"}, "x").timeout_s == 1.6


EVERY = st.sampled_from(["1s", "10s", "30s", "1m", "6h", "14d"])


@given(
    st.sampled_from(
        [
            {"http": "https://a.example.com/"},
            {"tcp": "a.example.com:1"},
            {"tls": "a.example.com:443"},
        ]
    ),
    EVERY,
    st.integers(1, 20),
    st.booleans(),
    st.sampled_from([[], ["[CONNECTED] == true"]]),
)
def test_the_short_form_of_a_row_reads_as_that_row(kind, every, confirm, paused, expect):
    draft = read_check(
        kind | {"every": every, "confirm": confirm, "paused": paused, "expect": expect}, "home"
    )

    assert read_check(short_form(draft.row()), "home").row() == draft.row()


def test_a_short_form_leaves_out_what_is_at_its_default():
    row = read_check({"http": "https://a.example.com/", "every": "30s", "timeout": "3s"}, "x").row()

    assert short_form(row) == {"http": "https://a.example.com/", "every": "30s", "timeout": "3s"}
    assert short_form(row | {"kind": "gone"})["gone"] == {"url": "https://a.example.com/"}


def test_the_main_option_of_a_kind_is_the_one_it_cannot_do_without():
    assert [main_option(kind) for kind in ("http", "tcp", "tls")] == ["url", "address", "address"]


def test_shown_options_hide_what_an_old_address_may_hold():
    assert shown_options({"url": "https://a:b@c/", "n": 1}) == {"url": "https://a:••••@c/", "n": 1}

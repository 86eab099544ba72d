from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.accounts.keys import (
    FORGET_AFTER,
    LONGEST_WAIT_S,
    ApiToken,
    Door,
    Limit,
    Session,
    Tries,
    account_key,
    address_group,
    limits_for,
)
from bongsu.kit.clock import ManualClock

NOW = ManualClock().now()
HOUR = timedelta(hours=1)


def session(**changes) -> Session:
    values = {
        "token_hash": "ab" * 32,
        "user_id": 1,
        "csrf": "secret",
        "created_at": NOW,
        "seen_at": NOW,
        "expires_at": NOW + timedelta(days=14),
        "address": "192.0.2.1",
        "agent": "a browser",
    }
    return Session(**values | changes)


def test_a_session_lives_while_it_is_used_and_not_longer_than_fourteen_days():
    busy = session(seen_at=NOW + timedelta(days=13, hours=23))

    assert session().lives(NOW + 11.9 * HOUR)
    assert not session().lives(NOW + 12 * HOUR)
    assert busy.lives(NOW + timedelta(days=13, hours=23.9))
    assert not busy.lives(NOW + timedelta(days=14))


def test_being_seen_is_written_at_most_once_a_minute():
    assert not session().seen_long_ago(NOW + timedelta(seconds=59))
    assert session().seen_long_ago(NOW + timedelta(seconds=60))


def test_what_is_shown_of_a_session_opens_nothing():
    shown = session().shown(current=True)

    assert "secret" not in str(shown)
    assert session().token_hash not in str(shown)
    assert shown["current"] is True


def test_the_token_of_a_page_differs_from_page_to_page_and_each_is_accepted():
    one, other = session().shown_csrf("a"), session().shown_csrf("b")

    assert one != other
    assert session().accepts_csrf(one)
    assert session().accepts_csrf(other)
    assert "secret" not in one


@pytest.mark.parametrize("given_token", ["", "a", "a.", ".", "a.b", "secret", "é.ü"])
def test_any_other_token_is_not_accepted(given_token):
    assert not session().accepts_csrf(given_token)


def test_the_token_of_one_session_is_not_accepted_by_another():
    assert not session(csrf="other").accepts_csrf(session().shown_csrf("a"))


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "lives"),
    [(None, None, True), (NOW + HOUR, None, True), (NOW, None, False), (NOW + HOUR, NOW, False)],
)
def test_a_token_lives_until_it_expires_or_is_revoked(expires_at, revoked_at, lives):
    token = ApiToken(1, 2, "ci", ("check.now",), NOW, expires_at, None, revoked_at)

    assert lives == token.lives(NOW)
    assert "2026-11-21T09:00:00.000Z" == token.shown()["created_at"]


def test_a_door_opens_once_within_its_day():
    door = Door("hash", "invite", 1, NOW + HOUR, None)

    assert door.opens(NOW)
    assert not door.opens(NOW + HOUR)
    assert not Door("hash", "invite", 1, NOW + HOUR, NOW).opens(NOW)


def tried(limit: Limit, times: int, at=NOW) -> Tries:
    tries = Tries(0, at)
    for _ in range(times):
        tries = limit.count(tries, at)
    return tries


def test_five_tries_are_free_then_the_waits_double_up_to_a_quarter_of_an_hour():
    limit = Limit("pair", 5)

    waits = [limit.wait_s(tried(limit, n), NOW) for n in range(12)]

    assert [0, 0, 0, 0, 0, 60, 120, 240, 480, 900, 900, 900] == waits


def test_the_tries_left_are_said_while_there_are_some():
    limit = Limit("pair", 5)

    assert [5, 4, 3, 2, 1, 0, 0] == [limit.left(tried(limit, n)) for n in range(7)]


def test_a_wait_ends_and_the_next_try_makes_a_longer_one():
    limit = Limit("pair", 5)
    tries = tried(limit, 5)
    later = NOW + timedelta(seconds=60)

    assert 0 == limit.wait_s(tries, later)
    assert 120 == limit.wait_s(limit.count(tries, later), later)


def test_tries_are_forgotten_after_a_quiet_quarter_of_an_hour():
    limit = Limit("pair", 5)
    tries = tried(limit, 5)
    quiet = tries.window_ends_at + FORGET_AFTER

    assert 1 == limit.count(tries, quiet).count
    assert 6 == limit.count(tries, quiet - timedelta(seconds=1)).count


def test_a_right_password_takes_one_try_back_and_never_more_than_there_were():
    limit = Limit("address", 2)

    assert 1 == limit.forgive(tried(limit, 2), NOW).count
    assert 0 == limit.forgive(Tries(0, NOW), NOW).count


@given(st.lists(st.integers(0, 1000), max_size=60), st.integers(1, 60))
def test_no_row_of_tries_makes_a_wait_longer_than_a_quarter_of_an_hour(gaps_s, free):
    limit, at, tries = Limit("any", free), NOW, Tries(0, NOW)
    for gap_s in gaps_s:
        at += timedelta(seconds=gap_s)
        tries = limit.count(tries, at)
        assert 0 <= limit.wait_s(tries, at) <= LONGEST_WAIT_S


def test_what_was_typed_as_an_account_is_not_in_the_keys():
    keys = [limit.key for limit in limits_for("hunter2@example.com", "192.0.2.1")]

    assert not any("hunter2" in key for key in keys)
    assert account_key("a") != account_key("b")


def test_the_three_limits_are_the_pair_the_address_and_the_account_and_none_is_global():
    here = {limit.key for limit in limits_for("a@example.com", "192.0.2.1")}
    other = {limit.key for limit in limits_for("b@example.com", "192.0.2.2")}

    assert 3 == len(here)
    assert set() == here & other


def test_one_address_cannot_use_up_what_an_account_is_given():
    """In a quarter of an hour one address gets 5 + 4 tries; the account is shut at 60."""
    pair, _, account = limits_for("a@example.com", "192.0.2.1")
    at, tries, made = NOW, Tries(0, NOW), 0
    while at < NOW + timedelta(minutes=15):
        if pair.wait_s(tries, at) == 0:
            tries, made = pair.count(tries, at), made + 1
        at += timedelta(seconds=1)

    assert made < 10 < account.free


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("local", "local"),
    ],
)
def test_a_household_of_ipv6_counts_as_one(address, group):
    assert group == address_group(address)

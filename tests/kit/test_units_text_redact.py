import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.kit import redact
from bongsu.kit.backoff import exponential_s, ladder_s
from bongsu.kit.clock import ManualClock, SetBack, from_micros, iso, micros, parse_iso
from bongsu.kit.ids import new_token, token_hash, uuid7
from bongsu.kit.text import decode, head, is_slug, one_line, slugify
from bongsu.kit.units import format_duration, parse_duration_s


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("15m", 900),
        ("6h", 21_600),
        ("14d", 1_209_600),
        ("1h30m", 5400),
        ("250ms", 0.25),
    ],
)
def test_durations_are_read_as_people_write_them(text, seconds):
    assert seconds == parse_duration_s(text)


@pytest.mark.parametrize("text", ["", "30", "s", "1m1h", "1h1h", "-5s", "5 s", "1y", "5s!"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration_s(text)


@given(st.integers(min_value=1, max_value=10_000_000))
def test_a_written_duration_reads_back_the_same(milliseconds):
    assert parse_duration_s(format_duration(milliseconds / 1000)) == pytest.approx(
        milliseconds / 1000
    )


@given(st.integers(min_value=0, max_value=4_000_000_000_000_000))
def test_microseconds_survive_both_ways(value):
    assert value == micros(from_micros(value))


def test_iso_is_utc_with_z_and_needs_a_zone():
    clock = ManualClock()

    assert iso(clock.now()) == "2026-11-21T09:00:00.000Z"
    assert clock.now() == parse_iso("2026-11-21T18:00:00+09:00")
    with pytest.raises(ValueError, match="no time zone"):
        parse_iso("2026-11-21T18:00:00")


def test_a_clock_that_was_set_back_is_remembered_until_what_waited_is_pulled_forward():
    clock = ManualClock()
    set_back = SetBack(clock)
    clock.advance(10)
    clock.jump(3600)
    assert not set_back.happened()

    clock.jump(-3600)

    assert [True, True] == [set_back.happened(), set_back.happened()]
    set_back.settled()
    clock.jump(-0.5)
    assert not set_back.happened()


def test_ids_sort_by_time_and_carry_their_version():
    early, late = uuid7(1, b"\xff" * 10), uuid7(2, b"\x00" * 10)

    assert early < late
    assert early[14] == "7"
    assert len({uuid7() for _ in range(1000)}) == 1000


def test_a_token_is_kept_only_as_its_hash():
    token = new_token("bgs")

    assert token.startswith("bgs_")
    assert token not in token_hash(token)


def test_back_off_doubles_to_its_cap_and_a_ladder_ends():
    assert [exponential_s(n, 1, 10, 0) for n in range(5)] == [1, 2, 4, 8, 10]
    assert exponential_s(3, 1, 10, 1) == 4
    assert [ladder_s((0, 5), n, 0) for n in range(3)] == [0, 5, None]


@pytest.mark.parametrize(("text", "slug"), [("KT Shop!", "kt-shop"), ("결제", "x"), ("--a--", "a")])
def test_slugs(text, slug):
    assert slugify(text, "x") == slug
    assert is_slug(slug)
    assert not is_slug("Not A Slug")


def test_text_from_outside_is_made_harmless():
    assert decode(b"a\x00\xff\n") == "a\ufffd\ufffd\n"
    assert one_line("a\r\nBcc: x\x00") == "a Bcc: x"
    assert head("abcdef", 4) == "abc…"


def test_a_secret_never_prints():
    secret = redact.Secret("hunter2")

    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "hunter2"


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter2",
        '{"api_key": "hunter2"}',
        "Authorization: Bearer hunter2hunter2",
        "token:hunter2",
    ],
)
def test_secrets_in_free_text_are_hidden(text):
    assert "hunter2" not in redact.redact_text(text)


def test_secrets_in_addresses_headers_and_options_are_hidden_and_references_stay():
    assert "hunter2" not in redact.redact_url("smtp://user:hunter2@mail:587/?token=hunter2&a=1")
    assert redact.redact_header("Set-Cookie", "a") == redact.HIDDEN
    options = {"webhook": "https://x", "secret": "hunter2", "list": [{"password": "env:P"}]}
    shown = redact.redact_value("options", options)
    assert shown == {
        "webhook": "https://x",
        "secret": redact.HIDDEN,
        "list": [{"password": "env:P"}],
    }

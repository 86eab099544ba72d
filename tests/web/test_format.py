from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.web import format as words

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 21, 1, 4, 15, tzinfo=UTC)  # 10:04:15 in Seoul


@pytest.mark.parametrize(
    ("seconds", "english", "korean"),
    [
        (-5, "0 s", "0초"),
        (0.9, "0 s", "0초"),
        (8, "8 s", "8초"),
        (59.9, "59 s", "59초"),
        (60, "1 min", "1분"),
        (23 * 60 + 59, "23 min", "23분"),
        (3600, "1 h", "1시간"),
        (72 * 60, "1 h 12 min", "1시간 12분"),
        (86_399, "23 h 59 min", "23시간 59분"),
        (86_400, "1 d", "1일"),
        (1_234.5 * 86_400, "1,234 d", "1,234일"),
    ],
)
def test_a_length_is_said_in_its_largest_unit(seconds: float, english: str, korean: str) -> None:
    assert words.length(seconds, "en") == english
    assert words.length(seconds, "ko") == korean


def test_since_says_the_clock_first_then_the_length() -> None:
    at = NOW - timedelta(minutes=23)

    assert words.since(at, NOW, SEOUL, "en") == "09:41 · 23 min"
    assert words.since(at, NOW, SEOUL, "ko") == "09:41 · 23분째"


def test_since_says_days_alone_when_older() -> None:
    at = NOW - timedelta(days=12, hours=3)

    assert words.since(at, NOW, SEOUL, "en") == "12 d"
    assert words.since(at, NOW, SEOUL, "ko") == "12일째"


def test_ago_is_marked_in_both_languages() -> None:
    at = NOW - timedelta(seconds=8)

    assert (words.ago(at, NOW, "en"), words.ago(at, NOW, "ko")) == ("8 s ago", "8초 전")


def test_a_clock_is_the_persons_own() -> None:
    assert words.clock(NOW, SEOUL) == "10:04"
    assert words.clock_s(NOW, UTC) == "01:04:15"


def test_a_day_names_its_year_only_when_that_is_another_one() -> None:
    november, january = datetime(2026, 11, 3, tzinfo=UTC), datetime(2027, 1, 21, tzinfo=UTC)

    assert words.day(november, NOW, SEOUL, "en") == "3 Nov"
    assert words.day(november, NOW, SEOUL, "ko") == "11월 3일"
    assert words.day(january, NOW, SEOUL, "en") == "21 Jan 2027"
    assert words.day(january, NOW, SEOUL, "ko") == "2027년 1월 21일"


def test_moments_near_are_said_by_name() -> None:
    assert words.moment(NOW - timedelta(hours=1), NOW, SEOUL, "en") == "today 09:04"
    assert words.moment(NOW - timedelta(hours=11), NOW, SEOUL, "ko") == "어제 23:04"
    assert words.moment(NOW - timedelta(days=18), NOW, SEOUL, "en") == "3 Nov, 10:04"
    assert words.moment(NOW - timedelta(days=18), NOW, SEOUL, "ko") == "11월 3일 10:04"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0, "0 ms"),
        (0.42, "0.4 ms"),
        (6, "6 ms"),
        (9.96, "10 ms"),
        (10.4, "10 ms"),
        (2114.4, "2,114 ms"),
    ],
)
def test_milliseconds(value: float | None, shown: str) -> None:
    assert words.ms(value) == shown


def test_microseconds_are_said_in_milliseconds() -> None:
    assert (words.us(1200), words.us(None)) == ("1.2 ms", "–")


def test_seconds_have_no_trailing_zero() -> None:
    assert [words.seconds(v, "en") for v in (1240, 800, 2000, None)] == [
        "1.24 s",
        "0.8 s",
        "2 s",
        "–",
    ]
    assert words.seconds(1240, "ko") == "1.24초"


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        (1, "100 %"),
        (0.99999, "99.99 %"),
        (0.9991, "99.91 %"),
        (0.5, "50.00 %"),
        (0, "0.00 %"),
        (1e-9, "0.01 %"),
        (None, "–"),
    ],
)
def test_percent_says_100_only_of_what_never_failed(fraction: float | None, shown: str) -> None:
    assert words.percent(fraction) == shown


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_percent_never_says_more_than_is_true(good: int, more: int) -> None:
    fraction = good / (good + more)

    shown = float(words.percent(fraction).removesuffix(" %"))

    assert shown < 100
    assert shown <= fraction * 100 + 1e-6 or shown == 0.01


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (2048, "2 kB"),
        (1_400_000, "1.4 MB"),
        (25_000_000, "25 MB"),
        (999_600, "1 MB"),
        (5 * 10**15, "5,000 TB"),
    ],
)
def test_sizes_are_decimal(count: int, shown: str) -> None:
    assert words.size(count) == shown


def test_words_are_listed_as_the_language_does() -> None:
    assert words.listed(["a"], "en") == "a"
    assert words.listed(["a", "b", "c"], "en") == "a, b and c"
    assert words.listed(["a", "b", "c"], "ko") == "a, b, c"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Park Minsu", "PM"),
        ("Ada Byron Lovelace", "AL"),
        ("ops", "O"),
        ("박민수", "민수"),
        ("이 서연", "서연"),
        ("박준호 매니저", "준호"),
        ("", "?"),
        ("a.lee", "AL"),
    ],
)
def test_initials(name: str, shown: str) -> None:
    assert words.initials(name) == shown


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Shop team", "ST"),
        ("budget-mobile-team", "BM"),
        ("Ops", "OP"),
        ("결제 팀", "결제"),
        ("", "?"),
    ],
)
def test_badge_of_a_team(title: str, shown: str) -> None:
    assert words.badge(title) == shown

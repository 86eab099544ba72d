import pytest

from bongsu.watch.conditions.golang import (
    INT64_MAX,
    INT64_MIN,
    byte_length,
    format_expiry,
    format_float,
    format_json_float,
    parse_duration_ns,
    parse_float,
    parse_int,
    to_int64,
    truncate_ms,
    whole_number,
)

S = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
        ("007", 7),
        ("017", 15),
        ("0_17", 15),
        ("08", None),
        ("0x1F", 31),
        ("-0X1f", -31),
        ("0x_1", 1),
        ("0x", None),
        ("0b101", 5),
        ("0B1", 1),
        ("0o17", 15),
        ("1_000", 1000),
        ("1__0", None),
        ("_1", None),
        ("1_", None),
        ("", None),
        (" 1", None),
        ("1.0", None),
        ("١٢", None),
        ("9223372036854775807", INT64_MAX),
        ("9223372036854775808", None),
        ("-9223372036854775808", INT64_MIN),
    ],
)
def test_whole_numbers_are_read_with_base_0(text: str, value: int | None) -> None:
    assert value == parse_int(text)


def test_a_whole_number_may_have_any_size_but_not_any_length() -> None:
    assert whole_number("123456789012345678901234567890") == 123456789012345678901234567890
    assert whole_number("9" * 5000) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        (".", None),
        ("1e3", 1000.0),
        ("1e", None),
        ("1_0.5_0", 10.5),
        ("1_.5", None),
        ("0x1p-2", 0.25),
        ("0x1.8p1", 3.0),
        ("0x.8p1", 1.0),
        ("0x1.8", None),
        ("0x1p9999", None),
        ("inf", float("inf")),
        ("-Infinity", float("-inf")),
        ("infinit", None),
        ("1e999", None),
        ("1e-999", 0.0),
        ("john", None),
        ("+nan", None),
    ],
)
def test_fractions_are_read_as_go_reads_them(text: str, value: float | None) -> None:
    assert value == parse_float(text)


def test_nan_is_read_and_counts_as_the_smallest_number() -> None:
    value = parse_float("NaN")

    assert value is not None
    assert to_int64(value) == INT64_MIN


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        (1.9, 1),
        (-1.9, -1),
        (1e300, INT64_MIN),
        (-1e300, INT64_MIN),
        (9.223372036854775e18, 9223372036854774784),
        (9.2233720368547758e18, INT64_MIN),
    ],
)
def test_a_fraction_is_cut_to_64_bits(value: float, whole: int) -> None:
    assert whole == to_int64(value)


@pytest.mark.parametrize(
    ("text", "duration_ns"),
    [
        ("0", 0),
        ("-0", 0),
        ("5s", 5 * S),
        ("1h30m", 5400 * S),
        ("1.5h", 5400 * S),
        ("-1.5s", -3 * S // 2),
        ("+1s", S),
        (".5s", S // 2),
        ("1.s", S),
        (".s", None),
        ("5", None),
        ("", None),
        ("-", None),
        ("1d", None),
        ("1 s", None),
        ("500us", 500_000),
        ("500µs", 500_000),
        ("500μs", 500_000),
        ("0.1ns", 0),
        ("1ms1ms", 2_000_000),
        ("9223372036854775807ns", INT64_MAX),
        ("9223372036854775808ns", None),
        ("-9223372036854775808ns", INT64_MIN),
        ("99999999999999999999ns", None),
        ("9999999999h", None),
        ("2562047h47m16.854775807s", INT64_MAX),
        ("2562047h47m16.854775808s", None),
        ("2562048h", None),
        ("1.00000000000000000000001s", S),
        ("1.99999999999999999999999s", 2 * S),
    ],
)
def test_durations_are_read_as_go_reads_them(text: str, duration_ns: int | None) -> None:
    assert duration_ns == parse_duration_ns(text)


def test_durations_are_cut_to_milliseconds_towards_zero() -> None:
    assert [truncate_ms(1_999_999), truncate_ms(-1_999_999)] == [1, -1]


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (0, "0s"),
        (999, "0s"),
        (-999, "0s"),
        (5000, "5s"),
        (30_000, "3"),
        (60_000, "1m"),
        (95_000, "1m35s"),
        (600_000, "1"),
        (3_600_000, "1h"),
        (4_200_000, "1h1"),
        (3_615_000, "1h0m15s"),
        (86_400_000, "24h"),
        (-7_200_000, "-2h"),
    ],
)
def test_an_expiry_is_cut_as_bluntly_as_in_gatus(duration_ms: int, text: str) -> None:
    assert text == format_expiry(duration_ms)


@pytest.mark.parametrize(
    ("value", "text", "in_json"),
    [
        (0.0, "0", "0"),
        (-0.0, "-0", "-0"),
        (1.0, "1", "1"),
        (0.85, "0.85", "0.85"),
        (-123.5, "-123.5", "-123.5"),
        (100000.0, "100000", "100000"),
        (123456.0, "123456", "123456"),
        (1234567.0, "1.234567e+06", "1234567"),
        (123456789.0, "1.23456789e+08", "123456789"),
        (123456.5, "123456.5", "123456.5"),
        (1e6, "1e+06", "1000000"),
        (1e20, "1e+20", "100000000000000000000"),
        (1e21, "1e+21", "1e+21"),
        (1e100, "1e+100", "1e+100"),
        (0.0001, "0.0001", "0.0001"),
        (0.00001, "1e-05", "0.00001"),
        (1e-6, "1e-06", "0.000001"),
        (9.99e-7, "9.99e-07", "9.99e-7"),
        (2.5e-8, "2.5e-08", "2.5e-8"),
        (5e-324, "5e-324", "5e-324"),
        (9007199254740993.0, "9.007199254740992e+15", "9007199254740992"),
    ],
)
def test_float64_is_printed_as_go_prints_it(value: float, text: str, in_json: str) -> None:
    assert (text, in_json) == (format_float(value), format_json_float(value))


def test_lengths_are_bytes_also_of_text_that_was_none() -> None:
    assert byte_length("abc") == 3
    assert byte_length("철수") == 6
    assert byte_length(b"\xff\xe2".decode("utf-8", "surrogateescape")) == 2
    assert byte_length("\ud800") == 1

"""Codes as RFC 6238 counts them, and recovery codes as people type them."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from bongsu.accounts import totp

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" of RFC 6238, appendix B


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(seconds, code):
    assert seconds // 30 == totp.matching_step(SECRET, code, at(seconds))


@pytest.mark.parametrize(
    ("off_s", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_a_clock_may_be_one_step_off_and_no_more(off_s, taken):
    now = at(1_234_567_890)
    code = totp.code_at(SECRET, totp.step_at(now) + off_s // 30)

    assert taken is (totp.matching_step(SECRET, code, now) is not None)


def test_a_wrong_code_is_of_no_step():
    assert totp.matching_step(SECRET, "000000", at(59)) is None


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456"])
def test_spaces_and_hyphens_in_a_code_do_not_matter(typed):
    assert totp.is_code(typed)
    assert "123456" == totp.plain(typed)


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "12345a", "１２３４５６", "abcd-efgh-jkmn-pqrs"]
)
def test_anything_else_is_no_code_of_an_authenticator(typed):
    assert not totp.is_code(typed)


def test_a_new_secret_has_160_bits_and_is_never_the_same():
    made = {totp.new_secret() for _ in range(50)}

    assert 50 == len(made)
    assert {32} == {len(one) for one in made}


def test_the_address_says_whose_it_is_and_where():
    address = totp.address(SECRET, "alice@example.com", "bongsu.example.com")

    parts = urlsplit(address)
    query = parse_qs(parts.query)
    assert ("otpauth", "totp") == (parts.scheme, parts.netloc)
    assert "Bongsu bongsu.example.com:alice@example.com" == unquote(parts.path).lstrip("/")
    assert [SECRET] == query["secret"]
    assert ["Bongsu bongsu.example.com"] == query["issuer"]


def test_a_secret_is_grouped_for_typing():
    assert "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ" == totp.grouped(SECRET)


def test_ten_recovery_codes_are_all_different_and_hard_to_misread():
    made = totp.new_recovery_codes()

    assert 10 == len(set(made))
    for code in made:
        assert [4, 4, 4, 4] == [len(part) for part in code.split("-")]
        assert not set(code) & set("ilou")


def test_a_recovery_code_is_the_same_however_it_is_typed():
    code = "abcd-efgh-jkmn-pq23"

    assert 1 == len(
        {totp.recovery_hash(one) for one in (code, code.upper(), code.replace("-", " "))}
    )
    assert totp.recovery_hash(code) != totp.recovery_hash("abcd-efgh-jkmn-pq24")

import pytest

from bongsu.watch.conditions.glob import BadPattern, compile_glob
from bongsu.watch.conditions.regex import TooCostly


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("*", "a/b\nc", True),
        ("**", "room_1", True),
        ("", "", True),
        ("", "/", True),
        ("", "a", False),
        ("room*", "room_1", True),
        ("*room*", "a room here", True),
        ("*_*", "room_1", True),
        ("r*m*1", "room_1", True),
        ("*o*m*1", "room_1", True),
        ("*.*", "room_1", False),
        ("room*1", "room", False),
        ("a*a", "a", False),
        ("a*b*a", "aba", True),
        ("ab*ab", "abab", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("?", "한", True),
        ("??", "한", False),
        ("[한-힣]*", "가나", False),
        ("[가-힣]*", "가나", True),
        ("[^가-힣]*", "가나", False),
        ("[a-c]", "b", True),
        ("[c-a]", "b", False),
        ("[^c-a]", "b", True),
        ("[ac]", "b", False),
        ("[a\\]]", "]", True),
        ("[\\^a]", "^", True),
        ("[[]", "[", True),
        ("a]", "a]", True),
        ("\\*", "*", True),
        ("\\a", "a", True),
        ("*?", "x\ny", True),
        ("a/b?", "/a/bc", True),
        ("*[0-9]", "build 7", True),
        ("*[0-9]", "build", False),
        ("[\x00]", "\x00", True),
        ("a.c", "abc", False),
        ("a.?", "a.c", True),
        ("(?i)a", "A", False),
    ],
)
def test_a_glob_matches_whole_texts(pattern: str, text: str, matches: bool) -> None:
    assert matches == compile_glob(pattern)(text)


@pytest.mark.parametrize(
    "pattern",
    ["[", "[a", "[]", "[]a]", "[^", "[^]", "[-a]", "[a-]", "[a-", "[\\", "[a\\", "a\\", "*[*"],
)
def test_a_glob_that_is_not_well_formed_says_so(pattern: str) -> None:
    with pytest.raises(BadPattern):
        compile_glob(pattern)


def odd(body: bytes) -> str:
    return body.decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("*??", "한", True),  # two of three bytes
        ("*???", "한", False),
        ("*????", "😀", False),
        ("*???", "😀", True),
        ("*[^a]", "a", False),
        ("*[^é]", "é", True),  # its second byte is no é
        ("*[é]", "é", True),
        ("*[\ufffd]x", "éx", True),
        ("*?x", "éx", True),
        ("?", odd(b"\xff"), True),
        ("??", odd(b"\xe2\x82"), True),
        ("[^a]", odd(b"\xff"), True),
        ("[\ufffd]", odd(b"\xff"), True),
        ("[a-z]", odd(b"\xff"), False),
        ("[^\ufffd]", odd(b"\xff"), False),
        ("*??", odd(b"\xff"), False),
        ("a*é", odd(b"a\xffz\xc3\xa9"), True),
    ],
)
def test_bytewise_stars_may_end_inside_a_character_as_in_go(
    pattern: str, text: str, matches: bool
) -> None:
    assert matches == compile_glob(pattern, bytewise=True)(text)


def test_a_star_stays_between_characters_elsewhere() -> None:
    assert not compile_glob("*??")("한")


def test_a_glob_with_very_many_sets_is_refused() -> None:
    with pytest.raises(TooCostly):
        compile_glob("[^a-c]" * 400)

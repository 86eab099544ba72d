import pytest

from bongsu.watch.conditions.regex import (
    PATTERN_LIMIT_CHARS,
    BadRegex,
    TooCostly,
    compile_search,
)


def test_an_expression_is_found_anywhere() -> None:
    search = compile_search(r"v[0-9]+\.[0-9]+")

    assert [search("build v2.17 ok"), search("build v2")] == [True, False]


def test_anchors_are_the_ends_of_the_text() -> None:
    search = compile_search("^ok$")

    assert [search("ok"), search("ok\n"), search("a\nok\nb")] == [True, False, False]


def test_text_that_is_not_unicode_does_no_harm() -> None:
    assert compile_search("^a.b$")("a\udcffb")


def test_no_more_than_the_first_mebibyte_is_read() -> None:
    search = compile_search("end")

    assert [search(" " * 1000 + "end"), search(" " * (1 << 20) + "end")] == [True, False]


@pytest.mark.parametrize("pattern", ["(a", r"a(?=b)", r"(a)\1", "[z-a]", "*"])
def test_what_re2_does_not_take_is_told_in_its_words(pattern: str) -> None:
    with pytest.raises(BadRegex):
        compile_search(pattern)


@pytest.mark.parametrize(
    "pattern", ["[^<]{300}", "a" * (PATTERN_LIMIT_CHARS + 1), "((a{100}){100}){100}", r"\pL{900}"]
)
def test_costly_expressions_are_refused(pattern: str) -> None:
    with pytest.raises((TooCostly, BadRegex)):
        compile_search(pattern)

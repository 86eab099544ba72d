import pytest

from bongsu.document import NODE_LIMIT, dotted, parse

GOOD = b"""
services:
  shop:
    title: Shop
    checks:
      home: {http: "https://example.com/", expect: ["[STATUS] == 200"]}
"""


def test_every_value_knows_its_line():
    document = parse("bongsu.yaml", GOOD)

    assert document.problems == []
    assert document.data["services"]["shop"]["title"] == "Shop"
    assert document.line(("services", "shop", "title")) == 4
    assert document.line(("services", "shop", "checks", "home", "expect", 0)) == 6
    assert document.line(("services", "shop", "nothing", "here")) == 3


def test_a_whole_value_is_repeated_by_its_name_with_the_lines_of_both_places():
    document = parse("f.yaml", b'a: &a\n  b: 1\nc: *a\n"<<": quoted\n')

    assert (document.data, document.problems) == (
        {"a": {"b": 1}, "c": {"b": 1}, "<<": "quoted"},
        [],
    )
    assert (document.line(("a", "b")), document.line(("c",))) == (2, 3)


def test_places_are_written_as_people_read_them():
    assert dotted(("services", "shop", "expect", 0)) == "services.shop.expect[0]"
    assert dotted(()) == "file"


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        (b"a: [1\nb: 2\n", 2, "This is not YAML"),
        (b"a: 1\nb: 2\na: 3\n", 3, "stands here twice"),
        (b"a: 1\nb: \xff\n", 2, "is not UTF-8"),
        (b"? [1]\n: 2\n", 1, "A key must be text"),
        (b"a: &a {b: 1}\nc:\n  <<: *a\n  d: 2\n", 3, "The merge key <<"),
        (b"a: &a {b: 1}\nc: {e: {<<: [*a, *a]}}\n", 2, "A whole value may be repeated: &name"),
        (b"x" * (3 << 20), 1, "the limit is"),
    ],
)
def test_a_mistake_of_form_is_found_with_its_line(source, line, words):
    (problem,) = parse("f.yaml", source).problems

    assert (problem.file, problem.line) == ("f.yaml", line)
    assert words in problem.to("en")
    assert words not in problem.to("ko")


def test_a_file_that_multiplies_itself_is_cut():
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n".encode()
        for n in range(7)
    )

    (problem,) = parse("bomb.yaml", bomb).problems

    assert str(NODE_LIMIT) in problem.to("en")


def test_an_empty_file_asks_for_nothing():
    assert parse("f.yaml", b"# nothing\n").data is None


@pytest.mark.parametrize(
    "source",
    [
        "services: &a\n  x: *a\n",
        "services: " + "[" * 3000,
        "services: " + "{a: " * 3000,
        '{title: !!bool "zz"}',
        '{title: !!timestamp "zz"}',
        '{title: !!int ""}',
    ],
)
def test_a_file_that_is_made_to_break_a_reader_is_a_problem_like_any_other(source):
    document = parse("bongsu.yaml", source.encode())

    assert [problem.file for problem in document.problems][:1] == ["bongsu.yaml"]

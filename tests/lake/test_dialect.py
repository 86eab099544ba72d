import re
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.lake.dialect import Refusal, clamped, first_word, read_statement, with_settings


def target(**arguments: str) -> str:
    return "/?" + urlencode(arguments)


def test_a_query_comes_in_the_body() -> None:
    statement = read_statement(
        target(default_format="JSON", param_id="7"), b"SELECT {id:UInt32};\n"
    )

    assert statement.sql == "SELECT {id:UInt32}"
    assert (statement.format, statement.reads) == ("JSON", True)
    assert statement.params == {"id": "7"}


def test_a_query_begun_in_the_address_goes_on_in_the_body() -> None:
    statement = read_statement(target(query="SELECT 1"), b"FROM numbers(3)")

    assert statement.sql == "SELECT 1\nFROM numbers(3)"


def test_rows_follow_an_insert_in_the_body_of_its_own_request() -> None:
    statement = read_statement(
        target(
            query="INSERT INTO t (a) FORMAT JSONCompactEachRow", insert_deduplication_token="x'1"
        ),
        b"[1]\n[2]\n",
    )

    assert (statement.sql, statement.format) == ("INSERT INTO t (a)", "JSONCompactEachRow")
    assert statement.rows == b"[1]\n[2]\n"
    assert statement.settings == {"insert_deduplication_token": "x'1"}
    assert not statement.reads


def test_rows_follow_an_insert_in_the_same_body() -> None:
    statement = read_statement("/", b"insert into t format TSV\n1\tformat CSV\n")

    assert (statement.sql, statement.format) == ("INSERT INTO t", "TSV")
    assert statement.rows == b"1\tformat CSV\n"


@pytest.mark.parametrize(
    "sql",
    ["INSERT INTO t VALUES (1)", "INSERT INTO t SELECT 1 FORMAT CSV", "CREATE TABLE t (a Int8)"],
)
def test_other_writing_is_run_as_it_is(sql: str) -> None:
    statement = read_statement("/", sql.encode())

    assert (statement.sql, statement.rows, statement.reads) == (sql, None, False)


def test_settings_of_other_writing_are_refused_rather_than_dropped() -> None:
    with pytest.raises(Refusal) as refused:
        read_statement(target(max_threads="1"), b"DROP TABLE t")

    assert (refused.value.code, refused.value.status) == (36, 400)


@pytest.mark.parametrize("name", ["a=1, b", "A", "1a", "max threads", ""])
def test_a_setting_has_the_name_of_a_setting(name: str) -> None:
    with pytest.raises(Refusal, match="not the name of a setting"):
        read_statement("/?" + urlencode({name: "1"}), b"SELECT 1")


def test_another_database_is_not_here() -> None:
    with pytest.raises(Refusal) as refused:
        read_statement(target(database="other"), b"SELECT 1")

    assert (refused.value.code, refused.value.status) == (81, 404)


def test_a_query_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(Refusal, match="not UTF-8"):
        read_statement("/", b"SELECT '\xff'")


def test_get_only_reads() -> None:
    with pytest.raises(Refusal, match="GET reads only"):
        read_statement(target(query="DROP TABLE t"), b"", reads_only=True)


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("  -- note\n /* and\nthis */ ((select 1))", "SELECT"),
        ("With 1 AS a SELECT a", "WITH"),
        ("/* SELECT */ DROP TABLE t", "DROP"),
        ("", ""),
        ("-- SELECT", ""),
    ],
)
def test_the_first_word_decides_what_a_statement_does(sql: str, word: str) -> None:
    assert first_word(sql) == word


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_a_setting_is_one_literal(value: str) -> None:
    sql = with_settings("SELECT 1", {"a": value})

    literal = sql.removeprefix("SELECT 1\nSETTINGS a = ")
    assert re.fullmatch(r"-?\d+(\.\d+)?|'(?:[^'\\]|\\.)*'", literal, re.DOTALL)


def test_without_settings_a_query_stays_as_it_is() -> None:
    assert with_settings("SELECT 1", {}) == "SELECT 1"


@pytest.mark.parametrize(
    ("asked", "given_"),
    [("2", "2"), ("0.5", "0.5"), ("60", "30"), ("0", "30"), ("-1", "30"), ("x", "30")],
)
def test_callers_ask_for_less_than_the_caps_never_for_more(asked: str, given_: str) -> None:
    settings = {"max_execution_time": asked, "other": "9"}

    assert clamped(settings, {"max_execution_time": 30, "max_threads": 1}) == {
        "max_execution_time": given_,
        "other": "9",
    }


def test_the_words_of_the_binding_are_dropped_from_an_error() -> None:
    refusal = Refusal.from_engine("Streaming insert finish failed: Code: 27. DB::Exception: no")

    assert (refusal.code, str(refusal)) == (27, "Code: 27. DB::Exception: no")
    assert Refusal.from_engine("something else").code == 1002

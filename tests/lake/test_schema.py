import pytest

from bongsu.kit.errors import Conflict
from bongsu.lake import schema


def test_an_empty_lake_gets_everything_and_its_version() -> None:
    statements = schema.missing_statements(0)

    assert "CREATE TABLE IF NOT EXISTS check_result" in statements[0]
    assert statements[-1] == "INSERT INTO schema_version (version) VALUES (2)"


def test_a_lake_of_the_first_version_gets_what_came_after_it() -> None:
    statements = schema.missing_statements(1)

    assert "CREATE TABLE IF NOT EXISTS request" in statements[0]
    assert statements[1:] == ["INSERT INTO schema_version (version) VALUES (2)"]


def test_a_lake_of_this_version_needs_nothing() -> None:
    assert schema.missing_statements(schema.SCHEMA_VERSION) == []


def test_a_lake_of_a_newer_version_is_refused() -> None:
    with pytest.raises(Conflict, match="newer Bongsu"):
        schema.missing_statements(schema.SCHEMA_VERSION + 1)


def test_rows_of_every_schema_version_still_have_their_columns() -> None:
    begins = {"check_result": "(check_id, ts", "request": "(id, ts"}
    for table, versions in schema.INSERT_COLUMNS.items():
        for version in versions:
            assert schema.insert_into(table, version).startswith(
                f"INSERT INTO {table} {begins[table]}"
            )

"""The table: one row for a thing, two regions alike, and what is missing is an error."""

from collections import Counter

import pytest

from bongsu.infra.cost.prices import NoPrice, load_prices
from bongsu.infra.machines import MACHINES

PRICES = load_prices()


def test_a_thing_has_one_row_in_a_region_and_both_regions_know_it():
    text = PRICES.text().splitlines()[1:]
    places = Counter((row.service, row.item) for row in PRICES.rows.values())

    assert len(text) == len(PRICES.rows) >= 120
    assert set(places.values()) == {2}


def test_every_row_is_dated_sourced_and_more_than_nothing():
    rows = PRICES.rows.values()

    assert all(row.usd > 0 and row.as_of and row.source_url.startswith("https://") for row in rows)
    assert [row.key for row in rows if row.verified and row.region != "us-east-1"] == []


def test_what_is_not_there_is_an_error_that_names_it():
    with pytest.raises(NoPrice, match=r"us-east-1 ec2 z9\.huge"):
        PRICES.of("us-east-1", "ec2", "z9.huge")


def test_the_file_is_written_as_it_was_read(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text(PRICES.text(), encoding="utf-8")

    assert load_prices(path).rows == PRICES.rows


def test_every_priced_machine_is_known():
    priced = {row.item for row in PRICES.rows.values() if row.service == "ec2"}

    assert len(priced) > 20
    assert priced <= set(MACHINES)

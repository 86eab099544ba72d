"""Numbers that no column can hold find nothing instead of failing, on both databases."""

import pytest

from bongsu.events import log
from bongsu.incidents import store


@pytest.mark.parametrize("number", [2**63, 10**30, -(10**30)])
async def test_a_number_beyond_every_column_finds_nothing(db, number):
    async with db() as database, database.read() as tx:
        assert await store.get(tx, number) is None
        assert await log.search(tx, before_seq=number) == []
        assert await log.read_after(tx, number, 10) == []

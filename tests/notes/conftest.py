import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bongsu.db.session import Database
from tests.conftest import OpenDatabase


@pytest.fixture
def sqlite_only(sqlite_template: Path, tmp_path: Path) -> OpenDatabase:
    """For what does not depend on the database and takes a while."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Database]:
        shutil.copy(sqlite_template, tmp_path / "only.db")
        database = Database.open(f"sqlite:///{tmp_path / 'only.db'}")
        try:
            yield database
        finally:
            await database.close()

    return opened


def pytest_make_parametrize_id(val: object) -> str | None:
    """Packed files hold the moment at which they were made: tests are not named after their bytes."""
    return "bytes" if isinstance(val, bytes) else None

"""Brings the state to the newest schema. Run by the supervisor before any role starts."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from bongsu.kit.errors import Conflict
from bongsu.kit.i18n import say

HERE = Path(__file__).resolve().parent / "migrations"
_LOCK = 0x626F6E68


def config(connection: sa.Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.attributes["connection"] = connection
    return made


async def migrate(url: str) -> str:
    """Upgrades to the newest revision and gives its id. Idempotent; two at once take turns.

    Raises Conflict when the state is newer than this program: nothing is changed then.
    """
    driver = "sqlite+aiosqlite" if url.startswith("sqlite") else "postgresql+asyncpg"
    if url.startswith("sqlite:///"):
        Path(url[len("sqlite:///") :]).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(driver + url[url.index(":") :])
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: sa.Connection) -> str:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    made = config(connection)
    script = ScriptDirectory.from_config(made)
    current = MigrationContext.configure(connection).get_current_revision()
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        raise Conflict(
            say(
                "The state is at revision {revision}, which this version does not know. "
                "Start the newer version that wrote it, or restore a backup.",
                revision=current,
            )
        )
    command.upgrade(made, "head")
    return str(script.get_current_head())

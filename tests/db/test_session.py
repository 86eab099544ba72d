import asyncio
import sqlite3

import pytest
import sqlalchemy as sa

from bongsu.db.dialect import insert_ignore, upsert
from bongsu.db.migrate import config, migrate
from bongsu.db.schema import metadata
from bongsu.db.session import Database
from bongsu.db.tables import load_all
from bongsu.events.tables import cursor
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import Conflict, StateBusy

load_all()
CLOCK = ManualClock()


def row(name: str, seq: int = 0) -> dict:
    return {"name": name, "seq": seq, "moved_at": CLOCK.now()}


async def test_what_is_written_is_read_back_with_its_time(db):
    async with db() as database:
        async with database.write() as tx:
            await tx.execute(sa.insert(cursor).values(**row("a", 7)))

        async with database.read() as tx:
            found = await tx.row(sa.select(cursor))

    assert ("a", 7, CLOCK.now()) == (found.name, found.seq, found.moved_at)


async def test_a_block_that_raises_writes_nothing(db):
    async with db() as database:
        with pytest.raises(ZeroDivisionError):
            async with database.write() as tx:
                await tx.execute(sa.insert(cursor).values(**row("a")))
                1 / 0  # noqa: B018

        async with database.read() as tx:
            assert await tx.rows(sa.select(cursor)) == []


async def test_a_reader_cannot_write(db):
    async with db() as database:
        with pytest.raises(sa.exc.DBAPIError):
            async with database.read() as tx:
                await tx.execute(sa.insert(cursor).values(**row("a")))


async def test_insert_ignore_tells_whether_it_was_first_and_upsert_replaces(db):
    async with db() as database, database.write() as tx:
        first = await tx.execute(insert_ignore(tx, cursor, row("a", 1)))
        second = await tx.execute(insert_ignore(tx, cursor, row("a", 2)))
        await tx.execute(upsert(tx, cursor, row("a", 3), ("name",), ("seq",)))

        assert (1, 0, 3) == (
            first.rowcount,
            second.rowcount,
            await tx.scalar(sa.select(cursor.c.seq)),
        )


async def test_forty_writers_in_four_connections_never_meet_a_locked_database(database_url):
    databases = [Database.open(database_url) for _ in range(4)]

    async def write(number: int) -> None:
        async with databases[number % 4].write() as tx:
            count = await tx.scalar(sa.select(sa.func.count()).select_from(cursor))
            await tx.execute(sa.insert(cursor).values(**row(f"n{number}", count)))

    await asyncio.gather(*(write(n) for n in range(40)))

    async with databases[0].read() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(cursor)) == 40
    await asyncio.gather(*(d.close() for d in databases))


async def test_who_opens_a_new_file_while_another_has_it_waits_for_its_turn(tmp_path):
    """CI of the first session: one of four who opened a new file at once was told "database is locked"."""
    holder = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
    holder.execute("CREATE TABLE cursor_like (a INTEGER)")
    holder.execute("BEGIN IMMEDIATE")
    database = Database.open(f"sqlite:///{tmp_path / 's.db'}")

    async def read() -> int:
        async with database.read() as tx:
            return await tx.scalar(sa.text("SELECT count(*) FROM cursor_like"))

    reading = asyncio.ensure_future(read())
    await asyncio.sleep(0.1)
    assert not reading.done()
    holder.execute("COMMIT")
    holder.close()

    assert await reading == 0
    await database.close()


async def test_who_never_gets_a_new_file_is_told_so(tmp_path):
    holder = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    database = Database.open(f"sqlite:///{tmp_path / 's.db'}", lock_timeout_s=0.1)

    with pytest.raises(StateBusy):
        async with database.write():
            pass

    holder.close()
    await database.close()


async def test_a_lock_that_is_never_given_up_ends_in_a_clear_error(database_url):
    """On PostgreSQL the word for it comes as a class that says nothing; it passed for a fault of ours."""
    holder, waiter = Database.open(database_url), Database.open(database_url, lock_timeout_s=0.2)

    async with holder.write() as tx:
        await tx.execute(sa.insert(cursor).values(**row("a")))
        with pytest.raises(StateBusy):
            async with waiter.write() as late:
                await late.execute(sa.insert(cursor).values(**row("a")))

    await asyncio.gather(holder.close(), waiter.close())


async def test_migrations_and_metadata_are_the_same(database_url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy.ext.asyncio import create_async_engine

    driver = "sqlite+aiosqlite" if database_url.startswith("sqlite") else "postgresql+asyncpg"
    engine = create_async_engine(driver + database_url[database_url.index(":") :])
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda c: compare_metadata(MigrationContext.configure(c), metadata)
        )
    await engine.dispose()

    assert differences == []


async def test_migrating_twice_changes_nothing_and_a_newer_state_is_refused(database_url):
    first = await migrate(database_url)
    assert first == await migrate(database_url)
    database = Database.open(database_url)
    async with database.write() as tx:
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = 'future'"))

    with pytest.raises(Conflict, match="newer version"):
        await migrate(database_url)

    assert config() is not None
    await database.close()

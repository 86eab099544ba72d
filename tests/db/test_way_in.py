"""Who was here before addresses were verified counts as verified; an open invitation does not."""

import uuid

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.ext.asyncio import create_async_engine

from bongsu.db.migrate import config, migrate
from tests.conftest import run


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """A database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'state.db'}"
        return
    server, name = request.getfixturevalue("postgres"), f"t_{uuid.uuid4().hex}"
    run(server.admin(f"CREATE DATABASE {name}"))
    yield server.url(name)
    run(server.admin(f"DROP DATABASE {name} WITH (FORCE)"))


async def test_people_of_before_are_verified_and_the_policy_is_as_it_was(empty_url):
    driver = "sqlite+aiosqlite" if empty_url.startswith("sqlite") else "postgresql+asyncpg"
    engine = create_async_engine(driver + empty_url[empty_url.index(":") :])
    async with engine.begin() as connection:
        await connection.run_sync(lambda c: command.upgrade(config(c), "0001"))
        for name, hashed in (("alice", "$argon2id$x"), ("invited", None)):
            values = {"email": f"{name}@example.com", "name": name, "hash": hashed}
            insert = (
                "INSERT INTO user_account (email, name, role, password_hash, created_at)"
                " VALUES (:email, :name, 'viewer', :hash, 1763715600000000)"
            )
            await connection.execute(sa.text(insert), values)

    await migrate(empty_url)

    async with engine.begin() as connection:
        people = sa.text(
            "SELECT name, verified_at = created_at AS same FROM user_account ORDER BY name"
        )
        found = [(row.name, row.same) for row in (await connection.execute(people)).all()]
        rules = (await connection.execute(sa.text("SELECT * FROM entry_policy"))).one()
    await engine.dispose()
    assert [("alice", True), ("invited", None)] == found
    assert (1, "invite", "viewer", False) == (
        rules.id,
        rules.joining,
        rules.role,
        bool(rules.mfa_required),
    )

"""`bongsu infra watch --apply` against a running server: a second time nothing, what is gone by consent."""

import asyncio
import os

import pytest
import uvicorn

from bongsu.accounts import tokens
from bongsu.accounts.inputs import NewToken
from bongsu.architectures import api as architectures
from bongsu.cli import main
from bongsu.config import api, service
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import Invalid
from bongsu.services import store
from tests.infra.support import SMALL
from tests.people import alice_admin, app_with, dana_editor

CLOCK = ManualClock()


@pytest.fixture
def serving(db, monkeypatch, tmp_path, free_port):
    """Runs `steps(command, database)` beside a server; the command runs in a thread, as another process would."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BONGSU_URL", f"http://127.0.0.1:{free_port}")
    monkeypatch.setenv("LANG", "C")

    async def run(steps, who=alice_admin) -> None:
        async with db() as database:
            actor = await who(database)
            async with database.write() as tx:
                form = NewToken(name="cli", scopes=["*"])
                _, token = await tokens.create(tx, actor, form, CLOCK)
            monkeypatch.setenv("BONGSU_TOKEN", token)
            app = app_with(database, api.router, architectures.router)
            config = uvicorn.Config(app, port=free_port, log_level="error", lifespan="off")
            server = uvicorn.Server(config)
            running = asyncio.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.01)
            try:
                await steps(lambda *w: asyncio.to_thread(main, ["infra", "watch", *w]), database)
            finally:
                server.should_exit = True
                await running

    return run


async def names(database) -> list[str]:
    async with database.read() as tx:
        return [one.name for one in await store.every(tx)]


async def test_it_registers_once_and_takes_away_with_consent_only(serving, tmp_path, capsys):
    file = tmp_path / "a.yaml"
    file.write_text(SMALL)
    without = SMALL.replace("routes: [{via: front, hosts: [shop.example.com]}]", "routes: []")

    async def steps(command, database):
        assert await command("a.yaml", "--apply") == 0
        first = capsys.readouterr().out
        assert await command("a.yaml", "--apply") == 0
        second = capsys.readouterr().out
        file.write_text(without)
        assert await command("a.yaml", "--apply") == 0
        left, kept = capsys.readouterr(), await names(database)
        assert await command("a.yaml", "--apply", "--remove") == 0

        assert "create checks   shop-production-web/shop-example-com" in first
        page = f"{os.environ['BONGSU_URL']}/architectures/shop/production"
        assert second == f"Nothing to change.\nDrawn at {page}.\n"
        assert "services/shop-production-web is of no part any more" in left.err
        assert sorted(kept) == ["shop-production-front", "shop-production-web"]
        assert await names(database) == []

    await serving(steps)


async def test_only_an_administrator_may(serving, tmp_path, capsys):
    (tmp_path / "a.yaml").write_text(SMALL)

    async def steps(command, database):
        assert await command("a.yaml", "--apply") == 1
        assert "bongsu:" in capsys.readouterr().err
        assert await names(database) == []

    await serving(steps, dana_editor)


async def test_files_and_architectures_leave_each_other_alone(db):
    mine = b"services:\n  own: {title: Own}\n"
    theirs = "architecture:shop/production", b"services:\n  shop-production-web: {title: web}\n"
    other = "architecture:shop/staging", b"services:\n  shop-staging-web: {title: web}\n"

    async def apply(database, *file, remove=True):
        async with database.write() as tx:
            actor = await_actor
            return await service.apply(tx, actor, [file], CLOCK, remove=remove)

    async with db() as database:
        await_actor = await alice_admin(database)
        for file in (("bongsu.yaml", mine), theirs, other, ("bongsu.yaml", mine)):
            await apply(database, *file)
        everything = sorted(await names(database))
        with pytest.raises(Invalid) as error:
            await apply(database, "bongsu.yaml", theirs[1])
        await apply(database, theirs[0], b"services: {}\n", remove=False)
        still = sorted(await names(database))
        await apply(database, theirs[0], b"services: {}\n")

        assert everything == still == ["own", "shop-production-web", "shop-staging-web"]
        assert "architecture:shop/production:2" in str(error.value.problems[0])
        assert sorted(await names(database)) == ["own", "shop-staging-web"]

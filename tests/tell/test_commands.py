"""`bongsu tell …` against a real server on loopback."""

import asyncio
import json

import pytest

from bongsu import cli
from bongsu.accounts import api as accounts_api
from bongsu.rooms import routers
from bongsu.tell import store_choices
from tests.tasks.support import served_to

# A command is a client: which database the server has makes no difference.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def served(db, port, monkeypatch, scopes=("*",)):
    """Tasks and telling on a port, and the environment of a client with Ben's token."""
    routes = (*routers({"tell"}), accounts_api.router)
    return served_to(db, port, monkeypatch, routes, scopes=scopes)


async def run(*arguments):
    return await asyncio.to_thread(cli.main, ["tell", *arguments])


async def mine(capsys, *arguments):
    """What `--json` shows."""
    capsys.readouterr()
    assert 0 == await run(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


async def test_choices_are_shown_and_only_what_is_named_changes(db, free_port, monkeypatch, capsys):
    async with served(db, free_port, monkeypatch):
        before = await mine(capsys, "show")
        after = await mine(
            capsys, "set", "--no-own", "--digest", "daily", "--digest-hour", "7",
            "--at-once", "assigned", "--off", "changed", "--quiet", "22:00-07:00", "--weekends",
        )  # fmt: skip

        assert {"from": "22:00", "until": "07:00", "weekends": True} == after["quiet"]
        assert (False, "daily", 7, ["assigned"], False, True) == (
            after["own"], after["digest"], after["digest_hour"], after["at_once"],
            after["kinds"]["mail"]["changed"], after["kinds"]["mail"]["status"],
        )  # fmt: skip
        assert not (await mine(capsys, "set", "--no-weekends"))["quiet"]["weekends"]
        assert [] == (await mine(capsys, "set", "--at-once", "nothing"))["at_once"]
        assert (await mine(capsys, "set", "--no-mails"))["off"]
        assert before == await mine(
            capsys, "set", "--mails", "--own", "--digest", "at_once", "--digest-hour", "8",
            "--at-once", "assigned", "--at-once", "mentioned", "--at-once", "due",
            "--on", "changed", "--quiet", "none",
        )  # fmt: skip


async def test_a_task_is_muted_by_its_key_and_heard_again(db, free_port, monkeypatch, capsys):
    async with served(db, free_port, monkeypatch) as world:
        task = await world.task()
        async with world.db.write() as tx:
            await store_choices.heard_of(tx, world.ben.id, f"project/{world.project.id}", "Shop")

        assert 0 == await run("mute", "TSK-1")
        assert 0 == await run("set", "--project", f"project/{world.project.id}=mine")
        capsys.readouterr()
        assert 0 == await run("show")
        table = capsys.readouterr().out
        assert 0 == await run("unmute", f"task/{task.id}")

        muted, project = (
            [line for line in table.splitlines() if line.startswith(word)]
            for word in ("task/", "project/")
        )
        assert 1 == len(muted)
        assert muted[0].endswith("mute")
        assert project[0].endswith("mine")
        assert [] == (await mine(capsys, "show"))["muted"]


async def test_what_cannot_be_is_refused_with_words(db, free_port, monkeypatch, capsys):
    async with served(db, free_port, monkeypatch):
        assert 1 == await run("set", "--quiet", "22:00")
        assert capsys.readouterr().err.startswith("bongsu: ")
        assert 1 == await run("set", "--project", "project/9=mute")
        assert "project/9" in capsys.readouterr().err
        assert 1 == await run("mute", "TSK-9")
        assert "TSK-9" in capsys.readouterr().err
        assert 1 == await run("set")
        assert "Nothing was named" in capsys.readouterr().err

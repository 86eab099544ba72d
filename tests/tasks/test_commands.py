"""`bongsu tasks …` and `bongsu projects …` against a real server on loopback."""

import asyncio
import io
import json

import pytest

from bongsu import cli
from bongsu.accounts import api as accounts_api
from bongsu.notes import store as notes
from bongsu.rooms import routers
from tests.people import person
from tests.tasks.support import served_to

# A command is a client: which database the server has makes no difference.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def served(db, port, monkeypatch, who="ben"):
    """The room, its notes and the list of people on a port, and the environment of a client."""
    routes = (*routers({"notes"}), accounts_api.router)
    return served_to(db, port, monkeypatch, routes, who=who)


async def run(*arguments):
    return await asyncio.to_thread(cli.main, list(arguments))


async def rows(capsys, *arguments):
    """What `--json` lists."""
    capsys.readouterr()
    assert 0 == await run(*arguments, "--json")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_a_task_from_its_making_to_its_end(db, free_port, monkeypatch, capsys):
    async with served(db, free_port, monkeypatch):
        assert 0 == await run(
            "tasks", "create", "TSK", "Pin it", "--assign", "me", "--assign", "ada@example.com",
            "--priority", "urgent", "--label", "tls", "--due", "2026-11-30", "--point", "read",
        )  # fmt: skip
        assert ["TSK-1", "Waiting", "4", "2026-11-30"] == capsys.readouterr().out.splitlines()[
            1
        ].split()[:4]
        assert 0 == await run(
            "tasks",
            "change",
            "tsk-1",
            "--title",
            "Pin it now",
            "--unassign",
            "Ada",
            "--label",
            "shop",
            "--no-due",
        )
        assert 0 == await run("tasks", "move", "TSK-1", "in_progress", "--top")
        assert 0 == await run("tasks", "done", "TSK-1")
        assert 0 == await run("tasks", "delete", "TSK-1")
        assert [] == await rows(capsys, "tasks", "list")
        assert 0 == await run("tasks", "restore", "TSK-1")

        (one,) = await rows(capsys, "tasks", "list", "--status", "all", "--assignee", "me")
        assert ("Pin it now", None, ["Ben"], ["shop", "tls"]) == (
            one["title"], one["due"], [who["name"] for who in one["assignees"]], one["labels"],
        )  # fmt: skip
        capsys.readouterr()
        assert 0 == await run("tasks", "show", "TSK-1")
        assert "done" == json.loads(capsys.readouterr().out)["status"]
        assert 0 == await run("tasks", "history", "TSK-1")
        assert "Ben moved it from In progress to Done." in capsys.readouterr().out
        assert "task.created" == (await rows(capsys, "tasks", "history", "TSK-1"))[-1]["type"]


async def test_a_list_is_asked_for_by_what_people_are_called(db, free_port, monkeypatch, capsys):
    async with served(db, free_port, monkeypatch) as world:
        await world.task("Adas", assignees=[world.ada.id], priority=4)
        await world.task("nobodys")

        for words in (("--assignee", "ada"), ("--assignee", str(world.ada.id)), ("--priority", "urgent"),
                      ("--q", "adas"), ("--creator", "Ada", "--sort=-number", "--limit", "2")):  # fmt: skip
            found = [
                one["title"]
                for one in await rows(capsys, "tasks", "list", "--project", "TSK", *words)
            ]
            assert "Adas" in found
        assert ["nobodys"] == [
            one["title"] for one in await rows(capsys, "tasks", "list", "--assignee", "nobody")
        ]
        assert 1 == len(await rows(capsys, "tasks", "list", "--limit", "1"))
        assert 1 == await run("tasks", "list", "--assignee", "zoe")
        assert "Nobody is called zoe" in capsys.readouterr().err


async def test_a_name_that_two_have_is_refused(db, free_port, monkeypatch, capsys):
    async with served(db, free_port, monkeypatch) as world:
        await person(world.db, "Ada", "viewer", email="other@example.com")

        assert 1 == await run("tasks", "create", "TSK", "x", "--assign", "Ada")
        assert "Several people are called Ada" in capsys.readouterr().err


async def test_a_change_of_nothing_is_refused(db, free_port, monkeypatch, capsys):
    async with served(db, free_port, monkeypatch) as world:
        await world.task()

        assert 1 == await run("tasks", "change", "TSK-1")
        assert "Nothing was named" in capsys.readouterr().err


async def test_a_description_comes_from_the_standard_input(db, free_port, monkeypatch, capsys):
    async with served(db, free_port, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO("from a pipe\n"))

        (made,) = await rows(capsys, "tasks", "create", "TSK", "x", "--description", "-")

        assert "from a pipe\n" == made["description"]


async def test_a_comment_is_written_and_says_who_does_not_hear_of_it(
    db, free_port, monkeypatch, capsys
):
    async with served(db, free_port, monkeypatch) as world:
        task = await world.task()

        assert 0 == await run("tasks", "comment", "tsk-1", "Seen, @Ada and @Sam")
        told = capsys.readouterr()
        monkeypatch.setattr("sys.stdin", io.StringIO("from a pipe\n"))
        (piped,) = await rows(capsys, "tasks", "comment", "TSK-1", "-")

        async with world.db.read() as tx:
            texts = [one.text for one in await notes.listed(tx, f"task/{task.id}", after_id=0)]
        assert ["Seen, @Ada and @Sam", "from a pipe"] == texts
        assert "" == told.out
        assert "Sam" in told.err
        assert "Ada" not in told.err
        assert ("from a pipe", "Ben", []) == (
            piped["text"],
            piped["author"]["name"],
            piped["not_told"],
        )


async def test_a_comment_that_cannot_be_is_refused(db, free_port, monkeypatch, capsys):
    async with served(db, free_port, monkeypatch) as world:
        await world.task()

        assert 1 == await run("tasks", "comment", "TSK-9", "Seen")
        assert "TSK-9" in capsys.readouterr().err
        assert 1 == await run("tasks", "comment", "TSK-1", " ")
        assert "The comment is empty." in capsys.readouterr().err


async def test_a_project_goes_out_and_into_another(db, free_port, monkeypatch, capsys, tmp_path):
    async with served(db, free_port, monkeypatch) as world:
        await world.task("Pin it", labels=["a;b"])
        assert 0 == await run("projects", "create", "TWO", "Two")
        capsys.readouterr()
        out = tmp_path / "tasks.csv"

        class Out:
            buffer = io.BytesIO()

            @staticmethod
            def write(_text: str) -> None: ...

            @staticmethod
            def flush() -> None: ...

        with monkeypatch.context() as patched:
            patched.setattr("sys.stdout", Out)
            assert 0 == await run("tasks", "export", "TSK")
        out.write_bytes(Out.buffer.getvalue())
        assert 0 == await run("tasks", "import", "TWO", str(out), "--dry-run")
        assert 0 == await run("tasks", "import", "TWO", str(out))

        (one,) = await rows(capsys, "tasks", "list", "--project", "TWO")
        assert ("Pin it", ["a;b"]) == (one["title"], one["labels"])
        out.write_text("title,due\n,soon\n")
        assert 1 == await run("tasks", "import", "TWO", str(out))
        told = capsys.readouterr().err
        assert "2 places of the file are wrong" in told
        assert "line 2, due" in told


async def test_projects_and_their_members(db, free_port, monkeypatch, capsys):
    async with served(db, free_port, monkeypatch, who="ada") as world:
        assert 0 == await run("projects", "create", "OPS", "Ops", "--everyone", "viewer")
        assert 0 == await run("projects", "add", "OPS", "sam@example.com", "--role", "manager")
        assert ["manager", "manager"] == [
            one["role"] for one in await rows(capsys, "projects", "members", "OPS")
        ]
        assert 0 == await run("projects", "remove", "OPS", "me")
        assert ["Sam"] == [one["name"] for one in await rows(capsys, "projects", "members", "OPS")]
        assert 0 == await run("projects", "archive", "TSK")
        assert ["OPS"] == [one["key"] for one in await rows(capsys, "projects", "list")]
        assert 2 == len(await rows(capsys, "projects", "list", "--archived"))
        assert 0 == await run("projects", "archive", "TSK", "--back")
        capsys.readouterr()
        assert 0 == await run("projects", "show", "TSK")

        shown = json.loads(capsys.readouterr().out)
        assert ("Shop", world.project.id) == (shown["title"], shown["id"])


async def test_what_the_server_refuses_is_one_sentence(db, free_port, monkeypatch, capsys):
    async with served(db, free_port, monkeypatch, who="cho") as world:
        await world.task()

        assert 1 == await run("tasks", "done", "TSK-1")
        assert "This needs “Work on tasks” in Shop" in capsys.readouterr().err
        assert 1 == await run("projects", "create", "TSK", "Again")
        assert "already exists" in capsys.readouterr().err

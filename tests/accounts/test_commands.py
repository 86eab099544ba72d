"""`bongsu users …` against a real server on loopback."""

import asyncio
import contextlib
import json

import pytest
import uvicorn

from bongsu import cli
from bongsu.accounts import doors, entry, service, tokens
from bongsu.accounts.inputs import NewTeam, NewToken, ResetPassword
from bongsu.accounts.sessions import Visit
from bongsu.kit.errors import NotFound
from tests.people import alice_admin, bob_responder, person

# A command is a client: which database the server has makes no difference.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextlib.asynccontextmanager
async def served(h, port: int, monkeypatch):
    """The room's application on a port, and the environment of a client with Alice's token."""
    alice = await alice_admin(h.db)
    async with h.db.write() as tx:
        _, token = await tokens.create(tx, alice, NewToken(name="cli", scopes=["*"]), h.clock)
    server = uvicorn.Server(uvicorn.Config(h.app, port=port, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    monkeypatch.setenv("BONGSU_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("BONGSU_TOKEN", token)
    yield alice
    server.should_exit = True
    await running


async def run(*arguments: str) -> int:
    return await asyncio.to_thread(cli.main, ["users", *arguments])


async def test_people_are_listed_invited_given_roles_and_disabled(
    house, free_port, monkeypatch, capsys
):
    async with house() as h, served(h, free_port, monkeypatch):
        bob = await bob_responder(h.db)

        assert 0 == await run("invite", "erin@example.com", "Erin Park", "--role", "editor")
        link = capsys.readouterr().out.strip()
        assert 0 == await run("role", str(bob.id), "viewer")
        assert 0 == await run("disable", str(bob.id))
        capsys.readouterr()
        assert 0 == await run("list")
        table = capsys.readouterr().out
        assert 0 == await run("list", "--json")
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

        assert link.startswith("http://bongsu.test/door/door_")
        assert ["Alice", "Bob", "Erin Park"] == [row["name"] for row in rows]
        assert ["", "Disabled", "Invited"] == [row["state"] for row in rows]
        assert "bob@example.com" in table


async def test_a_link_is_made_and_a_person_is_shown_and_enabled(
    house, free_port, monkeypatch, capsys
):
    async with house() as h, served(h, free_port, monkeypatch):
        bob = await bob_responder(h.db)

        assert 0 == await run("link", str(bob.id))
        assert "/door/door_" in capsys.readouterr().out
        assert 0 == await run("disable", str(bob.id))
        assert 0 == await run("enable", str(bob.id))
        capsys.readouterr()
        assert 0 == await run("show", str(bob.id))
        assert json.loads(capsys.readouterr().out)["disabled"] is False


async def test_a_disabled_person_is_deleted(house, free_port, monkeypatch, capsys):
    async with house() as h, served(h, free_port, monkeypatch):
        bob = await bob_responder(h.db)

        assert 1 == await run("delete", str(bob.id))
        assert "Bob is not disabled" in capsys.readouterr().err
        assert 0 == await run("disable", str(bob.id))
        assert 0 == await run("delete", str(bob.id))
        capsys.readouterr()
        assert 0 == await run("list")

        assert "Bob" not in capsys.readouterr().out


async def test_who_may_join_is_shown_and_changed(house, free_port, monkeypatch, capsys):
    async with house() as h, served(h, free_port, monkeypatch):
        assert 0 == await run("joining")
        before = capsys.readouterr().out.splitlines()[1].split()
        arguments = ("open", "--role", "editor", "--domain", "example.com", "--domain", "a.kr")
        assert 0 == await run("joining", *arguments, "--json")
        after = json.loads(capsys.readouterr().out)
        assert 0 == await run("joining", "--domain", "", "--no-second-factor", "--json")
        cleared = json.loads(capsys.readouterr().out)
        assert 1 == await run("joining", "never")

        assert ["invite", "viewer", "False"] == before
        assert ("open", "editor", ["example.com", "a.kr"]) == (
            after["join"],
            after["role"],
            after["domains"],
        )
        assert after | {"domains": []} == cleared


async def test_teams_are_listed(house, free_port, monkeypatch, capsys):
    async with house() as h, served(h, free_port, monkeypatch) as alice:
        async with h.db.write() as tx:
            await service.create_team(tx, alice, NewTeam(name="shop", members=[alice.id]), h.clock)

        assert 0 == await run("teams")
        assert ["shop", "shop", "1"] == capsys.readouterr().out.splitlines()[1].split()[1:]
        assert 0 == await run("teams", "--json")
        assert [1] == json.loads(capsys.readouterr().out)["members"]


async def test_a_refusal_of_the_server_is_printed(house, free_port, monkeypatch, capsys):
    async with house() as h, served(h, free_port, monkeypatch) as alice:
        assert 1 == await run("disable", str(alice.id))

        assert "Alice is the last administrator." in capsys.readouterr().err


async def test_whoever_has_the_machine_gets_an_administrator_back_in(
    house, database_url, monkeypatch, capsys
):
    async with house() as h:
        alice = await alice_admin(h.db)
        monkeypatch.setenv("BONGSU_DATABASE_URL", database_url)

        assert 0 == await run("admin-link", " Alice@example.com")
        token = capsys.readouterr().out.strip().rpartition("/")[2]
        form, visit = ResetPassword(password="ten herons now"), Visit("203.0.113.7")
        cookie = await doors.enter(h.db, token, form, visit, h.clock)

        found = await entry.signed_in(h.db, cookie, h.clock.now())
        assert (alice.id, "admin") == (found.actor.id, found.actor.role)
        assert "user.link_made" in await h.types()


async def test_a_way_back_is_for_administrators_only(house):
    async with house() as h:
        await alice_admin(h.db)
        await person(h.db, "Bob", "responder")

        with pytest.raises(NotFound, match="Administrators: alice@"):
            await doors.admin_door(h.db, "bob@example.com", h.clock)


async def test_without_any_administrator_the_way_back_is_the_first_link(house):
    async with house() as h:
        token = await doors.admin_door(h.db, "", h.clock)

        assert "admin" == (await doors.look(h.db, token, h.clock)).purpose

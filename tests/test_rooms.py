"""Rooms can be switched off: then they are not imported, not in the rail, and nobody misses them."""

import asyncio
import subprocess
import sys

import pytest

from bongsu.app import build_app
from bongsu.db.migrate import migrate
from bongsu.db.session import Database
from bongsu.kit.errors import Invalid
from bongsu.kit.settings import Settings
from bongsu.rooms import NEEDS, ROOMS, rail, rooms_on
from bongsu.up import role_names
from tests.people import alice_admin, client_of


def test_without_a_choice_every_room_is_on():
    assert frozenset(ROOMS) == rooms_on(Settings())
    assert ("store", "watch", "alarm", "serve") == role_names(Settings())


def test_a_room_brings_what_it_needs_and_no_more():
    on = rooms_on(Settings(rooms="tasks"))

    assert {"accounts", "notes", "tell", "tasks"} == on
    assert ["tasks", "deliveries", "people"] == [item.id for item in rail(on)]
    assert "watch" not in role_names(Settings(rooms="tasks"))


def test_what_rooms_need_are_rooms():
    assert set(ROOMS) >= set(NEEDS) | {need for needs in NEEDS.values() for need in needs}


def test_a_room_that_nobody_knows_is_refused_with_those_that_are():
    with pytest.raises(Invalid, match=r"There is no room taks.*tasks"):
        rooms_on(Settings(rooms="taks,watch"))


async def test_a_house_of_tasks_begins_with_tasks_and_asks_for_nothing_that_is_off(tmp_path):
    settings = Settings(data_dir=str(tmp_path), rooms="tasks", public_url="http://bongsu.test")
    await migrate(settings.database)
    db = Database.open(settings.database)
    alice = await alice_admin(db)
    await db.close()
    app, opened = build_app(settings, asyncio.Event())
    async with opened, await client_of(app, alice) as client:
        first = await client.get("/")
        page = (await client.get("/tasks")).text
        wall, incidents = await client.get("/-/wall"), await client.get("/incidents")

    assert (303, "/tasks") == (first.status_code, first.headers["location"])
    assert (404, 404) == (wall.status_code, incidents.status_code)
    assert "/-/overall" not in page
    assert 'href="/incidents"' not in page


def imported(rooms: str, *modules: str) -> str:
    """Which of them an application with these rooms has loaded before anybody asks it anything."""
    program = (
        "import sys, asyncio; from bongsu.kit.settings import Settings; from bongsu.app import build_app;"
        "build_app(Settings(rooms=sys.argv[1], data_dir='/tmp'), asyncio.Event());"
        "print([m for m in sys.argv[2:] if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, rooms, *modules], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_rooms_that_are_off_are_not_imported():
    off = ("bongsu.watch.pages", "bongsu.incidents.pages", "bongsu.rules.pages")

    assert "[]" == imported("tasks", *off)


def test_no_start_waits_for_what_reads_and_draws_architectures():
    assert "[]" == imported("", "bongsu.infra", "bongsu.architectures.drawing")

"""The whole line as it runs: a person saves a task, the alarm role tells, a real SMTP server has the mail."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from bongsu import alarm
from bongsu.db.session import Database
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.settings import Settings
from bongsu.rules.builtin import install_builtin
from bongsu.tasks import service
from bongsu.tasks.inputs import TaskChange
from bongsu.tasks.projects import remove_member
from bongsu.tell.preferences import RUN_S
from tests.deliver.support import Mailbox, smtp_server, until
from tests.tasks.support import World, world_of


@contextlib.asynccontextmanager
async def alarmed(database: Database, folder: Path, port: int) -> AsyncIterator[World]:
    """Ada's project with Ben and Cho in it, and the alarm role beside them."""
    world = await world_of(database)
    async with database.write() as tx:
        await install_builtin(tx, SYSTEM_CLOCK)
    settings = Settings(
        data_dir=str(folder),
        database_url=database.url,
        mail_url=f"smtp://127.0.0.1:{port}?from=bongsu@example.com",
        public_url="https://bongsu.example.com",
    )
    stop = asyncio.Event()
    role = asyncio.create_task(alarm.run(settings, stop))
    try:
        yield world
    finally:
        stop.set()
        await asyncio.wait_for(role, 10)


async def save(world: World, key: str, **values) -> None:
    async with world.db.write() as tx:
        await service.change(tx, world.ada, key, TaskChange(**values), SYSTEM_CLOCK)


def texts(box: Mailbox, address: str) -> list[str]:
    pairs = zip(box.recipients, box.parsed(), strict=True)
    return [mail.get_body(("plain",)).get_content() for to, mail in pairs if to == [address]]


async def test_everybody_concerned_has_the_change_in_one_thread_with_a_way_out(db, tmp_path):
    box = Mailbox()
    async with (
        db() as database,
        smtp_server(box) as port,
        alarmed(database, tmp_path, port) as world,
    ):
        task = await world.task(assignees=[world.ben.id], watchers=[world.cho.id])
        await until(lambda: len(box.mails) == 3, 20)
        await save(world, task.key, status="in_progress")
        await until(lambda: len(box.mails) == 6, 20)
        await asyncio.sleep(0.2)
    mails = box.parsed()

    assert 6 == len(mails)
    assert {f"[{task.key}] Pin the client"} == {mail["Subject"] for mail in mails}
    assert {f"<task-{task.id}@example.com>"} == {mail["References"] for mail in mails}
    assert {"<tsk.example.com>"} == {mail["List-Id"] for mail in mails}
    assert {"List-Unsubscribe=One-Click"} == {mail["List-Unsubscribe-Post"] for mail in mails}
    assert 3 == len({mail["List-Unsubscribe"] for mail in mails})
    assert ["ada@example.com", "ben@example.com", "cho@example.com"] == sorted(
        to for (to,) in box.recipients[3:]
    )
    created, moved = texts(box, "ben@example.com")
    assert created.startswith("Ada created it and assigned it to you.")
    assert moved.startswith(
        "Ada moved it from Waiting to In progress.\n\nStatus: Waiting → In progress\n"
    )
    assert "You get this because you are assigned." in moved


async def test_edits_of_a_run_are_one_mail_and_who_left_the_project_gets_none(db, tmp_path):
    box = Mailbox()
    async with (
        db() as database,
        smtp_server(box) as port,
        alarmed(database, tmp_path, port) as world,
    ):
        task = await world.task(assignees=[world.ben.id], watchers=[world.cho.id])
        await until(lambda: len(box.mails) == 3, 20)
        await save(world, task.key, description="one")
        await save(world, task.key, description="one and two")
        async with world.db.write() as tx:
            await remove_member(tx, world.ada, "TSK", world.cho.id, SYSTEM_CLOCK)
        await until(lambda: len(box.mails) == 5, RUN_S + 15)
        await asyncio.sleep(0.5)

    assert [["ada@example.com"], ["ben@example.com"]] == sorted(box.recipients[3:])
    (_, changed) = texts(box, "ben@example.com")
    assert "Description: none → one and two\n" in changed
    assert 1 == len(texts(box, "cho@example.com"))

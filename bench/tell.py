"""How long from a change of a task to the mail server's acceptance, and how edits of one text are put together.

The whole `alarm` role in a process of its own and a real SMTP server. BONGSU_BENCH_CHANGES (20) changes a second
for BONGSU_BENCH_S (30) seconds, each about a task with a creator, an assignee and a watcher, who all are told:
three mails a change. The clock starts when the change is recorded, before its commit, and stops when the SMTP
server has the whole mail. Then BONGSU_BENCH_RUNS (30) runs of five edits of one text, 1.5 s apart: one mail each,
due 5 s after the last.
"""

import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from bongsu.accounts.model import Actor
from bongsu.db.migrate import migrate
from bongsu.db.session import Database
from bongsu.events import log
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import StateBusy
from bongsu.rules.builtin import install_builtin
from bongsu.tasks import projects, service
from bongsu.tasks.inputs import NewProject, NewTask, TaskChange
from bongsu.tell.preferences import RUN_S
from tests.journeys.world import BONGSU, Mailbox, Process, wait_until
from tests.people import person

RATE = float(os.environ.get("BONGSU_BENCH_CHANGES", "20"))
SECONDS = float(os.environ.get("BONGSU_BENCH_S", "30"))
RUNS = int(os.environ.get("BONGSU_BENCH_RUNS", "30"))
EDITS, APART_S, TARGET_S, RUN_TARGET_S = 5, 1.5, 1.0, 10.0
TASKS = 40
Json = dict[str, Any]


class Ledger(Mailbox):
    """Which event was told to whom, and when the whole mail was there."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[float, str, str]] = []  # wall clock, event, recipient

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        head = BytesHeaderParser().parsebytes(bytes(envelope.content or b""))
        self.taken.append((time.time(), head["X-Event-Id"], envelope.rcpt_tos[0]))
        return "250 2.0.0 accepted"


def run() -> list[Json]:
    with tempfile.TemporaryDirectory(prefix="bongsu-tell-") as folder, Ledger() as ledger:
        return asyncio.run(measure(Path(folder), ledger))


async def measure(folder: Path, ledger: Ledger) -> list[Json]:
    url = os.environ.get("BONGSU_BENCH_DATABASE") or f"sqlite:///{folder}/state.db"
    environment = {
        "BONGSU_DATA_DIR": str(folder), "BONGSU_DATABASE_URL": url, "BONGSU_MAIL_URL": ledger.url,
        "BONGSU_PUBLIC_URL": "https://bongsu.example.com",
    }  # fmt: skip
    await migrate(url)
    db = Database.open(url)
    alarm = Process((*BONGSU, "alarm"), folder / "alarm.log", **environment)
    try:
        ada, keys = await furnish(db)
        await asyncio.to_thread(
            wait_until, "the first mails", lambda: len(ledger.taken) >= 3 * TASKS, 60
        )
        began = await newest(db)
        reached = await changes(db, ada, keys)
        await settled(ledger, 3 * int(RATE * SECONDS) + 3 * TASKS)
        quick = await latencies(db, ledger, began)
        began = await newest(db)
        taken = len(ledger.taken)
        await runs(db, ada, keys[:RUNS])
        await settled(ledger, taken + 3 * RUNS)
        return [*figures(quick, reached), *await run_figures(db, ledger, began, taken)]
    finally:
        alarm.stop()
        await db.close()


async def furnish(db: Database) -> tuple[Actor, list[str]]:
    """Ada makes TASKS tasks that Ben has and Cho watches."""
    ada, ben, cho = [await person(db, name, "viewer") for name in ("Ada", "Ben", "Cho")]
    async with db.write() as tx:
        await install_builtin(tx, SYSTEM_CLOCK)
        project = NewProject(key="TSK", title="Shop", everyone="member")
        await projects.create(tx, ada, project, SYSTEM_CLOCK)
        made = [
            await service.create(
                tx,
                ada,
                NewTask(project="TSK", title=f"Task {n}", assignees=[ben.id], watchers=[cho.id],
                        description="one"),
                SYSTEM_CLOCK,
            )
            for n in range(TASKS)
        ]  # fmt: skip
    return ada, [task.key for task in made]


async def newest(db: Database) -> int:
    async with db.read() as tx:
        return await log.newest_seq(tx)


async def save(db: Database, actor: Actor, key: str, **values: Any) -> None:
    """A busy database is asked again: the clock starts with what was recorded."""
    while True:
        try:
            async with db.write() as tx:
                await service.change(tx, actor, key, TaskChange(**values), SYSTEM_CLOCK)
        except StateBusy:
            continue
        return


async def changes(db: Database, ada: Actor, keys: Sequence[str]) -> float:
    """Status and priority in turn, at an even rate; the rate that was reached."""
    started_s = time.monotonic()
    for number in range(int(RATE * SECONDS)):
        # Never at a stretch: SQLite gives its one lock to whoever asks in the right moment.
        await asyncio.sleep(max(0.5 / RATE, started_s + number / RATE - time.monotonic()))
        turn = number // len(keys)
        what: Json = {"priority": 1 + turn % 4}
        if number % 2:
            what = {"status": ("in_progress", "done", "waiting")[turn % 3]}
        await save(db, ada, keys[number % len(keys)], **what)
    return int(RATE * SECONDS) / (time.monotonic() - started_s)


async def runs(db: Database, ada: Actor, keys: Sequence[str]) -> None:
    async def one(key: str, number: int) -> None:
        await asyncio.sleep(number * 0.25)
        for edit in range(EDITS):
            await save(db, ada, key, description=f"one, two, and {edit} more")
            if edit < EDITS - 1:
                await asyncio.sleep(APART_S)

    await asyncio.gather(*(one(key, number) for number, key in enumerate(keys)))


async def settled(ledger: Ledger, count: int) -> None:
    await asyncio.to_thread(wait_until, f"{count} mails", lambda: len(ledger.taken) >= count, 180)
    await asyncio.sleep(1)  # one too many would come now


async def recorded(db: Database, began: int) -> list[tuple[str, str, float]]:
    """Every change of a task since then: its id, the task, and when."""
    async with db.read() as tx:
        events = await log.read_after(tx, began, 10_000)
    return [(e.id, e.subject, e.recorded.timestamp()) for e in events if e.type.startswith("task.")]


async def latencies(db: Database, ledger: Ledger, began: int) -> list[float]:
    at = {event: when for event, _, when in await recorded(db, began)}
    return [taken - at[event] for taken, event, _ in ledger.taken if event in at]


def figures(taken_s: Sequence[float], reached: float) -> list[Json]:
    ordered, wanted = sorted(taken_s), 3 * int(RATE * SECONDS)
    return [
        figure(f"change to acceptance, p99 of {len(ordered)}", share(ordered, 0.99), "s", TARGET_S)
        | {
            "noise": f"{reached:.1f} changes a second; median {share(ordered, 0.5):.3f} s, "
            f"at most {ordered[-1]:.3f} s"
        },
        figure("mails too many or too few", abs(len(ordered) - wanted), "", 0),
    ]


async def run_figures(db: Database, ledger: Ledger, began: int, taken: int) -> list[Json]:
    found = await recorded(db, began)
    last = {subject: (event, at) for event, subject, at in found}
    ends = dict(last.values())
    mails = ledger.taken[taken:]
    waited = sorted(at - ends[event] for at, event, _ in mails if event in ends)
    each = Counter((event, who) for _, event, who in mails)
    odd = sum(n - 1 for n in each.values()) + abs(3 * RUNS - len(each))
    return [
        figure(f"last edit of a run to acceptance, p99 of {len(waited)}", share(waited, 0.99), "s", RUN_TARGET_S)
        | {"noise": f"due after {RUN_S:g} s; at least {waited[0]:.3f} s, median {share(waited, 0.5):.3f} s, "
                    f"at most {waited[-1]:.3f} s"},
        figure("a run of edits told by none or by several mails", odd, "", 0),
    ]  # fmt: skip


def share(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def figure(name: str, value: float, unit: str, target: float) -> Json:
    shown = round(value, 3)
    return {
        "name": name,
        "value": shown,
        "unit": unit,
        "target": target,
        "ok": value <= target,
        "noise": "",
    }

"""Everything goes down, a random process is killed, and nobody may be forgotten.

One round: all services fail; 0 to 2.5 s later one of watch, alarm, serve, store or `up` itself gets kill -9 (`up`
is started again, as an operator or systemd would); when every owner was told, all is mended; when every owner
was told that too, the next round begins. At the end each request that the services answered is looked for in
the history, by the length of its answer (see target.py).

`python -m tests.journeys.kill 10 10` runs ten rounds with ten services and prints the report.
"""

import asyncio
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from bongsu.lake.client import LakeClient
from tests.journeys.target import Service, Target
from tests.journeys.world import Bongsu, Mailbox, wait_until

VICTIMS = ("watch", "alarm", "serve", "store", "up")
SEED = 4
KILL_WITHIN_S = 2.5
OUTAGE_AT_LEAST_S = 2.2  # confirm (1) + 1 intervals of a second, and a little
WAIT_S = 60.0
# A look counts as recorded once its row is in the spool's file: 100 ms after the answer, later on a busy machine.
# What dies with `watch` is at most the look of each check that was under way or in memory.
MEMORY_S = 0.6
LAST_WORDS_S = 2.5  # how long a role may live on after its supervisor was killed
SETTLED_S = 4.0  # flush, seal, insert: after this a row is in the history
_ABOUT = re.compile(r"<incident-(\d+)-([a-z]+)-")


@dataclass(frozen=True, slots=True)
class Mail:
    at_s: float
    service: str
    incident: int
    occasion: str  # opened, resolved
    message_id: str


class Ledger(Mailbox):
    """A real SMTP server that keeps only what is counted: twenty thousand whole mails would fill the memory."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Mail] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        head = BytesHeaderParser().parsebytes(bytes(envelope.content or b""))
        found, now_s = _ABOUT.match(head["Message-ID"]), time.monotonic()
        assert found is not None, head["Message-ID"]
        service = head["List-Id"].strip("<>").partition(".")[0]
        self.mails.append(Mail(now_s, service, int(found[1]), found[2], head["Message-ID"]))
        return "250 2.0.0 accepted"

    def told(self, occasion: str, since_s: float) -> set[str]:
        return {one.service for one in self.since(since_s) if one.occasion == occasion}

    def since(self, since_s: float) -> Iterator[Mail]:
        for mail in reversed(self.mails):
            if mail.at_s < since_s:
                return
            yield mail


@dataclass(frozen=True, slots=True)
class Kill:
    victim: str
    at_s: float

    def may_have_lost(self, asked_s: float) -> bool:
        """Whether a look answered at that moment may have been in the memory of what died."""
        if self.victim not in {"watch", "up"}:
            return False
        end_s = self.at_s + (LAST_WORDS_S if self.victim == "up" else MEMORY_S)
        return self.at_s - MEMORY_S <= asked_s <= end_s


@dataclass(frozen=True, slots=True)
class Outage:
    service: str
    since_s: float
    mended_s: float


@dataclass(slots=True)
class Report:
    """What happened. Every list is of oddities and should be empty; `copies` may not be."""

    services: int
    rounds: int = 0
    outages: int = 0
    told_once: int = 0
    resolved: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    never: list[str] = field(default_factory=list)  # outages that nobody was told of
    twice: list[str] = field(default_factory=list)  # told by two messages with different ids
    unresolved: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)  # told of an outage that was none
    copies: int = 0  # the same message again, with the same Message-ID: a mail client shows one
    latencies_s: list[float] = field(default_factory=list)  # deciding answer → accepted by SMTP
    requests: int = 0
    rows: int = 0
    rows_in_flight: int = (
        0  # in the memory of a killed `watch`: at most one for each check and kill
    )
    rows_lost: list[str] = field(default_factory=list)
    rows_twice: list[str] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def faults(self) -> dict[str, list[str]]:
        names = ("never", "twice", "unresolved", "false", "rows_lost", "rows_twice")
        return {name: found for name in names if (found := getattr(self, name))}

    def lines(self) -> list[str]:
        killed = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        late = sorted(self.latencies_s) or [0.0]
        values = {
            f"rounds of {self.services} services": self.rounds,
            "took": f"{self.took_s:.0f} s",
            "killed": killed,
            "outages": self.outages,
            "told once": self.told_once,
            "never told": len(self.never),
            "told twice": len(self.twice),
            "false alarms": len(self.false),
            "resolved": self.resolved,
            "not resolved": len(self.unresolved),
            "copies of a message": self.copies,
            "deciding answer to acceptance": f"median {late[len(late) // 2]:.2f} s, p99"
            f" {late[int(len(late) * 0.99)]:.2f} s, at most {late[-1]:.2f} s",
            "requests answered": self.requests,
            "rows in the history": self.rows,
            "rows in the memory of what was killed": self.rows_in_flight,
            "rows lost": len(self.rows_lost),
            "rows twice": len(self.rows_twice),
        }
        return [f"{name:38} {value}" for name, value in values.items()]


def rounds(
    count: int, services: int, folder: Path, *, seed: int = SEED, until_s: float | None = None
) -> Report:
    """Runs `count` rounds, or as many as begin before `until_s` (monotonic)."""
    started_s, report, source = time.monotonic(), Report(services), random.Random(seed)
    file = folder / "bongsu.yaml"
    with Target(services) as target, Ledger() as ledger:
        file.write_text(target.configuration(), encoding="utf-8")
        world = World(target, ledger, Bongsu(folder, ledger), file, source, report)
        with world.bongsu.running(file):
            world.begin()
            for victim in _victims(count, source):
                if until_s is not None and time.monotonic() > until_s:
                    break
                world.round(victim)
            world.count_rows()
        world.count_mails()
    report.took_s = time.monotonic() - started_s
    return report


def _victims(count: int, source: random.Random) -> Iterator[str]:
    """Random, but each of them before any is killed again."""
    bag: list[str] = []
    for _ in range(count):
        bag = bag or source.sample(VICTIMS, len(VICTIMS))
        yield bag.pop()


@dataclass(slots=True)
class World:
    target: Target
    ledger: Ledger
    bongsu: Bongsu
    file: Path
    source: random.Random
    report: Report
    outages: list[Outage] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)

    def begin(self) -> None:
        self.bongsu.become_admin()
        looked = [service.asked for service in self.target.services]
        wait_until("every service was looked at twice", lambda: all(len(a) > 1 for a in looked), 60)

    def round(self, victim: str) -> None:
        broken_s = self.target.all(500)
        _sleep_until(broken_s + self.source.uniform(0, KILL_WITHIN_S))
        self.kill(victim)
        self._wait_for("opened", broken_s)
        _sleep_until(broken_s + OUTAGE_AT_LEAST_S)
        mended_s = self.target.all(200)
        self._wait_for("resolved", mended_s)
        names = (service.name for service in self.target.services)
        self.outages += [Outage(name, broken_s, mended_s) for name in names]
        self.report.rounds += 1

    def _wait_for(self, occasion: str, since_s: float) -> None:
        """Until everybody was told, or long enough to count who was not."""
        names = {service.name for service in self.target.services}
        end_s = time.monotonic() + WAIT_S
        while names - self.ledger.told(occasion, since_s) and time.monotonic() < end_s:
            time.sleep(0.05)

    def kill(self, victim: str) -> None:
        pid = wait_until(f"{victim} runs", lambda: self._pid(victim), 60)
        self.kills.append(Kill(victim, time.monotonic()))
        self.report.kills[victim] += 1
        os.kill(pid, signal.SIGKILL)
        if victim == "up":
            self.bongsu.stop(signal.SIGKILL)
            self.bongsu.start(self.file, timeout_s=60)

    def _pid(self, victim: str) -> int | None:
        up = self.bongsu.up.process.pid
        return up if victim == "up" else role_pids(up).get(victim)

    # --- counting

    def count_mails(self) -> None:
        report, by_outage = self.report, defaultdict(list)
        first = {mail.message_id: mail for mail in reversed(self.ledger.mails)}
        report.copies = len(self.ledger.mails) - len(first)
        report.outages = len(self.outages)
        known = {(one.service, one.since_s): one for one in self.outages}
        starts = sorted({one.since_s for one in self.outages})
        for mail in first.values():
            since_s = max((s for s in starts if s <= mail.at_s), default=-1.0)
            outage = known.get((mail.service, since_s))
            if outage is None or (mail.occasion == "opened" and mail.at_s > outage.mended_s):
                report.false.append(f"{mail.service} {mail.occasion} INC-{mail.incident}")
            else:
                by_outage[outage, mail.occasion].append(mail)
        for outage in self.outages:
            self._count_outage(outage, by_outage[outage, "opened"], by_outage[outage, "resolved"])

    def _count_outage(self, outage: Outage, opened: list[Mail], resolved: list[Mail]) -> None:
        report, name = self.report, f"{outage.service} at {outage.since_s:.1f}"
        report.told_once += len(opened) == 1
        report.resolved += len(resolved) == 1
        if not opened:
            report.never.append(name)
        if len(opened) > 1 or len(resolved) > 1:
            report.twice.append(name)
        if len(resolved) == 0:
            report.unresolved.append(name)
        if opened:
            service = next(s for s in self.target.services if s.name == outage.service)
            decided_s = service.failing_since(outage.since_s)
            report.latencies_s.append(min(mail.at_s for mail in opened) - decided_s)

    def count_rows(self) -> None:
        """Compares what the services answered with what the history holds of it."""
        time.sleep(SETTLED_S)  # what was answered before this began is in the history now
        settled_s = time.monotonic() - SETTLED_S
        checks = self.bongsu.call("GET", f"/checks?limit={max(100, len(self.target.services))}")
        ids = {one["service"]: one["id"] for one in checks["checks"]}
        rows = asyncio.run(read_rows(self.bongsu.folder / "data/lake.sock"))
        for service in self.target.services:
            self._count_service(service, rows.get(ids[service.name], []), settled_s)

    def _count_service(self, service: Service, rows: list["Row"], settled_s: float) -> None:
        report = self.report
        left, missing = matched(service, rows, settled_s)
        report.requests += sum(one.at_s < settled_s for one in service.asked)
        report.rows += sum(
            time.monotonic() - (time.time() - row.wall_s) < settled_s for row in rows
        )
        excused: Counter[Kill] = Counter()
        for asked_s in missing:
            kills = [k for k in self.kills if k.may_have_lost(asked_s) and not excused[k]]
            if kills:
                excused[kills[0]] += 1
                report.rows_in_flight += 1
            else:
                report.rows_lost.append(f"{service.name} at {asked_s:.1f}")
        report.rows_twice += [f"{service.name} {row}" for row in left]


# --- rows


@dataclass(frozen=True, slots=True)
class Row:
    serial: int  # bytes of the body; 0 when there was no answer
    wall_s: float


async def read_rows(socket: Path) -> dict[int, list[Row]]:
    """Every row of a look, by check; slots that were skipped made no look."""
    found: dict[int, list[Row]] = defaultdict(list)
    query = (
        "SELECT check_id, bytes, toUnixTimestamp64Milli(ts) FROM check_result"
        " WHERE NOT startsWith(own, 'skipped_') ORDER BY check_id, ts"
    )
    async with LakeClient(f"http+unix://{socket}") as lake:
        for check_id, serial, at_ms in await lake.query(query, timeout_s=60.0):
            found[check_id].append(Row(serial, at_ms / 1000))
    return found


def matched(
    service: Service, rows: Iterable[Row], settled_s: float
) -> tuple[list[Row], list[float]]:
    """Rows that no request explains, and moments of requests that have no row.

    A row without an answer (a time-out that the service did not notice) stands for the request next to it.
    """
    by_serial: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_serial[row.serial].append(row)
    missing = []
    for asked in service.asked:
        row = _near(by_serial[asked.serial], asked.wall_s)
        if row is None and asked.at_s < settled_s and _near(by_serial[0], asked.wall_s) is None:
            missing.append(asked.at_s)
    return [row for serial, left in by_serial.items() if serial for row in left], missing


def _near(rows: list[Row], wall_s: float) -> Row | None:
    """Takes the row of a look that began at most two seconds before the answer."""
    for index, row in enumerate(rows):
        if -0.1 < wall_s - row.wall_s < 2.0:
            return rows.pop(index)
    return None


# --- processes


def role_pids(parent: int) -> dict[str, int]:
    """Role → pid of what a supervisor has started."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            status = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError):
            continue
        if int(status[1]) == parent and status[0] != "Z" and b"bongsu" in words:
            found[words[words.index(b"bongsu") + 1].decode()] = int(entry.name)
    return found


def _sleep_until(at_s: float) -> None:
    time.sleep(max(0.0, at_s - time.monotonic()))


def main(argv: list[str]) -> int:
    """The folder is kept when something was not as it must be."""
    count, services = (int(word) for word in (*argv, "10", "10")[:2])
    folder = Path(tempfile.mkdtemp(prefix="bongsu-kill-"))
    report = rounds(count, services, folder, seed=int(argv[2]) if argv[2:] else SEED)
    sys.stdout.write("\n".join([*report.lines(), *logged(folder), ""]))
    for name, found in report.faults.items():
        sys.stdout.write(f"{name}: {found[:10]}\n")
    if report.faults:
        sys.stdout.write(f"see {folder}\n")
        return 1
    shutil.rmtree(folder)
    return 0


def logged(folder: Path) -> list[str]:
    """What the roles warned of, most frequent first."""
    lines = [
        line.partition(" ")[2][13:]
        for log in sorted(folder.glob("bongsu-*.log"))
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        if " WARNING " in line or " ERROR " in line
    ]
    seen = Counter(re.sub(r"\d+", "#", line) for line in lines)
    return [f"  {times} × {line[:150]}" for line, times in seen.most_common(12)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

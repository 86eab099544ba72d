"""Events about tasks as the room tasks writes them, people, a gate, and the alarm role's parts, step by step."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bongsu.accounts import store as accounts
from bongsu.accounts.model import Actor
from bongsu.db.session import Database
from bongsu.deliver import store_listing as deliveries
from bongsu.events import log
from bongsu.events.envelope import Draft, Event
from bongsu.kit.clock import ManualClock
from bongsu.kit.i18n import say
from bongsu.rules.builtin import install_builtin
from bongsu.rules.follower import RuleFollower
from bongsu.tell import store
from bongsu.tell.model import Defaults
from bongsu.tell.preferences import Preferences
from bongsu.tell.store_choices import save
from bongsu.tell.worker import Notices
from tests.people import person

PUBLIC = "https://bongsu.example.com"
DEFAULTS = Defaults(PUBLIC, "en", "Asia/Seoul")
START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # a Tuesday, 12:00 in Seoul
TASK = {
    "id": 42, "key": "TSK-42", "title": "Pin the client", "project": "TSK", "project_id": 1,
    "project_title": "Tasks", "status": "in_progress", "column": "In progress", "priority": 2,
    "creator": None, "assignees": [], "watchers": [], "due": None, "incident": None,
}  # fmt: skip


def task_event(
    what: str = "status_changed",
    *,
    by: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    actor_name: str = "",
    at: datetime | None = None,
    severity: int = 1,
    more: dict[str, Any] | None = None,
    **task: Any,
) -> Draft:
    """The shape that every room may rely on; `task` overrides TASK, `before`/`after` say what the save changed."""
    facts = TASK | task
    subject = f"task/{facts['id']}"
    title = say("{key} {title}", key=facts["key"], title=facts["title"])
    data = {
        "object": subject,
        "title": title.stored(),
        "task": facts,
        "before": before or {},
        "after": after or {},
        "changed": list(after or {}),
        "by": by,
        "actor": "alice@example.com" if by else "system",
    }
    named = {"actor_name": actor_name} if actor_name else {}
    return Draft(
        type=f"task.{what}",
        source="bongsu.tasks",
        subject=subject,
        resources=(f"project/{facts['project_id']}",),
        data=data | named | (more or {}),
        severity=severity,
        actor=f"user/{by}" if by else "system",
        time=at,
    )


def comment(by: int, text: str, mentions: Sequence[int] = (), **task: Any) -> Draft:
    note = {"id": 7, "text": text, "mentions": list(mentions)}
    return task_event(
        "commented", by=by, after={"comment": text}, before={"comment": None},
        more={"note": note}, **task,
    )  # fmt: skip


def edit(by: int, before: str, after: str, field_: str = "description", **task: Any) -> Draft:
    return task_event("updated", by=by, before={field_: before}, after={field_: after}, **task)


class ListedGate:
    """Everybody may read, but those who are shut out."""

    def __init__(self) -> None:
        self.shut_out: set[tuple[str, int]] = set()
        self.broken = False

    async def may_read(self, tx: Any, subject: Any, user_id: int) -> bool:
        if self.broken:
            raise RuntimeError("the gate is stuck")
        return (subject.key, user_id) not in self.shut_out


@dataclass
class Town:
    """People and the parts of the alarm role, moved by hand."""

    db: Database
    clock: ManualClock
    gate: ListedGate = field(default_factory=ListedGate)
    people: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        gates: Any = {"task": self.gate, "incident": self.gate}
        self.follower = RuleFollower(self.db, DEFAULTS, self.clock, gates)
        self.queued = asyncio.Event()
        self.notices = Notices(self.db, gates, DEFAULTS, self.clock, self.queued)

    def id(self, name: str) -> int:
        return self.people[name].id

    async def record(self, *drafts: Draft) -> None:
        async with self.db.write() as tx:
            for draft in drafts:
                log.record(tx, replace(draft, time=draft.time or self.clock.now()), self.clock)

    async def hear(self, *drafts: Draft) -> None:
        """Records, and lets the rules act."""
        await self.record(*drafts)
        while await self.follower.follower.step():
            pass

    async def wait(self, seconds: float) -> None:
        """Time passes, and what is due is told."""
        self.clock.advance(seconds)
        while await self.notices.step():
            pass

    async def prefer(self, name: str, **values: Any) -> None:
        async with self.db.write() as tx:
            await save(tx, self.id(name), Preferences(**values), self.clock.now())

    async def sent(self) -> list[deliveries.Row]:
        """The outbox, oldest first."""
        async with self.db.read() as tx:
            return list(reversed(await deliveries.listed(tx, limit=200)))

    async def leads(self) -> list[tuple[str, str]]:
        """Who gets which first sentence, oldest first."""
        rows = await self.sent()
        return [(r.delivery.recipient.split("@")[0], r.delivery.message.lead) for r in rows]

    async def decided(self, subject: str = "task/42") -> list[tuple[str, bool, str]]:
        async with self.db.read() as tx:
            found = await store.of_subject(tx, subject)
        return [(one.person, one.told.told, str(one.told.reason)) for one in found]

    async def events(self, prefix: str) -> list[Event]:
        async with self.db.read() as tx:
            return list(reversed(await log.search(tx, type_prefix=prefix, limit=1000)))

    async def language(self, name: str, language: str, zone: str = "Asia/Seoul") -> None:
        async with self.db.write() as tx:
            await accounts.update_user(tx, self.id(name), language=language, time_zone=zone)


async def town(db: Database, *names: str) -> Town:
    """Alice, Bob and Charlie unless named otherwise; the built-in rules."""
    made = Town(db, ManualClock(START))
    for name in names or ("Alice", "Bob", "Charlie"):
        made.people[name] = await person(db, name, "viewer")
    async with db.write() as tx:
        await install_builtin(tx, made.clock)
    return made

"""Plans what is due: claims incidents whose `next_plan_at` has come, decides who is told, queues it.

Due at opening, at every change, when somebody takes or ends it, and at every `until` of a decision.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bongsu.accounts import store as accounts
from bongsu.db.session import Database, Tx
from bongsu.deliver.pace import rest
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.incidents import message, store
from bongsu.incidents.apply import end_calm
from bongsu.incidents.model import HELD, STATE_WORDS, WELL, Incident, Touched
from bongsu.incidents.plan import Standing, calm, plan
from bongsu.incidents.store import Entry
from bongsu.incidents.words import names
from bongsu.kit.clock import Clock, SetBack
from bongsu.kit.errors import StateBusy
from bongsu.kit.i18n import Said, say
from bongsu.kit.redact import redact_text
from bongsu.kit.text import head
from bongsu.tell import store as tellings
from bongsu.tell.audience import find
from bongsu.tell.model import Decision, Defaults, Deliver, zone_of
from bongsu.tell.service import carry_out

POLL_S = 0.25
BATCH = 20
OWN_KEY = "own/plan/"
FAILED_AGAIN = timedelta(minutes=1)  # a broken row must not be tried in a circle
_logger = logging.getLogger("bongsu.incidents")

_TOLD = {
    "opened": say("Told {people} by {way}"),
    "worse": say("Told {people} by {way} that it got worse"),
    "resolved": say("Told {people} by {way} that it is over"),
    "passed": say("Told {people} by {way} that it was, and is over"),
}


class Planner:
    """One for each `alarm` process. Sets `queued` after a commit that left something to send."""

    def __init__(
        self, db: Database, defaults: Defaults, clock: Clock, queued: asyncio.Event
    ) -> None:
        self.db, self.defaults, self.clock, self.queued = db, defaults, clock, queued
        self._set_back = SetBack(clock)

    async def run(self, stop: asyncio.Event, wake: asyncio.Event) -> None:
        """Plans until `stop`; looks at once at `wake`, otherwise every POLL_S."""
        while not stop.is_set():
            try:
                planned = await self.step()
            except StateBusy:
                planned = 0
            except Exception:
                _logger.exception("planning failed; the next look tries again")
                planned = 0
            if not planned:
                await rest(stop, wake, POLL_S)

    async def step(self) -> int:
        """One batch in one transaction; how many incidents it planned."""
        now = self.clock.now()
        if self._set_back.happened():
            async with self.db.write() as tx:
                await store.pull_forward(tx, now)
            self._set_back.settled()
        async with self.db.read() as tx:
            if not await store.is_due(tx, now):
                return 0
        async with self.db.write() as tx:
            due = await store.claim_due(tx, now, BATCH)
            for incident in due:
                await self._plan_safely(tx, incident)
        self.queued.set()
        return len(due)

    async def _plan_safely(self, tx: Tx, incident: Incident) -> None:
        try:
            async with tx.savepoint():
                await self._plan(tx, incident)
        except StateBusy:
            raise
        except Exception as error:
            _logger.exception("%s could not be planned", incident.name)
            await store.plan_again(tx, incident.id, self.clock.now() + FAILED_AGAIN)
            self._say_failed(tx, incident, error)

    def _say_failed(self, tx: Tx, incident: Incident, error: Exception) -> None:
        """Not about an incident that says so itself: its news would fail to be planned, without end."""
        if incident.dedup_key.startswith(OWN_KEY):
            return
        text = head(redact_text(f"{type(error).__name__}: {error}"), 500)
        title = say("{incident} could not be planned: nobody may have been told",
                    incident=incident.name)  # fmt: skip
        draft = Draft(
            type="own.plan_failed",
            source="bongsu.incidents",
            subject=incident.subject,
            severity=5,
            data={"object": incident.subject, "error": text, "title": title.stored()},
            dedup_key=f"{OWN_KEY}{incident.id}",
            correlation=incident.correlation,
        )
        record(tx, draft, self.clock)

    async def _plan(self, tx: Tx, claimed: Incident) -> None:
        incident, now = claimed, self.clock.now()
        touched = await store.touched(tx, incident.id)
        quiet = calm(incident, touched, now)
        if quiet.over:
            await end_calm(tx, incident, self.clock)
            incident = await store.get(tx, claimed.id) or claimed
        told = [one.told for one in await tellings.of_subject(tx, incident.subject)]
        audience = await find(tx, incident.audience, incident.service_id, self.defaults)
        listening = await tellings.listeners_told(tx, incident.subject, self.defaults)
        made = plan(await self._standing(tx, incident, touched), audience, listening, told, now)
        await self._carry_out(tx, incident, made.decisions)
        looks = [at for at in (made.next_at, quiet.look_at) if at is not None]
        if looks:
            await store.plan_again(tx, incident.id, min(looks))

    async def _standing(self, tx: Tx, incident: Incident, touched: Sequence[Touched]) -> Standing:
        holder = await accounts.user_by_id(tx, incident.holder_id) if incident.holder_id else None
        taken = incident.acknowledged_at is not None
        return Standing(
            severity=incident.severity,
            zone=zone_of(self.defaults.time_zone),
            resolved_at=incident.resolved_at,
            by_hand=taken or await store.ended_by_hand(tx, incident.id),
            holder=f"user/{holder.id}" if holder else "system" if taken else None,
            holder_name=holder.name if holder else "system",
            held_since=incident.acknowledged_at,
            stopped=stopped(touched),
        )

    async def _carry_out(self, tx: Tx, incident: Incident, decisions: Sequence[Decision]) -> None:
        if not decisions:
            return
        subject = await message.load(tx, incident, self.defaults, self.clock)
        done = await carry_out(
            tx,
            decisions,
            subject=incident.subject,
            compose=message.composer(subject),
            event_id=subject.event_id,
            clock=self.clock,
        )
        await store.add(tx, incident.id, *timeline(done, self.clock))


def stopped(touched: Sequence[Touched]) -> Said | None:
    """Nobody is told while all that is wrong is paused or under maintenance."""
    wrong = [one for one in touched if one.state != WELL]
    if not wrong or any(one.state not in HELD for one in wrong):
        return None
    return say("{thing} is {state}", thing=wrong[0].title, state=STATE_WORDS[wrong[0].state])


def timeline(decisions: Sequence[Decision], clock: Clock) -> list[Entry]:
    """One line for all who are told, or not told, the same for the same reason."""
    groups: dict[tuple[bool, str, str, str], list[Decision]] = {}
    for decision in decisions:
        told = isinstance(decision, Deliver)
        way = decision.listener.channel or "" if told else ""
        key = (told, decision.occasion, way, str(decision.reason))
        groups.setdefault(key, []).append(decision)
    return [
        _line(told, occasion, way, group, clock)
        for (told, occasion, way, _), group in groups.items()
    ]


def _line(told: bool, occasion: str, way: str, group: Sequence[Decision], clock: Clock) -> Entry:
    people = names([decision.listener.person for decision in group])
    said = say("Not told: {people}", people=people)
    if told:
        said = replace(_TOLD[occasion], args={"people": people, "way": way or say("mail")})
    kind = "told" if told else "not_told"
    return Entry(at=clock.now(), kind=kind, said=said, because=group[0].reason)

import asyncio

import pytest
import sqlalchemy as sa

from bongsu.accounts import store as accounts
from bongsu.events.envelope import Draft
from bongsu.incidents import service, store, worker
from bongsu.incidents.tables import incident
from bongsu.incidents.worker import Planner
from bongsu.services import store as services
from bongsu.tell import store as tellings
from tests.incidents.support import DEFAULTS, House, add_channel, house
from tests.incidents.test_service import apply, state


def planner(home: House, **defaults) -> Planner:
    return Planner(home.db, DEFAULTS, home.clock, asyncio.Event())


async def told(home: House, subject: str = "incident/1"):
    async with home.db.read() as tx:
        return [
            (one.person, one.told.occasion, one.told.told, str(one.told.reason))
            for one in await tellings.of_subject(tx, subject)
        ]


async def test_owners_are_told_once_each_with_the_reason_and_the_timeline_says_so(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        one = planner(home)
        assert 1 == await one.step()
        assert 0 == await one.step()
        why = "member of Shop team, which owns Shop"
        decisions = await told(home)
        _, _, entries = await state(home)
        sent = await home.sent()

    assert one.queued.is_set()
    assert [("Kim", "opened", True, why), ("Lee", "opened", True, why)] == decisions
    assert ("Told Kim, Lee by mail", why) == (str(entries[-1].said), str(entries[-1].because))
    assert ["incident/1/opened/user/2", "incident/1/opened/user/3"] == [
        r.delivery.key for r in sent
    ]
    message = sent[0].delivery.message
    assert ("[INC-1] Shop is down", "Shop is down. It began 21 Nov, 09:41.") == (
        message.subject, message.lead,
    )  # fmt: skip
    assert ("home: it answers 503", "[STATUS] (503) == 200") == message.reasons
    assert "You get this because: member of Shop team, which owns Shop." == message.because
    assert "https://bongsu.example.com/incidents/1" == message.link
    assert ("shop", "down", 4) == (message.list_id, message.state, message.severity)
    assert "incident.opened" == message.event["type"]


async def test_a_person_in_two_owning_teams_is_told_once(db):
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            second = await accounts.insert_team(tx, "night", "Night", home.clock.now())
            await accounts.set_members(tx, second, [home.people["Kim"].id])
            await services.set_owners(tx, home.service_id, [home.team_id, second])
        await apply(home)
        await planner(home).step()

        assert ["kim@example.com", "lee@example.com"] == sorted(r for r, _ in await home.subjects())


async def test_without_owners_the_administrators_are_told_and_the_page_says_why(db):
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            await services.set_owners(tx, home.service_id, [])
        await apply(home)
        await planner(home).step()

        assert [
            ("owners of Shop", "opened", False, "Shop has no owner team"),
            ("Alice", "opened", True, "administrator; Shop has no owner team"),
        ] == await told(home)


async def test_a_disabled_account_is_not_told_and_when_it_was_the_only_one_administrators_are(db):
    async with db() as database:
        home = await house(database, members=("Kim",))
        async with database.write() as tx:
            await accounts.update_user(tx, home.people["Kim"].id, disabled_at=home.clock.now())
        await apply(home)
        await planner(home).step()

        assert [
            ("Kim", "opened", False, "the account is disabled"),
            ("Alice", "opened", True, "administrator; the account is disabled"),
        ] == await told(home)


async def test_worse_waits_five_minutes_and_is_then_told_without_another_event(db):
    async with db() as database:
        home = await house(database, members=("Kim",))
        await apply(home, state="degraded", severity=3)
        one = planner(home)
        await one.step()
        home.clock.advance(60)
        await apply(home, state="down", before="degraded", severity=4)
        await one.step()
        waiting = await told(home)
        home.clock.advance(239)
        assert 0 == await one.step()
        home.clock.advance(2)
        assert 1 == await one.step()
        after = await told(home)
        keys = [key for _, key in await home.subjects()]
        subjects = {row.delivery.message.subject for row in await home.sent()}

    already = "already told at 09:41; later changes are on the page"
    assert ("Kim", "worse", False, already) == waiting[-1]
    assert ("Kim", "worse", True, "severity rose from 3 to 4") == after[-1]
    assert ["incident/1/opened/user/2", "incident/1/worse-4/user/2"] == keys
    assert {"[INC-1] Shop is degraded"} == subjects  # one thread: the subject never changes


async def test_a_clock_that_is_set_back_delays_no_plan(db):
    """Seen in review: after the clock went back an hour, "told again when it is worse" waited that hour too."""
    async with db() as database:
        home = await house(database, members=("Kim",))
        one = planner(home)
        await apply(home, state="degraded", severity=3)
        home.clock.jump(-3600)

        assert 1 == await one.step()
        assert 1 == len(await home.sent())


async def test_what_was_over_before_the_planner_looked_is_told_once(db):
    async with db() as database:
        home = await house(database, members=("Kim",))
        await apply(home)
        home.clock.advance(40)
        await apply(home, state="up", before="down")
        one = planner(home)
        await one.step()
        home.clock.advance(600)
        await one.step()
        sent = await home.sent()

    assert ["incident/1/passed/user/2"] == [row.delivery.key for row in sent]
    assert "Over already, after 40 s." in sent[0].delivery.message.lead


async def test_resolved_goes_to_the_address_that_was_told_even_if_the_person_left(db):
    async with db() as database:
        home = await house(database, members=("Kim",))
        await apply(home)
        one = planner(home)
        await one.step()
        async with database.write() as tx:
            await accounts.set_members(tx, home.team_id, [home.people["Alice"].id])
        home.clock.advance(60)
        await apply(home, state="up", before="down")
        await one.step()

        assert ["kim@example.com"] * 2 == [r for r, _ in await home.subjects()]


async def test_a_pause_stops_the_telling_and_its_end_tells(db):
    async with db() as database:
        home = await house(database, members=("Kim",))
        one = planner(home)
        await apply(home, state="down", overlay="maintenance")
        assert 0 == await one.step()
        await apply(home, state="down")
        await one.step()
        home.clock.advance(600)
        await apply(home, state="down", before="down", overlay="paused")
        home.clock.advance(600)
        await apply(home, name="home", state="down", overlay="paused", severity=5)
        await one.step()
        held = await told(home)
        home.clock.advance(600)
        await apply(home, state="down", before="down", severity=5)
        await one.step()

        assert 1 == len([o for o in held if o[2]])
        assert ("Kim", "worse", True) == (await told(home))[-1][:3]


async def test_channels_are_listeners_too_and_one_that_is_off_says_why(db):
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            await add_channel(tx, "ops", home.clock.now())
            await add_channel(tx, "old", home.clock.now(), enabled=False)
        await apply(home, tell=("channel:ops", "channel:old", "channel:none", "team:shop-team"))
        await planner(home).step()
        sent = await home.sent()
        _, _, entries = await state(home)

        assert [
            ("ops", "opened", True, "channel ops, named by the rule"),
            ("old", "opened", False, "the channel old is off: somebody turned it off"),
            ("none", "opened", False, "there is no channel none"),
            ("Kim", "opened", True, "member of Shop team"),
            ("Lee", "opened", True, "member of Shop team"),
        ] == await told(home)
    assert [("webhook", "webhook/ops")] == [
        (r.delivery.kind, r.delivery.lane) for r in sent if r.delivery.channel
    ]
    assert "Told ops by ops" in [str(entry.said) for entry in entries]


async def test_what_only_happened_ends_after_an_hour_and_says_so(db):
    async with db() as database:
        home = await house(database)
        event = await home.record(
            Draft(type="own.role_died", source="bongsu.up", subject="role/watch", severity=4)
        )
        async with database.write() as tx:
            await service.apply(
                tx, event, severity=4, tell=("admins",), rule="own-trouble", clock=home.clock
            )
        one = planner(home)
        await one.step()
        home.clock.advance(3590)
        assert 0 == await one.step()
        home.clock.advance(20)
        await one.step()
        over, _, entries = await state(home)
        keys = [key for _, key in await home.subjects()]

    assert "resolved" == over.state
    assert "nothing more came for an hour" in [str(entry.because) for entry in entries]
    assert ["incident/1/opened/user/1", "incident/1/resolved/user/1"] == keys


async def test_each_hears_it_in_their_own_language_and_zone(db):
    async with db() as database:
        home = await house(database, members=("Kim",))
        async with database.write() as tx:
            await accounts.update_user(
                tx, home.people["Kim"].id, language="ko", time_zone="America/New_York"
            )
        await apply(home)
        await planner(home).step()
        (row,) = await home.sent()

    assert "ko" == row.delivery.message.language
    assert "11월 20일 19:41" in dict(row.delivery.message.facts).values()


async def test_two_planners_plan_an_incident_once(db):
    async with db() as database:
        home = await house(database)
        for number in range(10):
            await apply(home, key=f"service/{number}")
        pair = [planner(home), planner(home)]
        done = [0, 0]
        while sum(done) < 10:
            steps = await asyncio.gather(*(one.step() for one in pair))
            done = [a + b for a, b in zip(done, steps, strict=True)]

        assert 10 == sum(done)
        assert 20 == len(await home.sent())


async def test_an_incident_that_cannot_be_planned_holds_up_no_other_and_is_said(db, monkeypatch):
    async with db() as database:
        home = await house(database, members=("Kim",))
        await apply(home)
        await apply(home, key="service/other")
        real = worker.find

        async def broken(tx, words, service_id, defaults):
            if not broken.done:
                broken.done = True
                raise RuntimeError("password=hunter2")
            return await real(tx, words, service_id, defaults)

        broken.done = False
        monkeypatch.setattr(worker, "find", broken)
        one = planner(home)
        await one.step()
        (failed,) = await home.events("own.plan_failed")
        first = [key for _, key in await home.subjects()]
        home.clock.advance(61)
        await one.step()

        assert (5, "own/plan/1") == (failed.severity, failed.dedup_key)
        assert "hunter2" not in str(failed.data)
        assert ["incident/2/opened/user/2"] == first
        assert 2 == len(await home.sent())


async def test_a_claimed_row_is_empty_until_it_is_due_again(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        async with database.write() as tx:
            assert [1] == [one.id for one in await store.claim_due(tx, home.clock.now(), 5)]
            assert [] == await store.claim_due(tx, home.clock.now(), 5)
            assert await tx.scalar(sa.select(incident.c.next_plan_at)) is None


@pytest.mark.parametrize(("people", "words"), [(3, "A, B, C"), (5, "A, B, C and 2 more")])
def test_at_most_three_people_stand_in_a_line(people, words):
    from bongsu.incidents.words import names

    assert words == str(names(list("ABCDE"[:people])))

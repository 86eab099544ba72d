import pytest

from bongsu.accounts import store as accounts
from bongsu.events.envelope import Draft
from bongsu.incidents import service, store
from bongsu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from bongsu.kit.i18n import say
from bongsu.services import store as services
from tests.incidents.support import DEFAULTS, House, house
from tests.people import charlie_viewer, person


async def apply(home: House, severity: int = 4, tell=("owners",), **values):
    """Records an event and lets a rule act on it."""
    may_open = values.pop("may_open", True)
    event = await home.event(**values)
    async with home.db.write() as tx:
        return await service.apply(
            tx, event, severity=severity, tell=tell, rule="tell-owner", clock=home.clock,
            may_open=may_open, because=say("detail.after.state is down"),
        )  # fmt: skip


async def state(home: House, incident_id: int = 1):
    async with home.db.read() as tx:
        found = await store.get(tx, incident_id)
        return found, await store.touched(tx, incident_id), await store.entries(tx, incident_id)


async def test_down_opens_an_incident_with_its_reason_and_everything_it_needs(db):
    async with db() as database:
        home = await house(database)
        number = await apply(home)
        incident, touched, entries = await state(home)
        (event,) = await home.events("incident.")

    assert (1, 4, "open", home.service_id, ("owners",)) == (
        number, incident.severity, incident.state, incident.service_id, incident.audience,
    )  # fmt: skip
    assert "Shop is down" == str(incident.title)
    assert home.clock.now() == incident.next_plan_at == incident.opened_at
    assert [("home", "down", "it answers 503")] == [
        (t.title, t.state, str(t.reason)) for t in touched
    ]
    assert [
        "home: up → down",
        "Rule tell-owner matched: “Shop is down” opened with severity 4",
    ] == [str(entry.said) for entry in entries]
    assert ["it answers 503", "detail.after.state is down"] == [str(e.because) for e in entries]
    assert touched[0].evidence == entries[0].evidence
    assert ("incident.opened", "incident/1", 4) == (event.type, event.subject, event.severity)
    assert event.correlation == incident.correlation == event.causation


async def test_a_second_check_is_appended_and_all_must_be_well_before_it_resolves(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        home.clock.advance(60)
        assert 1 == await apply(home, name="cart", state="degraded", severity=3)
        home.clock.advance(60)
        await apply(home, name="home", state="up", before="down", severity=1)
        still, _, _ = await state(home)
        home.clock.advance(60)
        await apply(home, name="cart", state="up", before="degraded", severity=1)
        over, touched, entries = await state(home)
        types = [event.type for event in await home.events("incident.")]

    assert ("open", "resolved") == (still.state, over.state)
    assert over.resolved_at == home.clock.now() == over.next_plan_at
    assert {"up"} == {t.state for t in touched}
    assert ["changed", "opened", "changed", "well", "well", "resolved"] == [e.kind for e in entries]
    assert "Resolved by itself after 3 min" == str(entries[-1].said)
    assert "all that it touched is well again" == str(entries[-1].because)
    assert ["opened", "changed", "changed", "resolved"] == [t.split(".")[1] for t in types]


async def test_from_degraded_to_down_raises_severity_and_title_and_keeps_the_first_title(db):
    async with db() as database:
        home = await house(database)
        await apply(home, state="degraded", severity=3)
        home.clock.advance(60)
        await apply(home, state="down", before="degraded", severity=4)
        incident, _, entries = await state(home)
        async with database.read() as tx:
            first = await store.first_title(tx, 1)

    assert (4, "Shop is down", "Shop is degraded") == (
        incident.severity, str(incident.title), str(first),
    )  # fmt: skip
    assert "Rule tell-owner: severity rises from 3 to 4" == str(entries[-1].said)


async def test_the_severity_never_falls(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        home.clock.advance(60)
        await apply(home, state="degraded", before="down", severity=3)

        assert 4 == (await state(home))[0].severity


async def test_well_without_an_incident_and_unknown_without_one_do_nothing(db):
    async with db() as database:
        home = await house(database)

        assert await apply(home, state="up") is None
        assert await apply(home, state="unknown", may_open=False) is None
        assert await apply(home, state="down", overlay="maintenance") is None
        assert [] == await home.events("incident.")


async def test_a_second_rule_widens_the_audience_without_a_second_line(db):
    async with db() as database:
        home = await house(database)
        event = await home.event()
        async with database.write() as tx:
            for tell in (("owners",), ("owners", "channel:ops")):
                await service.apply(
                    tx, event, severity=4, tell=tell, rule="r", clock=home.clock
                )  # fmt: skip
        incident, _, entries = await state(home)

    assert ("owners", "channel:ops") == incident.audience
    assert 2 == len(entries)


async def test_a_new_outage_soon_after_is_a_new_incident_that_names_the_one_before(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        home.clock.advance(60)
        await apply(home, state="up", before="down")
        home.clock.advance(240)
        assert 2 == await apply(home)
        _, _, entries = await state(home, 2)

    assert "The same as INC-1, which ended 4 min ago" == str(entries[-1].said)


async def test_different_keys_are_different_incidents(db):
    async with db() as database:
        home = await house(database)
        await apply(home)

        assert 2 == await apply(home, key="service/other")


async def test_an_event_of_a_service_that_is_gone_opens_without_it(db):
    async with db() as database:
        home = await house(database)
        event = await home.event()
        async with database.write() as tx:
            await services.delete(tx, home.service_id)
            await service.apply(tx, event, severity=4, tell=("owners",), rule="r", clock=home.clock)

        assert (await state(home))[0].service_id is None


async def test_what_only_happened_is_about_its_subject(db):
    async with db() as database:
        home = await house(database)
        event = await home.record(
            Draft(type="own.role_died", source="bongsu.up", subject="role/watch", severity=4)
        )
        async with database.write() as tx:
            await service.apply(
                tx, event, severity=4, tell=("admins",), rule="own-trouble", clock=home.clock
            )
        incident, touched, _ = await state(home)

    assert "own.role_died of role/watch" == str(incident.title)
    assert [("role/watch", "happened")] == [(t.subject, t.state) for t in touched]


# --- people


async def test_taking_it_makes_the_holder_and_taking_it_twice_changes_nothing(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        home.clock.advance(120)
        kim = home.people["Kim"]
        async with database.write() as tx:
            taken = await service.acknowledge(tx, kim, 1, home.clock)
            again = await service.acknowledge(tx, kim, 1, home.clock)
        _, _, entries = await state(home)
        (event,) = await home.events("incident.acknowledged")

    assert ("acknowledged", kim.id, home.clock.now()) == (
        taken.state, taken.holder_id, taken.acknowledged_at,
    )  # fmt: skip
    assert taken == again
    assert "Kim has it" == str(entries[-1].said)
    assert (f"user/{kim.id}", {"state": "open", "holder": None}) == (
        event.actor, event.data["before"],
    )  # fmt: skip


async def test_somebody_else_may_take_it_over(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        async with database.write() as tx:
            await service.acknowledge(tx, home.people["Kim"], 1, home.clock)
            await service.acknowledge(tx, home.people["Lee"], 1, home.clock)
        incident, _, entries = await state(home)

    assert home.people["Lee"].id == incident.holder_id
    assert "Lee took it over from Kim" == str(entries[-1].said)


async def test_handing_it_over_tells_the_new_holder_each_time(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        kim, lee = home.people["Kim"], home.people["Lee"]
        for giver, taker in ((kim, lee), (lee, kim), (kim, lee)):
            home.clock.advance(60)
            async with database.write() as tx:
                await service.hand_over(tx, giver, 1, taker.id, DEFAULTS, home.clock)
        incident, _, entries = await state(home)
        sent = await home.sent()

    assert lee.id == incident.holder_id
    assert "Kim handed it over to Lee" == str(entries[-1].said)
    assert ["lee@example.com", "kim@example.com", "lee@example.com"] == [
        row.delivery.recipient for row in sent
    ]
    assert "Now you have it." in sent[0].delivery.message.lead


async def test_it_cannot_be_handed_to_somebody_who_is_not_there(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        gone = home.people["Lee"].id
        async with database.write() as tx:
            await accounts.update_user(tx, gone, disabled_at=home.clock.now())
            for nobody in (gone, 9999):
                with pytest.raises(Invalid, match="cannot be handed over"):
                    await service.hand_over(tx, home.people["Kim"], 1, nobody, DEFAULTS, home.clock)


async def test_a_comment_is_kept_in_its_own_words_even_after_the_end(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        await apply(home, state="up", before="down")
        words = "  Provider {says} they are well. <b>  "
        async with database.write() as tx:
            await service.comment(tx, home.people["Kim"], 1, words, home.clock)
        _, _, entries = await state(home)

    assert ("comment", words.strip()) == (entries[-1].kind, entries[-1].said.to("ko"))


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001])
async def test_a_comment_has_1_to_4000_characters(db, text):
    async with db() as database:
        home = await house(database)
        await apply(home)
        async with database.write() as tx:
            with pytest.raises(Invalid, match="Nothing was written down"):
                await service.comment(tx, home.people["Kim"], 1, text, home.clock)


async def test_resolving_by_hand_needs_a_reason_and_ends_it_once(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        kim = home.people["Kim"]
        async with database.write() as tx:
            with pytest.raises(Invalid):
                await service.resolve(tx, kim, 1, " ", home.clock)
            over = await service.resolve(tx, kim, 1, "Known and accepted", home.clock)
            for change in (service.acknowledge(tx, kim, 1), service.resolve(tx, kim, 1, "again")):
                with pytest.raises(Conflict, match="INC-1 is resolved already"):
                    await change
            assert await store.ended_by_hand(tx, 1)
        _, _, entries = await state(home)

    assert "resolved" == over.state
    assert ("Kim resolved it", "Known and accepted") == (
        str(entries[-1].said), str(entries[-1].because),
    )  # fmt: skip


async def test_only_a_responder_may_act_and_a_viewer_may_look(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        charlie = await charlie_viewer(database)
        async with database.write() as tx:
            assert 1 == (await service.get(tx, charlie, 1)).id
            for change in (
                service.acknowledge(tx, charlie, 1),
                service.comment(tx, charlie, 1, "x"),
                service.resolve(tx, charlie, 1, "x"),
                service.hand_over(tx, charlie, 1, charlie.id, DEFAULTS, home.clock),
            ):
                with pytest.raises(NotAllowed):
                    await change


async def test_an_incident_that_is_not_there_says_so(db):
    async with db() as database:
        bob = await person(database, "Bob", "responder")
        async with database.write() as tx:
            for call in (service.get(tx, bob, 7), service.acknowledge(tx, bob, 7)):
                with pytest.raises(NotFound, match="INC-7"):
                    await call

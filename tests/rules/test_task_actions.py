"""An incident becomes tasks, they show its state, and are done with it: rules, incidents and tasks together."""

import pytest

from bongsu.incidents import service as incidents
from bongsu.incidents import store as incident_store
from bongsu.kit.errors import Invalid
from bongsu.rules import service as rules
from bongsu.rules.actions.task import Template
from bongsu.rules.builtin import install_builtin
from bongsu.rules.follower import RuleFollower
from bongsu.rules.model import RuleDraft
from bongsu.tasks import links, projects, service, store
from bongsu.tasks.inputs import LinkTo, NewProject, NewTask
from tests.incidents.support import DEFAULTS, house

TEMPLATE = {
    "title": "Write up {incident}: {title}",
    "description": "What broke in {service}?",
    "assign": "owners",
    "due": "2d",
    "priority": 3,
    "labels": ["follow-up"],
    "checklist": ["Ask {service}"],
}


async def _world(database, close=True, project="OPS"):
    home = await house(database)
    async with database.write() as tx:
        await install_builtin(tx, home.clock)
        kim = home.people["Kim"]
        await projects.create(
            tx, kim, NewProject(key="OPS", title="Ops", everyone="member"), home.clock
        )
        rule = {
            "name": "follow-up",
            "when": {"type": ["incident.opened"]},
            "do": [{"task": {"project": project, "tasks": [TEMPLATE], "close": close}}],
        }
        admin = next(one for one in home.people.values() if one.role == "admin")
        await rules.create(tx, admin, RuleDraft.model_validate(rule), home.clock)
    return home


async def _settle(database, home):
    follower = RuleFollower(database, DEFAULTS, home.clock).follower
    while await follower.step():
        pass


async def _tasks(database, target="incident/1"):
    async with database.read() as tx:
        return await store.linked_to(tx, target)


async def test_an_incident_becomes_a_task_that_knows_it_and_is_done_with_it(db):
    async with db() as database:
        home = await _world(database)
        await home.event("home", "down")
        await _settle(database, home)

        (made,) = await _tasks(database)
        assert "Write up INC-1: Shop is down" == made.title
        assert "What broke in Shop?" == made.description
        assert (("Ask Shop", False),) == made.checklist
        assert {"Kim", "Lee"} <= {one.name for one in made.assignees}
        assert ("2026-11-23", DEFAULTS.time_zone) == (made.due_on, made.due_zone)
        assert ("open", 4) == (made.incident.state, made.incident.severity)

        async with database.write() as tx:
            await incidents.acknowledge(tx, home.people["Kim"], 1, home.clock)
        await _settle(database, home)
        assert "acknowledged" == (await _tasks(database))[0].incident.state

        await home.event("home", "up", before="down")
        await _settle(database, home)
        (done,) = await _tasks(database)
        assert ("done", "resolved") == (done.status, done.incident.state)


async def test_a_second_event_of_the_same_incident_makes_no_second_task(db):
    async with db() as database:
        home = await _world(database)
        await home.event("home", "down")
        await _settle(database, home)
        await home.event("login", "down")
        await _settle(database, home)

        assert 1 == len(await _tasks(database))


async def test_without_close_a_task_stays_open_when_the_incident_is_over(db):
    async with db() as database:
        home = await _world(database, close=False)
        await home.event("home", "down")
        await home.event("home", "up", before="down")
        await _settle(database, home)

        (made,) = await _tasks(database)
        assert ("waiting", "resolved") == (made.status, made.incident.state)


async def test_a_link_made_by_hand_learns_the_state_of_its_incident(db):
    async with db() as database:
        home = await _world(database)
        await home.event("home", "down")
        await _settle(database, home)
        kim = home.people["Kim"]
        async with database.write() as tx:
            made = await service.create(
                tx, kim, NewTask(project="OPS", title="By hand"), home.clock
            )
            await links.link(tx, kim, made.key, LinkTo(target="incident/1"), home.clock)
        await _settle(database, home)

        async with database.read() as tx:
            again = await store.by_id(tx, made.id)
        assert ("open", 4) == (again.incident.state, again.incident.severity)


async def test_a_rule_for_a_project_that_is_gone_is_set_aside_and_the_rest_goes_on(db):
    async with db() as database:
        home = await _world(database, project="GONE")
        await home.event("home", "down")
        await _settle(database, home)

        assert [] == await _tasks(database)
        async with database.read() as tx:
            assert 2 == len(
                await incident_store.listed(tx)
            )  # the shop’s, and our own about the rule


@pytest.mark.parametrize(("word", "number"), [("urgent", 4), ("낮음", 1), ("3", 3), (2, 2)])
def test_a_priority_is_a_number_or_its_word(word, number):
    assert number == Template(title="t", priority=word).priority


@pytest.mark.parametrize("due", ["1h", "soon", "-2d"])
def test_a_due_day_is_a_length_of_days(due):
    from bongsu.rules.model import check

    draft = RuleDraft.model_validate(
        {
            "name": "x",
            "when": {"type": ["incident.opened"]},
            "do": [{"task": {"project": "OPS", "tasks": [{"title": "t", "due": due}]}}],
        }
    )
    with pytest.raises(Invalid) as caught:
        check(draft)
    assert "due" in caught.value.problems[0].where

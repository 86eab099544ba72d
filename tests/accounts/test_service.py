"""Alice (admin), Dana (editor), Bob (responder), Charlie (viewer): who may change whom."""

import asyncio

import pytest

from bongsu.accounts import service, store, store_keys
from bongsu.accounts.inputs import (
    NewPerson,
    NewTeam,
    NewToken,
    PersonChange,
    ProfileChange,
    TeamChange,
)
from bongsu.accounts.model import SYSTEM
from bongsu.accounts.sessions import Visit
from bongsu.accounts.tokens import create
from bongsu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.people import alice_admin, bob_responder, charlie_viewer, client_of, dana_editor, person

HERE = Visit("203.0.113.7", public_url="https://bongsu.example.com")
ERIN = NewPerson(email="Erin@Example.com ", name=" Erin  Park ", role="responder")


async def test_alice_invites_erin_whose_address_is_kept_in_lower_case(house):
    async with house() as h:
        alice = await alice_admin(h.db)

        async with h.db.write() as tx:
            erin, link = await service.invite(tx, alice, ERIN, HERE, h.clock)

        assert ("erin@example.com", "Erin Park", "responder") == (erin.email, erin.name, erin.role)
        assert not erin.has_password
        assert link.startswith("door_")
        event = (await h.events("user."))[-1]
        assert ("user.created", f"user/{erin.id}", alice.ref) == (
            event.type,
            event.subject,
            event.actor,
        )
        assert link not in str(event.data)


async def test_bob_charlie_and_dana_may_not_change_people_or_teams(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        others = [await bob_responder(h.db), await charlie_viewer(h.db), await dana_editor(h.db)]
        before = len(await h.events())

        for other in others:
            async with h.db.write() as tx:
                for refused in (
                    service.invite(tx, other, ERIN, HERE, h.clock),
                    service.update_user(tx, other, alice.id, PersonChange(role="viewer"), h.clock),
                    service.update_user(tx, other, other.id, PersonChange(role="admin"), h.clock),
                    service.reset_link(tx, other, alice.id, HERE, h.clock),
                    service.create_team(tx, other, NewTeam(name="shop"), h.clock),
                    service.update_team(tx, other, 1, TeamChange(title="Mine"), h.clock),
                    service.delete_team(tx, other, 1, h.clock),
                ):
                    with pytest.raises(NotAllowed):
                        await refused

        assert before == len(await h.events())


async def test_charlie_sees_people_and_teams(house):
    async with house() as h:
        alice, charlie = await alice_admin(h.db), await charlie_viewer(h.db)
        async with h.db.write() as tx:
            await service.create_team(
                tx, alice, NewTeam(name="shop", members=[charlie.id]), h.clock
            )

        async with h.db.read() as tx:
            people = await service.list_users(tx, charlie)
            teams = await service.list_teams(tx, charlie)

        assert ["Alice", "Charlie"] == [one.name for one in people]
        assert [("shop", "shop", (charlie.id,))] == [(t.name, t.title, t.members) for t in teams]


async def test_an_address_is_invited_once(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        with pytest.raises(Conflict, match="already among the people"):
            async with h.db.write() as tx:
                await service.invite(
                    tx, alice, NewPerson(email="ALICE@example.com", name="A"), HERE, h.clock
                )


async def test_a_change_of_role_says_what_was_and_what_is(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)

        async with h.db.write() as tx:
            await service.update_user(tx, alice, bob.id, PersonChange(role="editor"), h.clock)

        event = (await h.events("user.updated"))[-1]
        assert ["role"] == event.data["changed"]
        assert ("responder", "editor") == (
            event.data["before"]["role"],
            event.data["after"]["role"],
        )
        assert "alice@example.com" == event.data["actor"]


async def test_a_change_of_nothing_says_nothing(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)

        async with h.db.write() as tx:
            await service.update_user(tx, alice, bob.id, PersonChange(disabled=False), h.clock)
            await service.change_profile(tx, bob, ProfileChange(name="Bob"), h.clock)

        assert [] == await h.types("user.")


@pytest.mark.parametrize("change", [PersonChange(role="editor"), PersonChange(disabled=True)])
async def test_the_last_admin_can_neither_be_lowered_nor_disabled(house, change):
    async with house() as h:
        alice = await alice_admin(h.db)
        await person(
            h.db, "Invited", "admin", password_hash=None
        )  # cannot sign in yet: does not count

        with pytest.raises(Conflict, match="Alice is the last administrator"):
            async with h.db.write() as tx:
                await service.update_user(tx, alice, alice.id, change, h.clock)

        async with h.db.read() as tx:
            assert [alice.id] == [one.id for one in await store.admins(tx)]


async def test_two_admins_who_lower_each_other_at_once_do_not_both_succeed(house):
    async with house() as h:
        alice, eve = await alice_admin(h.db), await person(h.db, "Eve", "admin")

        async def lower(actor, other):
            async with h.db.write() as tx:
                await service.update_user(tx, actor, other.id, PersonChange(role="viewer"), h.clock)

        results = await asyncio.gather(lower(alice, eve), lower(eve, alice), return_exceptions=True)

        assert 1 == sum(isinstance(one, Conflict) for one in results)
        async with h.db.read() as tx:
            assert 1 == len(await store.admins(tx))


async def test_disabling_closes_every_way_in_and_enabling_gives_none_back(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        client = await client_of(h.app, bob)
        async with h.db.write() as tx:
            _, token = await create(tx, bob, NewToken(name="ci"), h.clock)
            _, link = await service.reset_link(tx, alice, bob.id, HERE, h.clock)
        bearer = {"authorization": f"Bearer {token}"}
        assert 200 == (await client.get("/api/v1/me")).status_code

        for disabled in (True, False):
            async with h.db.write() as tx:
                await service.update_user(
                    tx, alice, bob.id, PersonChange(disabled=disabled), h.clock
                )
            assert 401 == (await client.get("/api/v1/me")).status_code
            client.cookies.clear()
            assert 401 == (await client.get("/api/v1/me", headers=bearer)).status_code
            assert 404 == (await client.get(f"/door/{link}")).status_code

        assert ["user.link_made", "user.disabled", "user.enabled"] == await h.types("user.")


async def test_a_disabled_person_gets_no_link(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        with pytest.raises(Conflict, match="Bob is disabled"):
            async with h.db.write() as tx:
                await service.update_user(tx, alice, bob.id, PersonChange(disabled=True), h.clock)
                await service.reset_link(tx, alice, bob.id, HERE, h.clock)


async def test_a_new_link_closes_the_older_one(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)
        async with h.db.write() as tx:
            _, older = await service.reset_link(tx, alice, bob.id, HERE, h.clock)
            _, newer = await service.reset_link(tx, alice, bob.id, HERE, h.clock)
        client = await client_of(h.app, alice)

        assert 404 == (await client.get(f"/door/{older}")).status_code
        assert 200 == (await client.get(f"/door/{newer}")).status_code


async def test_a_profile_is_ones_own_and_an_empty_choice_clears_it(house):
    async with house() as h:
        bob = await bob_responder(h.db)

        async with h.db.write() as tx:
            set_to = ProfileChange(language="ko", time_zone="Asia/Seoul")
            first = await service.change_profile(tx, bob, set_to, h.clock)
            second = await service.change_profile(
                tx, bob, ProfileChange(name="Bobby", language=None), h.clock
            )

        assert ("ko", "Asia/Seoul") == (first.language, first.time_zone)
        assert ("Bobby", None, "Asia/Seoul") == (second.name, second.language, second.time_zone)


async def test_a_team_is_created_changed_and_deleted_with_an_event_each(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)

        async with h.db.write() as tx:
            team = await service.create_team(tx, alice, NewTeam(name="shop", title="Shop"), h.clock)
            changed = TeamChange(title="The shop", members=[bob.id, alice.id, bob.id])
            after = await service.update_team(tx, alice, team.id, changed, h.clock)
            told = await store.members_of(tx, ["shop", "nobody"])
            gone = await service.delete_team(tx, alice, team.id, h.clock)

        assert ("The shop", (alice.id, bob.id)) == (after.title, after.members)
        assert ["Alice", "Bob"] == [one.name for one in told]
        assert gone == after
        assert ["team.created", "team.updated", "team.deleted"] == await h.types("team.")
        assert ["title", "members"] == (await h.events("team.updated"))[0].data["changed"]


async def test_disabled_members_are_not_told(house):
    async with house() as h:
        alice, bob = await alice_admin(h.db), await bob_responder(h.db)

        async with h.db.write() as tx:
            members = [alice.id, bob.id]
            await service.create_team(tx, alice, NewTeam(name="shop", members=members), h.clock)
            await service.update_user(tx, alice, bob.id, PersonChange(disabled=True), h.clock)
            told = await store.members_of(tx, ["shop"])

        assert ["Alice"] == [one.name for one in told]


async def test_a_team_name_is_taken_once_and_its_members_must_exist(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with h.db.write() as tx:
            await service.create_team(tx, alice, NewTeam(name="shop"), h.clock)

        with pytest.raises(Conflict, match="A team named shop exists already"):
            async with h.db.write() as tx:
                await service.create_team(tx, alice, NewTeam(name="shop"), h.clock)
        with pytest.raises(Invalid) as refusal:
            async with h.db.write() as tx:
                await service.create_team(tx, alice, NewTeam(name="web", members=[99]), h.clock)

        assert "members" == refusal.value.problems[0].where
        async with h.db.read() as tx:
            assert ["shop"] == [team.name for team in await store.teams(tx)]


async def test_what_is_not_there_is_said_by_its_number(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with h.db.write() as tx:
            with pytest.raises(NotFound, match="77"):
                await service.get_user(tx, alice, 77)
            with pytest.raises(NotFound, match="77"):
                await service.update_team(tx, alice, 77, TeamChange(title="x"), h.clock)


async def test_the_program_itself_may_make_teams_for_a_file(house):
    async with house() as h:
        async with h.db.write() as tx:
            team = await service.create_team(tx, SYSTEM, NewTeam(name="shop"), h.clock)
            found = await store.team_by_name(tx, "shop")

        assert team == found
        assert "system" == (await h.events("team.created"))[0].actor


async def test_lists_are_read_with_few_queries_however_long_they_are(house):
    async with house() as h:
        alice = await alice_admin(h.db)
        async with h.db.write() as tx:
            for n in range(20):
                await service.create_team(
                    tx, alice, NewTeam(name=f"t{n}", members=[alice.id]), h.clock
                )

        seen = h.statements()
        async with h.db.read() as tx:
            teams = await service.list_teams(tx, alice)

        assert (20, 2) == (len(teams), sum(one.startswith("SELECT") for one in seen))


async def test_old_tries_are_swept_when_a_new_visitor_comes(house):
    async with house() as h:
        async with h.db.write() as tx:
            await store_keys.hold_tries(tx, ["pair:old"], h.clock.now())
        h.clock.advance(16 * 60)

        async with h.db.write() as tx:
            await store_keys.forget_old_tries(tx, h.clock.now())
            held = await store_keys.hold_tries(tx, ["pair:old"], h.clock.now())

        assert (0, h.clock.now()) == (held["pair:old"].count, held["pair:old"].window_ends_at)

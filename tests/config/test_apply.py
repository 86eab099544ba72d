"""Files against a real state: all or nothing, and every mistake at once."""

import pytest
import sqlalchemy as sa

from bongsu.accounts.model import SYSTEM, Actor
from bongsu.config import service
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import Invalid, NotAllowed
from bongsu.services import store as services
from bongsu.watch import store as checks

CLOCK = ManualClock()
FILE = b"""
teams:
  shop-team: {title: Shop team, members: [dana@example.com, hana@example.com]}
channels:
  hook: {webhook: {url: "https://hooks.example.com/x"}}
services:
  shop:
    title: Shop
    group: Retail
    owners: [shop-team]
    checks:
      home: {http: "https://shop.example.com/", every: 30s, expect: ["[STATUS] == 200"]}
      login: {tcp: "login.example.com:443", every: 15s, confirm: 3}
rules:
  slow: {when: {detail-type: [check.state_changed]}, do: [{deliver: {channel: hook}}]}
"""


async def apply(database, text: bytes, actor: Actor = SYSTEM) -> list[tuple[str, str]]:
    async with database.write() as tx:
        changes = await service.apply(tx, actor, [("bongsu.yaml", text)], CLOCK)
    return [(c.verb, f"{c.section}/{c.name}") for c in changes]


async def test_a_file_makes_all_it_names_and_the_second_time_nothing(db):
    async with db() as database:
        first = await apply(database, FILE)
        second = await apply(database, FILE)

        async with database.read() as tx:
            shop = await services.by_name(tx, "shop")
            found = await checks.checks_of(tx, shop.id)

    assert len(first) == 6
    assert second == []
    assert (shop.owners, shop.defined_in) == (("shop-team",), "bongsu.yaml:7")
    assert [(c.name, c.every_s, c.confirm) for c in found] == [
        ("home", 30.0, 2),
        ("login", 15.0, 3),
    ]


async def test_what_leaves_the_file_leaves_the_server_and_what_was_made_by_hand_stays(db):
    async with db() as database:
        await apply(database, FILE)
        async with database.write() as tx:
            from bongsu.services import service as by_hand
            from bongsu.services.model import ServiceDraft

            await by_hand.create(tx, SYSTEM, ServiceDraft(name="by-hand"), CLOCK)
        smaller = FILE.replace(
            b'      login: {tcp: "login.example.com:443", every: 15s, confirm: 3}\n', b""
        )

        changes = await apply(database, smaller)
        gone = await apply(database, b"teams: {}\n")

        async with database.read() as tx:
            left = [one.name for one in await services.every(tx)]

    assert changes == [("delete", "checks/shop/login")]
    assert ("delete", "services/shop") in gone
    assert left == ["by-hand"]


WRONG = b"""
services:
  shop:
    titel: Shop
    owners: [ghosts]
    checks:
      home: {http: "ftp://x", every: 30s, expect: ["[STATUS] = 200"]}
      slow: {http: "https://x.example.com", every: 5s, timeout: 9s}
rules:
  r: {when: {detail: {a: [{regex: x}]}}, do: [{nonsense: {}}]}
unknown: {}
"""


async def test_every_mistake_is_said_at_once_with_its_line_and_nothing_changes(db):
    async with db() as database:
        with pytest.raises(Invalid) as refused:
            await apply(database, WRONG)

        async with database.read() as tx:
            assert await services.every(tx) == []
            assert await tx.scalar(sa.text("SELECT count(*) FROM event")) == 0

    lines = [problem.line for problem in refused.value.problems]
    texts = [problem.to("en") for problem in refused.value.problems]
    assert lines == sorted(lines)
    assert {4, 7, 8, 10, 11} <= set(lines)
    assert all(text.startswith("bongsu.yaml:") for text in texts)
    assert all(problem.to("ko") for problem in refused.value.problems)


async def test_only_an_administrator_may_apply(db):
    editor = Actor("user", 2, "Bob", "bob@example.com", "editor")
    async with db() as database:
        with pytest.raises(NotAllowed):
            await apply(database, FILE, editor)

        async with database.read() as tx:
            assert await services.every(tx) == []


async def test_an_owner_that_is_no_team_is_named_with_its_line(db):
    text = b"services:\n  shop:\n    owners: [ghosts]\n"
    async with db() as database:
        with pytest.raises(Invalid) as refused:
            await apply(database, text)

    (problem,) = refused.value.problems
    assert (problem.file, "ghosts" in problem.to("en")) == ("bongsu.yaml", True)

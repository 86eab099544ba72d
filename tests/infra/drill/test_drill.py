"""What still serves when something is lost: a truth table, and that losing more never serves more."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.infra.drill.drill import drill, drill_all
from bongsu.infra.drill.losses import Loss, losses_of, pairs_of
from bongsu.infra.drill.standing import ORDER
from bongsu.infra.drill.table import rows, table
from bongsu.infra.plan.plan import make_plan
from tests.infra.support import example, plan

PAIR = {"services__web__scale": {"min": 2, "max": 4}}
CALLS_OUT = {"services__web__internet": True, **PAIR}
HYBRID = make_plan(example("004-hybrid").architecture)
BEACON = make_plan(example("000-health-checking", "staging").architecture)
HOSTS = {
    "capacity": {"hosts": {"instance": "t4g.small"}},
    "services__web__runs_on": "hosts",
    "services__web__cpu": 512,
    "services__web__memory_mib": 768,
}
PLANS = {
    "hosts": plan(**HOSTS),
    "small": plan(),
    "hybrid": HYBRID,
    "beacon": BEACON,
    "single": plan(networks__main__nat="single", **CALLS_OUT),
    "three": plan(networks__main__zones=3, networks__main__nat="none", caches={"fast": {"nodes": 3}}),
}  # fmt: skip


def lost(*names, on=None, **changes):
    """`zone a` → the outcome."""
    losses = [Loss(*name.split(" ")) for name in names]
    return drill(on or plan(**changes), losses)


def why(outcome, part):
    return [said.to("en") for said in outcome.standings[part].why]


def notes(outcome, part):
    return [said.to("en") for said in outcome.standings[part].notes]


@pytest.mark.parametrize("on", PLANS.values(), ids=PLANS)
def test_with_nothing_lost_everything_serves(on):
    outcome = drill(on, [])

    assert {one.state for one in outcome.standings.values()} == {"serves"}
    assert (outcome.state, outcome.share) == ("serves", 1.0)


THREE = {"services__web__scale": {"min": 6, "max": 9}, "networks__main__zones": 3}
AURORA = {"engine": "aurora-postgres", "instance": "db.t4g.medium"}
TABLE = [
    (["zone a"], {}, "degraded", 0.5, 1.0),
    (["zone b"], {}, "degraded", 0.5, 1.0),
    (["zone a", "zone b"], {}, "down", 0.0, 0.0),
    (["zone a"], {"services__web__scale": {"min": 1, "max": 2}}, "down", 0.0, 1.0),
    (["zone b"], {"services__web__scale": {"min": 1, "max": 2}}, "serves", 1.0, 1.0),
    (["zone a"], THREE, "degraded", 4 / 6, 1.0),
    (["zone a"], {"databases__orders__standby": "none"}, "down", 0.0, 0.0),
    (["zone b"], {"databases__orders__standby": "none"}, "degraded", 0.5, 1.0),
    (["database orders"], {}, "degraded", 1.0, 1.0),
    (["database orders"], {"databases__orders__standby": "none"}, "down", 0.0, 0.0),
    (["database orders", "zone b"], {}, "down", 0.0, 0.0),
    (["copy web"], {}, "degraded", 0.5, 1.0),
    (["copy web", "zone a"], {}, "down", 0.0, 1.0),
    (["copy web"], {"services__web__scale": {"min": 4, "max": 8}}, "degraded", 0.75, 1.0),
    (["load-balancer front"], {}, "down", 0.0, 0.0),
    (["nat main/a"], {}, "serves", 1.0, 1.0),
    (["nat main/a"], CALLS_OUT, "degraded", 1.0, 1.0),
    (["nat main/a", "zone b"], {}, "degraded", 0.5, 0.5),
    (["zone a"], {"networks__main__nat": "single"}, "degraded", 0.5, 0.5),
    (["zone b"], {"networks__main__nat": "single"}, "degraded", 0.5, 1.0),
    (["zone a"], {"networks__main__nat": "regional"}, "degraded", 0.5, 1.0),
    (["endpoint main/logs"], {"networks__main__nat": "none"}, "serves", 1.0, 1.0),
    (["endpoint main/ecr.api", "copy web"], {"networks__main__nat": "none"}, "degraded", 0.5, 0.5),
    (["endpoint main/s3"], {}, "degraded", 1.0, 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("names", "changes", "state", "share", "later"), TABLE)
def test_the_truth_table(names, changes, state, share, later):
    outcome = lost(*names, **changes)

    found = (outcome.state, outcome.share, outcome.later)
    assert found == (state, pytest.approx(share), pytest.approx(later))


def test_the_only_nat_lost_cuts_the_way_out_of_the_other_zone_too():
    outcome = lost("nat main/a", on=PLANS["single"])

    assert why(outcome, "front") == [
        "web in zone a cannot call addresses outside: The NAT main/a is lost.",
        "web in zone b cannot call addresses outside: The NAT main/a is lost.",
    ]
    assert why(lost("nat main/a", **CALLS_OUT), "web") == [
        "web in zone a cannot call addresses outside: The NAT main/a is lost."
    ]


def test_the_chain_of_reasons_ends_at_what_was_lost():
    outcome = lost("database orders", databases__orders__standby="none")

    assert why(outcome, "front") == [
        "web needs orders, which is down.",
        "orders has no standby: it is down until it is restored from a backup.",
    ]


def test_a_spare_origin_serves_and_it_is_said():
    outcome = lost("origin www/static", on=HYBRID)

    assert outcome.state == "serves"
    assert notes(outcome, "www") == ["www serves / from spare because origin static is lost."]


@pytest.mark.parametrize(
    ("names", "state", "said"),
    [
        (["origin www/static", "origin www/spare"], "degraded", "www does not serve /: both origins are lost."),
        (["origin www/site"], "degraded", "www does not serve /app/*: it has one origin only."),
        (["load-balancer inner"], "degraded", "apache needs inner, which is down."),
        (["origin www/static", "origin www/spare", "origin www/site"], "down", "The origin spare of www is lost."),
        (["cache sessions", "zone b"], "degraded", "tomcat works without its cache sessions."),
        (["zone a"], "degraded", "orders takes no writes for 60 to 120 s: its standby takes over."),
        (["zone a"], "degraded", "All readers of orders are lost: reads must go to its primary."),
    ],
)  # fmt: skip
def test_the_hybrid_says_why(names, state, said):
    outcome = lost(*names, on=HYBRID)

    assert outcome.standings["www"].state == state
    assert said in why(outcome, "www")


def test_what_goes_well_is_a_note():
    assert notes(lost("cache sessions", on=HYBRID), "sessions") == [
        "A replica of sessions takes over in less than 60 s."
    ]
    assert notes(lost("zone b"), "orders") == [
        "The standby of orders is lost: nothing would take over now."
    ]
    assert "New copies of web start in zone b." in notes(lost("zone a"), "web")
    assert notes(lost("nat main/a"), "web")[0].startswith("No new copy of web can start in zone a")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"standby": "cluster"}, "A standby of orders takes over in less than 35 s."),
        (AURORA, "A reader of orders takes over in less than 60 s."),
    ],
)  # fmt: skip
def test_each_engine_has_its_own_pause(changes, said):
    outcome = lost("database orders", networks__main__zones=3, databases__orders=changes)

    assert why(outcome, "orders") == [said]


def test_a_circle_of_parts_comes_to_an_end():
    loop = {
        "load_balancers": {"front": {}, "in": {"public": False}},
        "services__web__uses": {"in": "connect"},
    }
    loop["services__web__routes"] = [{"via": "front", "hosts": ["shop.example.com"]}, {"via": "in"}]

    assert lost("zone a", **loop).state == "degraded"


@pytest.mark.parametrize("on", PLANS.values(), ids=PLANS)
@given(data=st.data())
def test_losing_more_never_serves_more(on, data):
    every = losses_of(on)
    more = data.draw(st.lists(st.sampled_from(every), unique=True, max_size=5))
    fewer = data.draw(st.lists(st.sampled_from(more), unique=True)) if more else []

    before, after = drill(on, fewer), drill(on, more)

    for name, standing in before.standings.items():
        then = after.standings[name]
        assert ORDER.index(then.state) >= ORDER.index(standing.state)
        assert then.share <= standing.share
        assert then.later <= standing.later


@pytest.mark.parametrize("on", PLANS.values(), ids=PLANS)
def test_what_is_worse_has_a_reason_in_both_languages(on):
    for outcome in drill_all(on, pairs=True):
        for standing in outcome.standings.values():
            assert (standing.state == "serves") == (standing.why == ())
            for said in chain(standing.why, standing.notes):
                assert said.to("ko") != said.to("en")
                assert "{" not in said.to("ko")


def test_every_loss_alone_and_any_two():
    alone, both = drill_all(HYBRID), drill_all(HYBRID, pairs=True)

    assert [one.losses for one in alone] == [(loss,) for loss in losses_of(HYBRID)]
    assert len(both) == len(alone) + len(pairs_of(HYBRID))
    assert {loss.kind for one in alone for loss in one.losses} == {
        "zone", "nat", "endpoint", "origin", "load-balancer", "database", "cache", "copy",
    }  # fmt: skip


def test_without_an_entry_everything_that_runs_is_one():
    outcome = drill(plan(load_balancers=None, services__web__routes=[]), [Loss("copy", "web")])

    assert outcome.entries == ("web",)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_table_has_a_row_for_each(language):
    outcomes = drill_all(HYBRID)

    text = table(outcomes, language)

    assert len(rows(outcomes, language)) == len(outcomes)
    assert ("Zone a" if language == "en" else "영역 a") in text
    assert "{" not in text


def test_json_says_the_same():
    found = lost("zone a").as_json()

    assert (found["lost"], found["state"], found["share"]) == (
        [{"kind": "zone", "name": "a"}],
        "degraded",
        0.5,
    )
    assert found["parts"][0]["why"][0]["args"]


# --- tasks on hosts


@pytest.mark.parametrize(
    ("lose", "hosts", "copies", "left", "where"),
    [
        ("host hosts", 3, 2, 1, "Hosts of hosts that are left: 2. They have room for the lost tasks of web: 1."),
        ("zone a", 2, 2, 1, "Hosts of hosts that are left: 1. They have room for the lost tasks of web: 1."),
        ("copy web", 2, 2, 1, "Hosts of hosts that are left: 2. They have room for the lost tasks of web: 1."),
        ("host hosts", 2, 4, 2, "No host of hosts that is left has room: another one starts first, then the lost"),
        ("zone b", 2, 4, 2, "No host of hosts that is left has room: another one starts first, then the lost"),
    ],
)  # fmt: skip
def test_tasks_go_with_their_host_and_start_where_there_is_room(lose, hosts, copies, left, where):
    scales = {
        "capacity__hosts__scale": {"min": hosts, "max": 8},
        "capacity__hosts__target_percent": 100,
        "services__web__scale": {"min": copies, "max": 8},
    }
    outcome = lost(lose, **HOSTS | scales)

    assert (outcome.state, outcome.share, outcome.later) == ("degraded", left / copies, 1.0)
    assert why(outcome, "web")[0] == f"web has {left} of {copies} copies left."
    assert why(outcome, "web")[1].startswith(where)


def test_a_task_cannot_start_while_its_hosts_cannot_fetch_the_image():
    closed = HOSTS | {"networks__main__nat": "none"}

    alone = lost("endpoint main/ecs-agent", **closed)
    both = lost("endpoint main/ecs-agent", "zone a", **closed)

    assert (alone.state, alone.share) == ("serves", 1.0)
    assert any("ecs-agent" in said for said in notes(alone, "web"))
    assert (both.share, both.later) == (0.5, 0.5)


def test_without_any_host_nothing_of_it_serves():
    outcome = lost("zone a", "zone b", **HOSTS)

    assert outcome.state == "down"
    assert outcome.standings["hosts"].state == "down"


WORKER = {"image": {"build": "."}, "scale": {"min": 1, "max": 1}, "uses": {"jobs": "receive"}}
BESIDE = {"services__worker": WORKER, "queues": {"jobs": {}}, "networks__main__nat": "none"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("copy worker", "worker has no copy left."),
        ("endpoint main/sqs", "worker in zone a cannot reach sqs: The endpoint for sqs is lost"),
    ],
)
def test_what_works_beside_the_entries_is_missed_by_its_owner(name, said):
    outcome = lost(name, **BESIDE)

    ((_, state, _, why),) = rows([outcome], "en")
    assert (state, said in why) == ("Serves", True)


def test_a_reader_takes_over_by_nobody():
    outcome = lost("database orders", databases__orders={"standby": "none", "readers": 1})

    assert "orders has no standby: its readers do not take over by themselves." in [
        str(said) for said in outcome.standings["orders"].why
    ]


def test_without_anything_to_lose_there_is_no_table():
    assert table([]) == ""


ALONE = {"services__web__scale": {"min": 1, "max": 1}, "services__web__internet": True}


def test_a_way_out_that_no_copy_uses_is_not_missed_until_one_moves_there():
    """The only copy stands in zone a: what is cut in zone b matters once it starts again there."""
    other, both = lost("nat main/b", **ALONE), lost("zone a", "nat main/b", **ALONE)

    assert other.state == "serves"
    assert "web in zone b cannot call addresses outside: The NAT main/b is lost." in [
        str(said) for said in both.standings["web"].why
    ]

"""Office hours: what is stopped in the evening starts in the morning as it was, by the fewest rights."""

import json

import pytest
import yaml

from bongsu.infra.build.hours import never_stopped
from bongsu.infra.graph import Att, Ref
from tests.infra.build.worked import all_errors, alone, properties
from tests.infra.support import SMALL, plan
from tests.infra.support import graph as whole

HOURS = {"hours": {"days": "MON-FRI", "start": "08:00", "stop": "20:00", "timezone": "Asia/Seoul"}}
CLUSTER = ("Cluster", "AWS::ECS::Cluster", {}, ("services",))
SERVICE = ("ServiceWeb", "AWS::ECS::Service", {"Cluster": Ref("Cluster")}, ("services", "web"))
SCALING = (
    "ScalingWeb",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": "service/a/b"},
    ("services", "web"),
)  # fmt: skip
DATABASE = ("Orders", "AWS::RDS::DBInstance", {}, ("databases", "orders"))
SERVERS = ("Apache", "AWS::AutoScaling::AutoScalingGroup", {}, ("servers", "apache"))
APACHE = {"servers": {"apache": {"scale": {"min": 2, "max": 6}}}}


def graph(*beside, **changes):
    return alone(plan(**{**HOURS, **changes}), "hours", beside=beside)


def schedule(found, id):  # noqa: A002
    values = properties(found, id)
    call = json.loads(values["Target"]["Input"].text)
    return values["ScheduleExpression"], values["Target"]["Arn"].text.partition("aws-sdk:")[2], call


def test_a_service_goes_to_none_and_comes_back_and_scaling_does_not_start_it_again():
    found = graph(CLUSTER, SERVICE, SCALING)

    stop = ("cron(0 20 ? * MON-FRI *)", "ecs:updateService")
    assert schedule(found, "ServiceWebStop")[:2] == stop
    assert schedule(found, "ServiceWebStop")[2]["DesiredCount"] == 0
    assert schedule(found, "ServiceWebStart")[2]["DesiredCount"] == 2
    assert schedule(found, "ScalingWebStop")[2]["MaxCapacity"] == 0
    assert schedule(found, "ScalingWebStart")[2]["MinCapacity"] == 2


def test_servers_come_back_with_their_limits():
    call = schedule(graph(SERVERS, **APACHE), "ApacheStart")[2]

    assert (call["MinSize"], call["MaxSize"], call["DesiredCapacity"]) == (2, 6, 2)


def test_a_database_starts_before_the_programs_and_stops_after_them():
    found = graph(CLUSTER, SERVICE, DATABASE)

    assert schedule(found, "OrdersStop")[:2] == ("cron(10 20 ? * MON-FRI *)", "rds:stopDBInstance")
    assert schedule(found, "OrdersStart")[0] == "cron(0 8 ? * MON-FRI *)"
    assert schedule(found, "ServiceWebStart")[0] == "cron(10 8 ? * MON-FRI *)"
    assert schedule(found, "OrdersStop")[2] == {"DbInstanceIdentifier": "${Name}"}


def test_just_before_midnight_it_stays_the_same_day():
    late = {"hours": {**HOURS["hours"], "stop": "23:55"}}

    assert schedule(graph(DATABASE, **late), "OrdersStop")[0] == "cron(59 23 ? * MON-FRI *)"


@pytest.mark.parametrize("change", [{"readers": 1}, {"standby": "cluster"}])
def test_a_database_with_readable_copies_goes_on_and_that_is_said(change):
    changes = {"databases__orders": change}

    assert graph(DATABASE, **changes).of_type("AWS::Scheduler::Schedule") == ()
    assert set(never_stopped(plan(**HOURS, **changes).architecture)) == {"orders"}


def test_an_aurora_cluster_is_stopped_as_a_whole():
    aurora = {
        "databases__orders": {
            "engine": "aurora-postgres",
            "instance": "db.t4g.medium",
            "readers": 1,
        }
    }
    cluster = ("Orders", "AWS::RDS::DBCluster", {}, ("databases", "orders"))
    member = (
        "Orders1",
        "AWS::RDS::DBInstance",
        {"DBClusterIdentifier": Ref("Orders")},
        ("databases", "orders"),
    )

    found = graph(cluster, member, **aurora)

    assert schedule(found, "OrdersStop")[1] == "rds:stopDBCluster"
    assert "Orders1Stop" not in found.resources


def test_the_role_may_make_these_calls_on_these_resources_only():
    found = graph(CLUSTER, SERVICE, DATABASE)

    statements = properties(found, "HoursRole")["Policies"][0]["PolicyDocument"]["Statement"]
    rights = {action for one in statements for action in one["Action"]}
    assert rights == {"ecs:UpdateService", "rds:StopDBInstance", "rds:StartDBInstance"}
    named = [one for statement in statements for one in statement["Resource"]]
    assert all("*" not in one.text for one in named)
    assert named[0].values["Service"] == Att("ServiceWeb", "Name")


def test_who_changes_scaling_may_also_look_at_the_service_and_change_it():
    """Application Auto Scaling tries both with the caller's rights, and else refuses the call."""
    found = graph(CLUSTER, SERVICE, SCALING)

    statements = properties(found, "HoursRole")["Policies"][0]["PolicyDocument"]["Statement"]
    on_services = {
        tuple(one["Action"]): [arn.text.rpartition(":")[2] for arn in one["Resource"]]
        for one in statements
    }
    assert on_services["ecs:DescribeServices", "ecs:UpdateService"] == ["service/a/b"]


def test_the_rights_for_many_services_stay_below_what_a_role_of_iam_takes():
    """10,240 characters of policies in a role."""
    web = yaml.safe_load(SMALL)["services"]["web"]
    many = {"web": web} | {f"web-{number}": web | {"routes": []} for number in range(25)}
    found = whole(**HOURS, services=many)

    policy = properties(found, "HoursRole")["Policies"][0]["PolicyDocument"]
    each = {arn.text for one in policy["Statement"] for arn in one["Resource"]}
    longest = 130  # of an ARN with the names that CloudFormation gives
    shell = [
        one | {"Resource": ["x" * longest for _ in one["Resource"]]} for one in policy["Statement"]
    ]
    assert len(each) >= 3
    assert len(json.dumps(shell, separators=(",", ":"))) < 10_240


def test_without_office_hours_nothing_is_stopped():
    assert alone(plan(), "hours", beside=(SERVICE,)).of_type("AWS::Scheduler::Schedule") == ()
    assert never_stopped(plan().architecture) == {}


def test_schedules_have_no_error():
    planned = plan(**HOURS)
    found = alone(planned, "hours", beside=(CLUSTER, SERVICE, SCALING, DATABASE))

    assert [one for one in all_errors(planned, found) if "Start" in one or "Hours" in one] == []


@pytest.mark.parametrize(
    ("days", "start", "stop", "starts", "stops"),
    [
        ("MON-FRI", "08:00", "20:00", "MON-FRI", "MON-FRI"),
        ("MON-FRI", "22:00", "02:00", "MON-FRI", "TUE-SAT"),  # Friday's night ends on Saturday
        ("SUN", "22:00", "02:00", "SUN", "MON"),
        ("FRI-MON", "08:00", "20:00", "FRI,SAT,SUN,MON", "FRI,SAT,SUN,MON"),
        ("SAT-SUN", "00:00", "00:00", "SAT", "MON"),  # all of the weekend
    ],
)
def test_a_night_that_begins_on_a_day_ends_on_the_next(days, start, stop, starts, stops):
    hours = {"days": days, "start": start, "stop": stop}
    found = graph(SERVICE, hours=hours)

    expressions = [schedule(found, f"ServiceWeb{word}")[0] for word in ("Start", "Stop")]
    assert [one.removesuffix(" *)").rpartition(" ")[2] for one in expressions] == [starts, stops]

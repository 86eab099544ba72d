"""Alarms: one for everything that can fail, told to people, left out only by name."""

import json
import re

import pytest
import yaml

from bongsu.infra.build.alarms import is_off
from bongsu.infra.build.build import build_graph
from bongsu.infra.build.watches import memory_gib, most_connections, watches_of
from bongsu.infra.graph import Att, Ref
from bongsu.infra.model.watching import ALARM_KINDS, Alarms
from bongsu.infra.plan.plan import make_plan
from tests.infra.build.worked import all_errors, alone, properties
from tests.infra.support import EVERY, EXAMPLES, SMALL, example, plan
from tests.infra.support import graph as whole

BALANCER = ("Front", "AWS::ElasticLoadBalancingV2::LoadBalancer", {}, ("load_balancers", "front"))
TARGETS = ("Web", "AWS::ElasticLoadBalancingV2::TargetGroup", {}, ("services", "web"))
LISTENER = (
    "Https",
    "AWS::ElasticLoadBalancingV2::Listener",
    {"LoadBalancerArn": Ref("Front")},
    ("load_balancers", "front"),
)
RULE = (
    "Rule",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    {"ListenerArn": Ref("Https"), "Actions": [{"Type": "forward", "TargetGroupArn": Ref("Web")}]},
    ("services", "web"),
)
SERVICE = ("ServiceWeb", "AWS::ECS::Service", {"Cluster": Ref("Cluster")}, ("services", "web"))
DATABASE = (
    "Orders",
    "AWS::RDS::DBInstance",
    {"AllocatedStorage": "100", "DBInstanceClass": "db.m7g.large", "Engine": "mysql"},
    ("databases", "orders"),
)
CACHE = ("Cache", "AWS::ElastiCache::ReplicationGroup", {"NumCacheClusters": 2}, ("caches", "c"))
ALL = (BALANCER, TARGETS, LISTENER, RULE, SERVICE, DATABASE, CACHE)
WWW = {
    "distributions": {
        "www": {"origins": {"one": {"bucket": "pictures"}}, "default": {"origin": "one"}}
    }
}


def graph(*beside, **changes):
    return alone(plan(**changes), "distributions", "network", "alarms", beside=beside)


def alarms(found):
    return {one.id.removeprefix("Alarm") for one in found.of_type("AWS::CloudWatch::Alarm")}


def test_everything_that_stands_is_watched():
    assert alarms(graph(*ALL)) == {
        "Front5xx", "FrontLatency", "WebUnhealthy", "ServiceWebCpu", "ServiceWebMemory",
        "OrdersCpu", "OrdersStorage", "OrdersConnections",
        "CacheCpu1", "CacheMemory1", "CacheCpu2", "CacheMemory2", "NatMainAPorts", "NatMainBPorts",
    }  # fmt: skip


def test_targets_are_watched_on_the_load_balancer_whose_rule_sends_to_them():
    found = properties(graph(*ALL), "AlarmWebUnhealthy")["Dimensions"]

    assert found == [
        {"Name": "TargetGroup", "Value": Att("Web", "TargetGroupFullName")},
        {"Name": "LoadBalancer", "Value": Att("Front", "LoadBalancerFullName")},
    ]


def test_errors_of_the_balancer_and_of_what_stands_behind_count_together():
    metrics = properties(graph(BALANCER), "AlarmFront5xx")["Metrics"]

    assert metrics[0]["Expression"] == "FILL(m1, 0) + FILL(m2, 0)"
    names = {one["MetricStat"]["Metric"]["MetricName"] for one in metrics[1:]}
    assert names == {"HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count"}


def test_lines_are_drawn_by_the_size_of_the_machine_and_the_files_own_latency():
    found = graph(*ALL, alarms__latency_s=0.7)

    assert properties(found, "AlarmFrontLatency")["Threshold"] == 0.7
    assert properties(found, "AlarmOrdersStorage")["Threshold"] == 20 * 1024**3
    assert properties(found, "AlarmOrdersConnections")["Threshold"] == 682 * 8 // 10


def test_every_alarm_tells_the_topic_of_its_region_and_the_topic_tells_people():
    found = graph(*ALL, **WWW, alarms__webhook="https://bongsu.example.com/in/cloudwatch/abc")

    for one in found.of_type("AWS::CloudWatch::Alarm"):
        (topic,) = one.properties["AlarmActions"]
        assert found.resources[topic.id].stack == one.stack
    told = {
        (one.stack, one.properties["Protocol"], one.properties["Endpoint"])
        for one in found.of_type("AWS::SNS::Subscription")
    }
    hook = "https://bongsu.example.com/in/cloudwatch/abc"
    assert told == {
        (stack, *end)
        for stack in ("edge", "app")
        for end in (("email", "ops@example.com"), ("https", hook))
    }
    assert found.resources["AlarmDistributionWww5xx"].stack == "edge"


@pytest.mark.parametrize(
    ("off", "gone"),
    [
        ("latency", {"FrontLatency"}),
        ("front", {"Front5xx", "FrontLatency"}),
        ("orders.storage", {"OrdersStorage"}),
        ("memory", {"CacheMemory1", "CacheMemory2", "ServiceWebMemory"}),
    ],
)
def test_what_is_off_is_left_out_and_nothing_else(off, gone):
    assert alarms(graph(*ALL)) - alarms(graph(*ALL, alarms__off=[off])) == gone


def test_5xx_is_a_kind_of_its_own():
    assert is_off(("5xx",), "front", "5xx")
    assert not is_off(("5",), "front", "5xx")


def test_a_dashboard_of_many_alarms_shows_no_more_than_cloudwatch_takes_in_one_place():
    """AWS refuses a list of more than a hundred alarms, and with it the stack."""
    web = yaml.safe_load(SMALL)["services"]["web"]
    many = {"web": web} | {f"web-{number}": web | {"routes": []} for number in range(50)}

    body = json.loads(properties(whole(services=many), "Dashboard")["DashboardBody"].text)

    lists = [one for one in body["widgets"] if one["type"] == "alarm"]
    shown = [arn for one in lists for arn in one["properties"]["alarms"]]
    graphs = [one for one in body["widgets"] if one["type"] == "metric"]
    assert len(shown) == len(set(shown)) == len(graphs) > 100
    assert all(len(one["properties"]["alarms"]) <= 100 for one in lists)
    places = [(one["x"], one["y"]) for one in body["widgets"]]
    assert len(places) == len(set(places))


def test_the_dashboard_draws_every_alarm_where_it_is():
    found = graph(*ALL, **WWW)

    body = json.loads(properties(found, "Dashboard")["DashboardBody"].text)
    overview, *graphs = body["widgets"]
    assert len(overview["properties"]["alarms"]) == len(graphs) == len(alarms(found))
    assert {one["properties"]["region"] for one in graphs} == {"us-east-1", "ap-northeast-2"}
    assert max(one["x"] + one["width"] for one in graphs) == 24


@pytest.mark.parametrize(
    ("machine", "gib"),
    [("db.t4g.micro", 1), ("db.m7g.large", 8), ("db.r6g.4xlarge", 128), ("db.z9.odd", None)],
)
def test_the_memory_of_a_machine_follows_from_its_type(machine, gib):
    assert memory_gib(machine) == gib


def test_a_machine_that_is_not_known_has_no_line_for_connections():
    assert most_connections({"DBInstanceClass": "db.z9.odd"}) is None
    assert most_connections({}) is None
    assert most_connections({"DBInstanceClass": "db.r6g.16xlarge", "Engine": "postgres"}) == 5000


def test_alarms_have_no_error():
    planned = plan(**WWW)
    found = alone(planned, "distributions", "network", "alarms", beside=(BALANCER, DATABASE, CACHE))

    assert [one for one in all_errors(planned, found) if "Alarm" in one or "Dashboard" in one] == []


SERVERS = ("Apache", "AWS::AutoScaling::AutoScalingGroup", {}, ("servers", "apache"))
MACHINE = ("Machine", "AWS::EC2::Instance", {}, ("networks", "main"))
CLUSTER = (
    "Three",
    "AWS::RDS::DBCluster",
    {"DBClusterInstanceClass": "db.m6gd.large", "AllocatedStorage": 100},
    ("databases", "orders"),
)
AURORA = ("Aurora", "AWS::RDS::DBCluster", {}, ("databases", "orders"))
TUNNEL = ("Tunnel", "AWS::EC2::VPNConnection", {}, ("transit",))
CHECK = ("Check", "AWS::Route53::HealthCheck", {}, ("records", "old"))
NETWORK = {"Type": "network"}


def test_machines_clusters_tunnels_and_names_are_watched_too():
    found = graph(SERVERS, MACHINE, CLUSTER, AURORA, TUNNEL, CHECK, networks__main__nat="none")

    assert alarms(found) == {
        "ApacheCpu", "ApacheStatus", "MachineStatus", "ThreeCpu", "ThreeStorage", "TunnelTunnels", "CheckDown",
    }  # fmt: skip
    down = properties(found, "AlarmCheckDown")
    assert (down["ComparisonOperator"], down["Threshold"]) == ("LessThanThreshold", 1)


def test_a_network_load_balancer_has_no_answers_to_count_but_targets_to_watch():
    balancer = (*BALANCER[:2], NETWORK, BALANCER[3])
    listener = (
        *LISTENER[:2],
        {**LISTENER[2], "DefaultActions": [{"TargetGroupArn": Ref("Web")}]},
        LISTENER[3],
    )

    found = graph(balancer, TARGETS, listener, networks__main__nat="none")

    assert alarms(found) == {"WebUnhealthy"}
    assert properties(found, "AlarmWebUnhealthy")["Namespace"] == "AWS/NetworkELB"


def test_targets_that_no_listener_sends_to_are_not_watched():
    assert alarms(graph(TARGETS, networks__main__nat="none")) == set()


def test_every_kind_of_alarm_can_be_turned_off_by_its_name():
    kinds = set()
    for name in EVERY:
        made = build_graph(make_plan(example(name).architecture), EXAMPLES.parents[1])
        for one in made.resources.values():
            kinds |= {watch.kind for watch in watches_of(made, one, Alarms())}

    plain = {re.sub(r"(?<=[a-z])-\d+$", "", kind) for kind in kinds}
    assert len(plain) > 10
    assert plain <= set(ALARM_KINDS)

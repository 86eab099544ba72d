"""Hosts for containers: what they may do, how ECS scales and drains them, and how tasks get there."""

import json

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.infra.graph import Ref
from bongsu.infra.render.cfn import templates
from tests.infra.build.worked import properties
from tests.infra.support import graph, plan

ON_HOSTS = {"capacity__hosts": {"instance": "t4g.small"}, "services__web__runs_on": "hosts"}


def made(**changes):
    return graph(**ON_HOSTS | {f"capacity__hosts__{key}": value for key, value in changes.items()})


def template(found):
    return properties(found, "HostTemplateHosts")["LaunchTemplateData"]


def scaling(found):
    return properties(found, "CapacityHosts")["AutoScalingGroupProvider"]


def test_a_host_joins_its_cluster_and_keeps_its_role_from_the_tasks():
    data = template(made())
    start = data["UserData"]["Fn::Base64"]

    assert "ECS_CLUSTER=${Cluster}" in start.text
    assert start.values["Cluster"] == Ref("ClusterMain")
    assert "ECS_AWSVPC_BLOCK_IMDS=true" in start.text
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["ImageId"].how == "ami:ecs-al2023-arm"


def test_the_release_of_a_container_keeps_the_image_of_its_hosts():
    """CloudFormation looks a parameter of Systems Manager up anew at every change of the stack."""
    made_plan = plan(**ON_HOSTS)

    *_, app = templates(made_plan, build_graph(made_plan))

    assert app.body["Parameters"]["ImageEcsAl2023Arm"]["Type"] == "AWS::EC2::Image::Id"
    assert app.givens["ImageEcsAl2023Arm"] == "ami:ecs-al2023-arm"


def test_the_role_of_a_host_speaks_for_its_cluster_and_can_do_nothing_of_what_tasks_do():
    found = graph(**ON_HOSTS, services__web__secrets={"A": "ssm:/a"})
    policies = {
        one["PolicyName"]: one["PolicyDocument"]
        for one in properties(found, "HostRoleHosts")["Policies"]
    }
    actions = [
        action
        for one in policies.values()
        for statement in one["Statement"]
        for action in statement["Action"]
    ]

    assert set(policies) == {"managed", "cluster"}
    assert {action.split(":")[0] for action in actions} == {"ecs", "ssm", "ssmmessages"}
    assert not {"ssm:GetParameters", "ssm:GetParameter"} & set(actions)
    polls = policies["cluster"]["Statement"][1]
    assert polls["Condition"]["ArnEquals"]["ecs:cluster"].id == "ClusterMain"


def test_ecs_scales_the_group_and_drains_its_hosts():
    assert scaling(made(target_percent=80)) == {
        "AutoScalingGroupArn": Ref("HostsHosts"),
        "ManagedScaling": {"Status": "ENABLED", "TargetCapacity": 80, "InstanceWarmupPeriod": 120},
        "ManagedTerminationProtection": "DISABLED",
        "ManagedDraining": "ENABLED",
    }
    assert scaling(made(managed=False))["ManagedScaling"]["Status"] == "DISABLED"
    protected = made(protect=True)
    assert scaling(protected)["ManagedTerminationProtection"] == "ENABLED"
    assert properties(protected, "HostsHosts")["NewInstancesProtectedFromScaleIn"] is True


@pytest.mark.parametrize(
    ("changes", "least", "most"),
    [
        ({}, 100, 150),
        ({"rolling_spare": 4}, 100, 200),
        ({"rolling_spare": 0}, 50, 100),
        ({"rolling_spare": 0, "scale": {"min": 0, "max": 3}}, 0, 100),
    ],
)
def test_hosts_are_replaced_with_the_spare_that_the_file_gives(changes, least, most):
    refresh = (
        made(**changes).resources["HostsHosts"].extra["UpdatePolicy"]["AutoScalingInstanceRefresh"]
    )

    found = refresh["Preferences"]
    assert (found["MinHealthyPercentage"], found["MaxHealthyPercentage"]) == (least, most)
    assert found["ScaleInProtectedInstances"] == "Refresh"


def test_a_service_on_hosts_takes_addresses_of_its_own_subnets_and_spreads_over_the_zones():
    found = made()
    service, task = properties(found, "ServiceWeb"), properties(found, "DefinitionWeb")

    assert service["CapacityProviderStrategy"] == [
        {"CapacityProvider": Ref("CapacityHosts"), "Weight": 1}
    ]
    assert [one["Field"] for one in service["PlacementStrategies"]] == [
        "attribute:ecs.availability-zone",
        "memory",
    ]
    network = service["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert "AssignPublicIp" not in network
    assert len(network["Subnets"]) == 2
    assert (task["RequiresCompatibilities"], task["NetworkMode"]) == (["EC2"], "awsvpc")
    assert "CapacitiesMain" in found.resources["ServiceWeb"].after


def test_a_cluster_knows_its_hosts_only_where_it_has_any():
    with_hosts, without = made(), graph()

    assert "CapacityProviders" not in properties(with_hosts, "ClusterMain")
    joined = properties(with_hosts, "CapacitiesMain")["CapacityProviders"]
    assert joined == ["FARGATE", "FARGATE_SPOT", Ref("CapacityHosts")]
    assert properties(without, "ClusterMain")["CapacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert "CapacitiesMain" not in without.resources


def test_spot_hosts_hand_their_tasks_on_before_they_are_taken_away():
    found = made(spot=True)

    assert template(found)["InstanceMarketOptions"] == {"MarketType": "spot"}
    assert (
        "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true" in template(found)["UserData"]["Fn::Base64"].text
    )
    assert properties(found, "HostsHosts")["CapacityRebalance"] is True


def test_in_the_evening_hosts_go_after_their_tasks_and_in_the_morning_they_come_first():
    found = graph(**ON_HOSTS, hours={"start": "08:00", "stop": "20:00"})

    def at(id):  # noqa: A002
        return properties(found, id)["ScheduleExpression"]

    assert (at("ServiceWebStop"), at("HostsHostsStop")) == (
        "cron(0 20 ? * MON-FRI *)",
        "cron(10 20 ? * MON-FRI *)",
    )
    assert (at("HostsHostsStart"), at("ServiceWebStart")) == (
        "cron(0 8 ? * MON-FRI *)",
        "cron(10 8 ? * MON-FRI *)",
    )
    call = json.loads(properties(found, "HostsHostsStart")["Target"]["Input"].text)
    assert (call["MinSize"], call["MaxSize"]) == (2, 4)


def test_tasks_that_wait_for_hosts_raise_an_alarm_where_ecs_measures_it():
    alarm = properties(made(), "AlarmCapacityHostsReservation")

    assert (alarm["MetricName"], alarm["Threshold"]) == ("CapacityProviderReservation", 100)
    dimensions = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
    assert dimensions == {
        "CapacityProviderName": Ref("CapacityHosts"),
        "ClusterName": Ref("ClusterMain"),
    }
    assert "AlarmCapacityHostsReservation" not in made(managed=False).resources

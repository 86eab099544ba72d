"""Kubernetes in CloudFormation: a closed control plane, nodes that join it, one narrow role for each service."""

import json

from bongsu.infra.build.build import build_graph
from bongsu.infra.graph import Att, Ref, Sub
from bongsu.infra.plan.cidr import usable
from bongsu.infra.render.cfn import templates
from tests.infra.build.worked import errors, properties
from tests.infra.check.mutations_clusters import CLUSTER, NODES, PODS
from tests.infra.support import graph, plan

ON = {place.replace(".", "__"): value for place, value in PODS.items()}
# Everything that a pod can ask for, closed in, with a range of its own.
APART = ON | {
    "networks__main": {"nat": "none", "growth": {"clusters": 2}},
    "clusters__apps": CLUSTER
    | {
        "pods": {"cidr": "100.64.0.0/18"},
        "endpoint": {"public": True, "allow": ["203.0.113.0/24", "172.20.0.0/16"]},
        "nodes": {"general": NODES, "spare": NODES | {"instance": "t3.large", "spot": True}},
        "access": {
            **CLUSTER["access"],
            "ci": {
                "role": "arn:aws:iam::123456789012:role/ci",
                "may": "edit",
                "namespaces": ["shop"],
            },
        },
    },
    "caches": {"sessions": {}},
    "tables": {"journal": {}},
    "services__web__uses": {
        "orders": "connect",
        "sessions": "connect",
        "pictures": "write",
        "journal": "read",
    },
    "services__web__environment": {"CACHE": "redis://${sessions}:6379", "MODE": "fast"},
    "services__web__secrets": {"A": "shop/a", "B": "ssm:/shop/b", "C": "${orders}"},
    "hours": {},
}


def statements(made, role):
    policies = properties(made, role).get("Policies", [])
    return [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]


def test_each_stack_passes():
    planned = plan(**APART)

    found = [
        said
        for one in templates(planned, build_graph(planned))
        if one.stack in ("network", "app")
        for said in errors(one)
    ]

    assert found == []


def test_the_interface_is_reached_from_the_network_and_from_ranges_that_are_named():
    made = graph(**ON, clusters__apps__endpoint={"allow": ["172.20.0.0/16"]})
    cluster = properties(made, "ClusterApps")

    assert cluster["ResourcesVpcConfig"] == {
        "SubnetIds": [Ref("SubnetMainControlA"), Ref("SubnetMainControlB")],
        "SecurityGroupIds": [Att("GroupApps", "GroupId")],
        "EndpointPrivateAccess": True,
        "EndpointPublicAccess": False,
    }
    (rule,) = properties(made, "GroupApps")["SecurityGroupIngress"]
    assert (rule["CidrIp"], rule["FromPort"], rule["ToPort"]) == ("172.20.0.0/16", 443, 443)
    nodes = properties(made, "AdmitAppsFromAppsGeneral443")
    assert nodes["SourceSecurityGroupId"] == Att("GroupAppsGeneral", "GroupId")


def test_over_the_internet_come_public_ranges_only():
    network = properties(graph(**APART), "ClusterApps")["ResourcesVpcConfig"]

    assert network["EndpointPublicAccess"] is True
    assert network["PublicAccessCidrs"] == ["203.0.113.0/24"]


def test_secrets_have_a_key_that_outlives_the_cluster_and_nobody_is_admin_by_accident():
    made = graph(**ON)
    cluster = properties(made, "ClusterApps")

    key = made.resources["KeyOfApps"]
    assert (key.stack, key.keep) == ("data", "retain")
    assert cluster["EncryptionConfig"][0]["Provider"] == {"KeyArn": Att("KeyOfApps", "Arn")}
    assert cluster["AccessConfig"]["BootstrapClusterCreatorAdminPermissions"] is False
    entries = made.of_type("AWS::EKS::AccessEntry")
    assert [one.properties["PrincipalArn"] for one in entries] == [
        "arn:aws:iam::123456789012:role/admins"
    ]


def test_databases_and_caches_let_in_nodes_only_and_pods_are_reached_on_them():
    made = graph(**APART)

    assert "GroupWeb" not in made.resources
    for target in ("Orders", "Sessions"):
        assert "SecurityGroupIngress" not in properties(made, f"Group{target}")
    sources = {
        one.properties["SourceSecurityGroupId"].id
        for one in made.of_type("AWS::EC2::SecurityGroupIngress")
        if one.properties["GroupId"] == Att("GroupOrders", "GroupId")
    }
    assert sources == {"GroupAppsGeneral", "GroupAppsSpare"}
    admitted = properties(made, "AdmitAppsGeneralFromFront3000")
    assert admitted["SourceSecurityGroupId"] == Att("GroupFront", "GroupId")


def test_a_pod_has_a_role_for_its_own_account_with_what_it_uses_and_no_more():
    made = graph(**APART)
    role = properties(made, "PodRoleWeb")

    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:RequestTag/kubernetes-namespace": "shop",
        "aws:RequestTag/kubernetes-service-account": "web",
    }
    assert not any(one["Resource"] == ["*"] for one in statements(made, "PodRoleWeb"))
    actions = {action for one in statements(made, "PodRoleWeb") for action in one["Action"]}
    assert {"s3:PutObject", "dynamodb:GetItem", "secretsmanager:DescribeSecret"} <= actions
    assert "dynamodb:PutItem" not in actions
    joined = properties(made, "PodWeb")
    assert (joined["Namespace"], joined["ServiceAccount"]) == ("shop", "web")


def test_addresses_that_aws_alone_knows_wait_in_the_parameter_store():
    made = graph(**APART)

    (kept,) = made.of_type("AWS::SSM::Parameter")
    assert kept.properties["Name"] == "/shop-production/pods/web/CACHE"
    assert kept.properties["Value"] == Sub(
        "redis://${Sessions}:6379", {"Sessions": Att("CacheSessions", "PrimaryEndPoint.Address")}
    )


def test_the_secret_of_a_database_has_a_name_only_where_a_pod_asks_for_it():
    asked = properties(graph(**APART), "SecretOfOrders")
    otherwise = properties(graph(**ON), "SecretOfOrders")

    assert (asked.get("Name"), otherwise.get("Name")) == ("shop-production-orders-master", None)


def test_the_network_stands_before_nodes_and_what_has_pods_comes_after_them():
    made = graph(**ON)

    nodes = made.resources["NodesAppsGeneral"]
    assert set(nodes.after) == {
        "AddonAppsVpcCni",
        "AddonAppsKubeProxy",
        "AddonAppsEksPodIdentityAgent",
    }
    assert made.resources["AddonAppsCoredns"].after == ("NodesAppsGeneral",)
    told = json.loads(properties(made, "AddonAppsVpcCni")["ConfigurationValues"])
    assert told["enableNetworkPolicy"] == "true"


def test_a_node_may_have_as_many_pods_as_its_interfaces_take():
    def pods(**changes):
        made = graph(**ON, **changes)
        data = properties(made, "TemplateAppsGeneral")["LaunchTemplateData"]
        return data["UserData"]["Fn::Base64"].text.partition("maxPods: ")[2].split()[0]

    assert pods() == "110"
    assert pods(clusters__apps__pods={"prefixes": False}) == "29"  # m7g.large: 3 × 9 + 2
    assert pods(clusters__apps__pods={"prefixes": False, "cidr": "100.64.0.0/18"}) == "20"


def test_subnets_are_sized_by_pods_and_a_second_cluster_has_room():
    shared = plan(**ON).networks["main"]
    plain = plan(**ON, clusters__apps__pods={"prefixes": False}).networks["main"]
    apart = plan(**APART).networks["main"]

    def need(network, tier):
        return {subnet.need for subnet in network.tier(tier)}

    # 4 nodes in one zone and 2 beside them: 3 interfaces and 8 prefixes each, or 30 addresses; half as many spare.
    assert need(shared, "app") == {round(6 * (3 + 8 * 16) * 1.5)}
    assert need(plain, "app") == {6 * 30 * 3 // 2}
    assert need(apart, "app") == {round((6 + 6) * 1.5)}
    assert all(one.cidr.subnet_of(apart.pods) for one in apart.tier("pods"))
    for network in (shared, plain, apart):
        assert {one.cidr.prefixlen for one in network.tier("control")} == {28}
        assert all(usable(one.cidr.prefixlen) >= one.need for one in network.subnets)
        spare = [key for key in network.reserved if "-control/" in key]
        assert spare == ["spare-2-control/a", "spare-2-control/b"]
    assert {f"spare-2-pods/{zone}" for zone in "ab"} <= set(apart.reserved)


def test_the_controllers_may_only_what_our_use_of_them_needs():
    made = graph(**ON)

    looks, members = statements(made, "ControllerRoleAppsAwsLoadBalancerController")
    assert all(":Describe" in action for action in looks["Action"])
    (group,) = made.of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
    assert members["Resource"] == [Ref(group.id)]
    assert len(group.properties["Name"]) <= 32
    _, scales = statements(made, "ControllerRoleAppsClusterAutoscaler")
    assert scales["Condition"]["StringEquals"] == {
        "aws:ResourceTag/eks:cluster-name": "shop-production-apps"
    }


def test_office_hours_take_the_nodes_away_and_bring_them_back():
    made = graph(**APART)

    stop = json.loads(properties(made, "NodesAppsGeneralStop")["Target"]["Input"].text)
    start = json.loads(properties(made, "NodesAppsGeneralStart")["Target"]["Input"].text)
    assert stop["ScalingConfig"] == {"MinSize": 0, "MaxSize": 4, "DesiredSize": 0}
    assert start["ScalingConfig"] == {"MinSize": 2, "MaxSize": 4, "DesiredSize": 2}


def test_what_fails_in_a_cluster_has_an_alarm():
    made = graph(**ON)

    names = {one.properties["AlarmDescription"] for one in made.of_type("AWS::CloudWatch::Alarm")}
    assert {"apps: nodes", "apps: memory", "apps: restarts", "web: running"} <= names

"""Services: narrow roles, environment with addresses, safe updates, scaling that an update does not undo."""

import pytest

from bongsu.infra.graph import Att, Given, Ref, Sub
from tests.infra.build.worked import properties
from tests.infra.support import graph


def container(made, definition="DefinitionWeb"):
    return properties(made, definition)["ContainerDefinitions"][0]


def statements(made, role):
    policies = properties(made, role).get("Policies", [])
    return [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]


def actions(made, role):
    return {action for one in statements(made, role) for action in one["Action"]}


def texts(value):
    return [one.text if isinstance(one, Sub) else one for one in value]


def test_the_execution_role_pulls_its_image_and_writes_its_log_and_nothing_else():
    found = statements(graph(), "ExecutionRoleWeb")

    wide = [one["Action"] for one in found if one["Resource"] == ["*"]]
    assert wide == [["ecr:GetAuthorizationToken"]]
    assert [one["Resource"] for one in found if one["Resource"] != ["*"]] == [
        [Att("RepositoryWeb", "Arn")],
        [Att("LogGroupWeb", "Arn")],
    ]


def test_an_image_of_others_is_pulled_from_there_only():
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app"
    made = graph(services__web__image={"uri": uri, "tag": "7"})

    arns = [text for one in statements(made, "ExecutionRoleWeb") for text in texts(one["Resource"])]
    assert "arn:${AWS::Partition}:ecr:us-east-1:123456789012:repository/team/app" in arns
    assert container(made)["Image"] == f"{uri}:7"
    assert not made.of_type("AWS::ECR::Repository")


@pytest.mark.parametrize("uri", ["nginx:1.29", "ghcr.io/a/b@sha256:00", "localhost:5000/a/b"])
def test_a_public_image_needs_no_right(uri):
    made = graph(services__web__image={"uri": uri})

    assert "ecr:GetAuthorizationToken" not in actions(made, "ExecutionRoleWeb")
    assert container(made)["Image"] == uri


@pytest.mark.parametrize(
    ("access", "more"),
    [
        ("read", set()),
        ("write", {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"}),
    ],
)
def test_the_task_role_has_exactly_the_grants_of_the_plan(access, more):
    made = graph(services__web__uses={"pictures": access})

    assert actions(made, "TaskRoleWeb") == {"s3:GetObject", "s3:ListBucket"} | more
    arns = [text for one in statements(made, "TaskRoleWeb") for text in texts(one["Resource"])]
    assert {text.split(":::")[1] for text in arns} == {
        "shop-production-pictures-${AWS::AccountId}/*",
        "shop-production-pictures-${AWS::AccountId}",
    }


def test_grants_by_hand_are_what_the_role_has():
    assert statements(graph(services__web__grants={}), "TaskRoleWeb") == []


def test_the_image_that_was_built_is_told_by_the_deployment():
    assert container(graph())["Image"] == Given("ImageWeb", "image:web")


@pytest.mark.parametrize(("mutable", "said"), [(False, "IMMUTABLE"), (True, "MUTABLE")])
def test_its_registry_scans_keeps_the_last_and_is_kept(mutable, said):
    made = graph(services__web__image={"build": ".", "mutable": mutable})

    found = made.resources["RepositoryWeb"]
    assert found.keep == "retain"
    assert found.properties["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert found.properties["ImageTagMutability"] == said
    assert "imageCountMoreThan" in found.properties["LifecyclePolicy"]["LifecyclePolicyText"]


def test_parts_in_the_environment_become_their_addresses():
    text = "s3://${pictures}/a db://${orders} redis://${sessions} http://${front} ${orders}"
    made = graph(caches={"sessions": {}}, services__web__environment={"ALL": text})

    (found,) = container(made)["Environment"]
    assert found["Value"].text == (
        "s3://shop-production-pictures-${AWS::AccountId}/a db://${Orders} redis://${Sessions} "
        "http://${Front} ${Orders}"
    )
    assert found["Value"].values == {
        "Orders": Att("DatabaseOrders", "Endpoint.Address"),
        "Sessions": Att("CacheSessions", "PrimaryEndPoint.Address"),
        "Front": Att("LoadBalancerFront", "DNSName"),
    }


def test_secrets_come_by_reference_and_only_the_execution_role_reads_them():
    given = {"A": "shop/a", "B": "ssm:/shop/b", "C": "${orders}"}
    made = graph(services__web__secrets=given)

    values = {one["Name"]: one["ValueFrom"] for one in container(made)["Secrets"]}
    assert values["A"].text.endswith(":secret:shop/a")
    assert values["B"].text.endswith(":parameter/shop/b")
    assert values["C"] == Ref("SecretOfOrders")
    wanted = {"secretsmanager:GetSecretValue", "ssm:GetParameters"}
    assert wanted <= actions(made, "ExecutionRoleWeb")
    assert wanted.isdisjoint(actions(made, "TaskRoleWeb"))


def test_an_update_brings_new_copies_before_old_ones_go_and_goes_back_when_they_fail():
    found = properties(graph(), "ServiceWeb")["DeploymentConfiguration"]

    assert (found["MinimumHealthyPercent"], found["MaximumPercent"]) == (100, 200)
    assert found["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}


def test_a_store_with_one_writer_is_never_open_twice():
    made = graph(services__web__volume={"path": "/data"}, services__web__scale={"min": 1, "max": 1})

    found = properties(made, "ServiceWeb")
    assert found["DeploymentConfiguration"]["MinimumHealthyPercent"] == 0
    assert found["DeploymentConfiguration"]["MaximumPercent"] == 100
    assert found["AvailabilityZoneRebalancing"] == "DISABLED"  # AWS refuses the other with 100


def test_a_volume_is_mounted_by_tls_and_the_role_s_own_right():
    made = graph(services__web__volume={"path": "/data"})

    (volume,) = properties(made, "DefinitionWeb")["Volumes"]
    mounted = volume["EFSVolumeConfiguration"]
    assert mounted["TransitEncryption"] == "ENABLED"
    assert mounted["AuthorizationConfig"]["IAM"] == "ENABLED"
    assert container(made)["MountPoints"][0]["ContainerPath"] == "/data"
    assert "elasticfilesystem:ClientMount" in actions(made, "TaskRoleWeb")


def test_its_number_is_left_to_scaling():
    made = graph(services__web__scale={"min": 2, "max": 6, "requests_per_copy": 500})

    assert "DesiredCount" not in properties(made, "ServiceWeb")
    target = properties(made, "ScalingWeb")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 6)
    kinds = [
        one.properties["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]
        for one in made.of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
    ]
    assert [one["PredefinedMetricType"] for one in kinds] == [
        "ECSServiceAverageCPUUtilization",
        "ALBRequestCountPerTarget",
    ]
    assert kinds[1]["ResourceLabel"].values["Targets"] == Att(
        "TargetsWebViaFrontPublic", "TargetGroupFullName"
    )


@pytest.mark.parametrize("scale", [{"min": 3, "max": 3}, {"min": 3, "max": 5, "cpu_percent": None}])
def test_without_scaling_the_number_stands_in_the_service(scale):
    made = graph(services__web__scale=scale)

    assert properties(made, "ServiceWeb")["DesiredCount"] == 3
    assert not made.of_type("AWS::ApplicationAutoScaling::ScalableTarget")


def test_it_waits_until_a_load_balancer_uses_its_group():
    (rule,) = graph().of_type("AWS::ElasticLoadBalancingV2::ListenerRule")

    assert graph().resources["ServiceWeb"].after == (rule.id,)


@pytest.mark.parametrize(("least", "base"), [(1, 0), (2, 1)])
def test_on_spot_machines_one_of_several_copies_is_safe(least, base):
    made = graph(services__web__spot=True, services__web__scale={"min": least, "max": 4})

    safe, spot = properties(made, "ServiceWeb")["CapacityProviderStrategy"]
    assert (safe["CapacityProvider"], safe["Base"], safe["Weight"]) == ("FARGATE", base, 0)
    assert spot["CapacityProvider"] == "FARGATE_SPOT"


@pytest.mark.parametrize(("given", "said"), [("arm", "ARM64"), ("x86", "X86_64")])
def test_the_kind_of_processor(given, said):
    made = graph(services__web__architecture=given)

    assert properties(made, "DefinitionWeb")["RuntimePlatform"]["CpuArchitecture"] == said


def test_it_registers_the_port_that_the_file_names():
    one = properties(graph(services__web__container_port=3001), "ServiceWeb")["LoadBalancers"]

    assert one[0]["ContainerPort"] == 3001


def test_a_service_without_routes_is_asked_by_nobody():
    made = graph(services__job={"image": {"build": "job"}, "command": ["run"]})

    found = properties(made, "ServiceJob")
    assert "LoadBalancers" not in found
    assert "HealthCheckGracePeriodSeconds" not in found
    assert container(made, "DefinitionJob")["Command"] == ["run"]
    assert len(made.of_type("AWS::ECS::Cluster")) == 1


def test_names_that_begin_alike_do_not_meet():
    job = {"image": {"build": "."}}
    made = graph(**{f"services__{name}": job for name in ("web-log", "log-web", "role-web")})

    assert {"ServiceWebLog", "ServiceLogWeb", "LogGroupWebLog"} <= set(made.resources)

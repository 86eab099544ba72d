"""Servers: how each one starts, what it may do, and how a group replaces them without falling below its least."""

import subprocess

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.infra.build.startup import LIMIT_BYTES
from bongsu.infra.graph import Att, Given, Ref
from bongsu.kit.errors import Invalid
from tests.infra.build.worked import properties
from tests.infra.support import plan

SCRIPT = '#!/bin/bash\necho "${HOSTNAME}"\n'
OLD = {"port": 8080, "routes": [{"via": "front", "paths": ["/old/*"]}], "setup": "setup.sh"}


@pytest.fixture
def made(tmp_path):
    (tmp_path / "setup.sh").write_text(SCRIPT)
    return lambda **changes: build_graph(plan(servers={"old": OLD | changes}), tmp_path)


def template(graph):
    return properties(graph, "TemplateOld")["LaunchTemplateData"]


def start(graph):
    return template(graph)["UserData"]["Fn::Base64"]


def role(graph):
    policies = properties(graph, "ServerRoleOld")["Policies"]
    return {one["PolicyName"]: one["PolicyDocument"]["Statement"] for one in policies}


def update(graph):
    return graph.resources["ServersOld"].extra["UpdatePolicy"]["AutoScalingInstanceRefresh"]


def test_its_metadata_asks_for_a_token_and_its_disk_is_encrypted(made):
    found = template(made(disk_gib=30))

    assert found["MetadataOptions"]["HttpTokens"] == "required"
    disk = found["BlockDeviceMappings"][0]["Ebs"]
    assert (disk["VolumeType"], disk["VolumeSize"], disk["Encrypted"]) == ("gp3", 30, True)
    assert found["Monitoring"] == {"Enabled": True}


def test_its_image_is_the_newest_of_its_kind_or_one_of_the_team_s_own(made):
    assert template(made())["ImageId"] == Given(
        "ImageAl2023Arm", "ami:al2023-arm", "AWS::EC2::Image::Id"
    )
    assert template(made(image="ami-0123456789abcdef0"))["ImageId"] == "ami-0123456789abcdef0"


def test_the_script_of_the_repository_runs_with_its_own_places_untouched(made):
    text = start(made()).text

    assert 'echo "${!HOSTNAME}"' in text
    assert text.index("echo") > text.index("/etc/bongsu/environment")


def test_without_a_script_it_starts_with_its_environment_only(made):
    assert "/opt/setup" not in start(made(setup="")).text


@pytest.mark.parametrize("file", ["missing.sh", "../outside.sh"])
def test_a_script_that_is_missing_or_outside_is_refused_by_name(made, tmp_path, file):
    (tmp_path.parent / "outside.sh").write_text(SCRIPT)

    with pytest.raises(Invalid, match=f"old names the file {file}"):
        made(setup=file)


def test_a_script_that_is_too_long_is_refused_by_name(made, tmp_path):
    (tmp_path / "long.sh").write_text("#" * LIMIT_BYTES)

    with pytest.raises(Invalid, match=r"old with long\.sh"):
        made(setup="long.sh")


def test_addresses_stand_in_its_environment_and_odd_values_are_quoted(made):
    found = start(made(environment={"DB": "x://${orders}/a b", "PLAIN": "it's"}))

    assert "DB='x://${Orders}/a b'\n" in found.text
    assert "PLAIN='it'\"'\"'s'\n" in found.text
    assert found.values == {"Orders": Att("DatabaseOrders", "Endpoint.Address")}


def test_secrets_are_fetched_by_the_machine_and_one_that_is_missing_ends_the_start(made):
    graph = made(secrets={"A": "shop/a", "B": "ssm:/shop/b", "C": "${orders}"})

    text = start(graph).text
    assert "set -euo pipefail" in text
    assert 'value="$(aws secretsmanager get-secret-value' in text
    assert "--secret-id shop/a " in text
    assert "--name /shop/b " in text
    assert "--secret-id ${SecretOfOrders} " in text
    asked = [action for one in role(graph)["secrets"] for action in one["Action"]]
    assert asked == ["secretsmanager:GetSecretValue", "ssm:GetParameter"]


def test_the_whole_start_is_a_script_that_a_shell_understands(made, tmp_path):
    graph = made(
        environment={"DB": "x://${orders}/a b", "PLAIN": "it's"},
        secrets={"A": "shop/a", "B": "ssm:/shop/b"},
    )
    found = start(graph).text.replace("${!", "${").replace("${AWS::Region}", "us-east-1")
    path = tmp_path / "start"
    path.write_text(found)

    done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_its_role_has_what_systems_manager_needs_and_its_grants(made):
    found = role(made(uses={"pictures": "read", "orders": "connect"}))

    assert set(found) == {"managed", "log", "use"}
    assert all(not action.endswith("*") for one in found["managed"] for action in one["Action"])
    assert found["log"][0]["Resource"] == [Att("LogGroupOld", "Arn")]
    assert found["use"][0]["Action"] == ["s3:GetObject"]


def test_a_changed_template_replaces_the_machines(made):
    found = properties(made(), "ServersOld")["LaunchTemplate"]

    assert found["Version"] == Att("TemplateOld", "LatestVersionNumber")


@pytest.mark.parametrize(
    ("least", "most", "spare", "healthy", "limit"),
    [(2, 6, 1, (100, 150), 6), (2, 2, 1, (100, 150), 3), (2, 2, 0, (50, 100), 2),
     (2, 8, 3, (100, 200), 8), (0, 1, 0, (0, 100), 1)],
)  # fmt: skip
def test_an_update_waits_for_each_new_machine_before_the_next(
    made, least, most, spare, healthy, limit
):
    """A rolling update of CloudFormation's own goes on after a pause, and a bad script puts out every machine."""
    graph = made(scale={"min": least, "max": most}, rolling_spare=spare)

    found = update(graph)["Preferences"]
    assert (found["MinHealthyPercentage"], found["MaxHealthyPercentage"]) == healthy
    assert properties(graph, "ServersOld")["MaxSize"] == str(limit)


def test_a_machine_has_the_time_to_install_its_programs_before_it_counts_as_ill(made):
    """Else it is replaced while its script runs, and so is the next one, for ever."""
    slow, quick = made(), made(health={"path": "/", "grace_s": 90})

    assert properties(slow, "ServersOld")["HealthCheckGracePeriod"] == 300
    assert properties(quick, "ServersOld")["HealthCheckGracePeriod"] == 90
    assert update(quick)["Preferences"]["InstanceWarmup"] == 90


def test_the_load_balancer_says_who_is_ill(made):
    behind = properties(made(), "ServersOld")
    alone = properties(made(routes=[]), "ServersOld")

    assert (behind["HealthCheckType"], alone["HealthCheckType"]) == ("ELB", "EC2")
    assert behind["TargetGroupARNs"] == [Ref("TargetsOldViaFrontPublic")]
    assert properties(made(), "TargetsOldViaFrontPublic")["TargetType"] == "instance"


def test_it_grows_by_cpu_and_by_requests(made):
    graph = made(scale={"min": 2, "max": 4, "requests_per_copy": 100})

    found = {
        one.id: one.properties["TargetTrackingConfiguration"]["TargetValue"]
        for one in graph.of_type("AWS::AutoScaling::ScalingPolicy")
    }
    assert found == {"ScaleByCpuOld": 60, "ScaleByRequestsOld": 100}
    assert not made(scale={"min": 2, "max": 2}).of_type("AWS::AutoScaling::ScalingPolicy")


def test_it_is_public_only_when_the_file_says_so(made):
    (closed,), (opened,) = (
        template(made(**changes))["NetworkInterfaces"]
        for changes in ({}, {"public_ip": True, "tier": "public"})
    )

    assert (closed["AssociatePublicIpAddress"], opened["AssociatePublicIpAddress"]) == (False, True)
    assert closed["Groups"] == [Att("GroupOld", "GroupId")]

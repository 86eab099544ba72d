"""Deployments to moto: what is read back is what was planned, and nothing with data goes without consent.

Each test prints what moto cannot make (see `reduced`); run with -rP or -s to read it.
"""

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.infra.deploy.deployment import Deployment, Voice, Wishes
from bongsu.infra.deploy.state import Timing
from bongsu.infra.plan.model import CLOUDFRONT
from bongsu.infra.plan.plan import make_plan
from bongsu.kit.errors import Conflict
from tests.aws.emulator import REGION, credentials, emulator
from tests.infra.deploy.emulated import Emulated
from tests.infra.deploy.reduced import reduced
from tests.infra.support import example, source

IMAGE = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/web:1"
IMAGES = {"web": IMAGE, "bongsu": IMAGE}
SCRIPTS = ("web.sh", "app.sh")
# moto warns of each thing that it cannot make or delete; a warning that is an error would end its server's answer.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def aws(monkeypatch):
    credentials(monkeypatch)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with emulator() as address:
        made = Emulated(address)
        made.certificate = made.furnish()
        yield made


@pytest.fixture
def root(tmp_path):
    place = tmp_path / "examples" / "apps" / "two-tier"
    place.mkdir(parents=True)
    for name in SCRIPTS:
        (place / name).write_text("#!/bin/bash\n")
    return tmp_path


def deployment(aws: Emulated, architecture, root: Path = Path()) -> Deployment:
    plan = make_plan(architecture)
    made = Deployment(plan, build_graph(plan, root), aws, Timing(sleep=lambda _: None))
    cut = reduced(made.templates, aws.certificate)
    print(cut.report())
    made.templates = tuple(cut.templates)
    return made


def wishes(run: str, **more) -> Wishes:
    return Wishes(run, images=IMAGES, make_bucket=True, **more)


def read_back(aws: Emulated, made: Deployment) -> None:
    """Networks as AWS tells of them are those of the plan."""
    ec2 = aws("ec2", REGION)
    for network in made.plan.networks.values():
        wanted = {(str(one.cidr), f"{REGION}{one.zone}") for one in network.subnets}
        vpcs = ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": [str(network.cidr)]}])["Vpcs"]
        here = [{"Name": "vpc-id", "Values": [vpcs[0]["VpcId"]]}]
        subnets = ec2.describe_subnets(Filters=here)["Subnets"]
        assert {(one["CidrBlock"], one["AvailabilityZone"]) for one in subnets} == wanted
        tables = ec2.describe_route_tables(Filters=here)["RouteTables"]
        out = [
            route.get("NatGatewayId") or route.get("GatewayId")
            for table in tables
            for route in table["Routes"]
            if route.get("DestinationCidrBlock") == "0.0.0.0/0"
        ]
        apart = len([one for one in network.subnets if one.tier == "app"])
        assert len([one for one in out if one.startswith("nat-")]) >= apart
        assert len(set(out)) == len(network.nats) + 1
    _groups_read_back(ec2, made)


def _groups_read_back(ec2, made: Deployment) -> None:
    groups = {one["GroupId"]: one for one in ec2.describe_security_groups()["SecurityGroups"]}
    outer = {one: group["Description"].partition(" of ")[0] for one, group in groups.items()}
    for part in made.plan.parts.values():
        if not part.network:
            continue
        (group,) = [one for one in groups.values() if outer[one["GroupId"]] == part.name]
        found = {
            (rule["FromPort"], rule["ToPort"], source)
            for rule in group["IpPermissions"]
            for source in [
                *(one["CidrIp"] for one in rule["IpRanges"]),
                *(outer[one["GroupId"]] for one in rule["UserIdGroupPairs"]),
            ]
        }
        wanted = {
            (one.first, one.last, str(one.source))
            for one in made.plan.openings_of(part.name)
            if one.source != CLOUDFRONT  # moto's CloudFormation loses prefix lists
        }
        assert found == wanted, part.name


@pytest.mark.parametrize(
    ("name", "environment"),
    [("small", "production"), ("000-health-checking", "production"), ("004-hybrid", "staging")],
)
def test_what_is_read_back_is_what_was_planned_and_again_nothing_changes(
    aws, root, name, environment
):
    file = source() if name == "small" else example(name, environment)
    made = deployment(aws, file.architecture, root)
    shown: dict[str, int] = {}

    outputs = made.deploy(
        wishes("first"), Voice(show=lambda stack, found: shown.update({stack: len(found)}))
    )

    assert list(outputs) == list(shown) == [one.name for one in made.templates]
    assert shown == {one.name: len(one.body["Resources"]) for one in made.templates}
    read_back(aws, made)
    balancers = aws("elbv2", REGION).describe_load_balancers()["LoadBalancers"]
    assert len(balancers) == len(file.architecture.load_balancers)
    assert made.preview(wishes("again")) == ()
    protected = {f"{file.architecture.stem}-{stack}" for stack in ("network", "data")}
    roles = [one["RoleName"].lower() for one in aws("iam", REGION).list_roles()["Roles"]]
    assert ("awsserviceroleforecs" in roles) == bool(file.architecture.services)
    assert aws.protected == (protected if file.architecture.production else set())


def test_a_change_is_shown_and_made(aws):
    two, three = ({"min": count, "max": count, "cpu_percent": None} for count in (2, 3))
    made = deployment(aws, source(services__web__scale=two).architecture)
    made.deploy(wishes("first"))
    more = deployment(aws, source(services__web__scale=three).architecture)
    seen = []

    more.deploy(wishes("second"), Voice(show=lambda stack, found: seen.extend(found)))

    assert [(one.action, one.type) for one in seen] == [("Modify", "AWS::ECS::Service")]
    ecs = aws("ecs", REGION)
    (cluster,) = ecs.list_clusters()["clusterArns"]
    services = ecs.list_services(cluster=cluster)["serviceArns"]
    (service,) = ecs.describe_services(cluster=cluster, services=services)["services"]
    assert service["desiredCount"] == 3


def test_a_database_that_is_taken_out_of_the_file_stays_until_somebody_agrees(aws):
    made = deployment(aws, source().architecture)
    made.deploy(wishes("first"))
    web = {"services__web__uses": {"pictures": "write"}, "services__web__environment": {}}
    without = deployment(aws, source(databases=None, **web).architecture)

    with pytest.raises(Conflict, match="--replace-data DatabaseOrders"):
        without.deploy(wishes("second"))

    assert len(aws("rds", REGION).describe_db_instances()["DBInstances"]) == 1
    assert without.preview(wishes("third", replace_data=gone(made, without)))


def test_queues_and_streams_stand_as_they_were_planned(aws):
    """Beside them what moto cannot make of messaging is printed: subscriptions and policies of queues."""
    messages = {
        "topics__news": {},
        "queues__jobs": {"on": [{"topic": "news"}], "tries": 3},
        "streams__clicks": {"shards": 2},
        "services__web__uses": {"orders": "connect", "jobs": "receive", "clicks": "read"},
    }
    made = deployment(aws, source(**messages).architecture)

    made.deploy(Wishes("first", until="data"))

    sqs = aws("sqs", REGION)
    urls = {"Letters" in url: url for url in sqs.list_queues()["QueueUrls"]}
    queue = sqs.get_queue_attributes(QueueUrl=urls[False], AttributeNames=["All"])["Attributes"]
    letters = sqs.get_queue_attributes(QueueUrl=urls[True], AttributeNames=["All"])["Attributes"]
    assert queue["VisibilityTimeout"] == "60"
    assert json.loads(queue["RedrivePolicy"]) == {
        "deadLetterTargetArn": letters["QueueArn"],
        "maxReceiveCount": 3,
    }
    assert len(aws("sns", REGION).list_topics()["Topics"]) == 1
    (name,) = aws("kinesis", REGION).list_streams()["StreamNames"]
    assert len(aws("kinesis", REGION).list_shards(StreamName=name)["Shards"]) == 2


def gone(before: Deployment, after: Deployment) -> list[str]:
    here = {key for one in after.templates for key in one.body["Resources"]}
    return [key for one in before.templates for key in one.body["Resources"] if key not in here]


def test_production_is_deleted_only_by_two_words_and_says_what_stays(aws):
    made = deployment(aws, source().architecture)
    made.deploy(wishes("first"))

    with pytest.raises(Conflict, match="protected from deletion"):
        made.delete(wishes("second"))
    left = made.delete(wishes("third"), unprotect=True)

    assert left["shop-production-data"]["DatabaseOrders"] == "Snapshot"
    assert left["shop-production-data"]["BucketPictures"] == "Retain"
    assert made.outputs() == {}
    ours = [{"Name": "tag:bongsu:architecture", "Values": ["shop"]}]
    assert aws("ec2", REGION).describe_subnets(Filters=ours)["Subnets"] == []
    assert aws("elbv2", REGION).describe_load_balancers()["LoadBalancers"] == []


def test_what_aws_itself_protects_holds_no_deletion_up_halfway(aws):
    """moto leaves the protection out when a stack makes them, so it is put there by hand."""
    staging = {"production": False, "environment": "staging"}
    made = deployment(aws, source(**staging).architecture)
    made.deploy(wishes("first"))
    rds, elb = aws("rds", REGION), aws("elbv2", REGION)
    (database,) = rds.describe_db_instances()["DBInstances"]
    name = database["DBInstanceIdentifier"]
    rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=True)

    with pytest.raises(Conflict, match="shop-staging-data/DatabaseOrders"):
        made.delete(wishes("second"))
    assert len(elb.describe_load_balancers()["LoadBalancers"]) == 1  # nothing was begun
    made.delete(wishes("third"), unprotect=True)

    assert made.outputs() == {}
    assert rds.describe_db_instances()["DBInstances"] == []


def test_data_that_no_template_keeps_is_not_deleted_without_consent(aws):
    made = deployment(aws, source().architecture)
    data = made.templates[1]
    body = {
        **data.body,
        "Resources": {
            "Loose": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "loose-1"}}
        },
    }
    body.pop("Outputs", None)
    made.templates = (replace(data, body={**body, "Parameters": {}}, needs={}, givens={}),)
    made.deploy(wishes("first"))

    with pytest.raises(Conflict, match="Loose in shop-production-data would be removed with all"):
        made.delete(wishes("second"), unprotect=True)
    assert made.delete(wishes("third", replace_data=["Loose"]), unprotect=True) == {}


def test_the_first_stacks_come_alone_while_an_image_is_missing(aws):
    made = deployment(aws, source().architecture)

    outputs = made.deploy(Wishes("first", until="data"))

    assert list(outputs) == ["shop-production-network", "shop-production-data"]

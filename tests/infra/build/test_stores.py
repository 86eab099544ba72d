"""Buckets, caches and file systems: closed, encrypted, and not lost with their stack."""

import pytest

from bongsu.infra.graph import Att, Ref
from bongsu.infra.render.cfn import templates
from tests.infra.build.worked import properties
from tests.infra.support import graph, plan

PICTURES = "BucketPictures"


def policy(made, bucket="Pictures"):
    return properties(made, f"PolicyOf{bucket}")["PolicyDocument"]["Statement"]


def lifecycle(made):
    rules = properties(made, PICTURES)["LifecycleConfiguration"]["Rules"]
    return {one["Id"]: one for one in rules}


def test_a_bucket_is_closed_encrypted_and_kept():
    found = graph().resources[PICTURES]

    assert found.keep == "retain"
    assert all(found.properties["PublicAccessBlockConfiguration"].values())
    assert found.properties["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    assert "BucketEncryption" in found.properties


def test_nobody_comes_without_tls():
    (denied,) = policy(graph())

    assert (denied["Effect"], denied["Action"]) == ("Deny", "s3:*")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(denied["Resource"]) == 2


def test_a_public_bucket_is_open_by_its_policy_and_never_by_lists():
    made = graph(buckets__pictures={"public": True})

    block = properties(made, PICTURES)["PublicAccessBlockConfiguration"]
    assert (block["BlockPublicAcls"], block["BlockPublicPolicy"]) == (True, False)
    assert policy(made)[1]["Action"] == "s3:GetObject"


@pytest.mark.parametrize(
    ("bucket", "status", "rules"),
    [
        ({}, "Enabled", {"unfinished", "old-versions"}),
        ({"versions": False}, "Suspended", {"unfinished"}),
        ({"expire_days": 30}, "Enabled", {"unfinished", "old-versions", "expire"}),
    ],
)
def test_what_is_thrown_away_and_when(bucket, status, rules):
    made = graph(buckets__pictures=bucket)

    assert properties(made, PICTURES)["VersioningConfiguration"] == {"Status": status}
    assert set(lifecycle(made)) == rules
    if "expire" in rules:
        assert lifecycle(made)["expire"]["ExpirationInDays"] == 30


def test_a_distribution_whose_origin_it_is_may_read_it():
    cdn = {"origins": {"files": {"bucket": "pictures"}}, "default": {"origin": "files"}}
    made = graph(distributions={"cdn": cdn})

    reader = policy(made)[1]
    assert reader["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert reader["Action"] == "s3:GetObject"


def test_a_bucket_elsewhere_has_a_stack_there():
    planned = plan(buckets={"pictures": {}, "far": {"region": "us-west-2"}})
    made = graph(buckets={"pictures": {}, "far": {"region": "us-west-2"}})

    found = {(one.stack, one.region): one.body["Resources"] for one in templates(planned, made)}
    assert set(found["data", "us-west-2"]) == {"BucketFar", "PolicyOfFar"}


def test_its_own_region_by_name_is_no_other_stack():
    made = graph(buckets__pictures={"region": "ap-northeast-2"})

    assert made.resources[PICTURES].region is None


@pytest.mark.parametrize(("nodes", "failover"), [(1, False), (2, True), (3, True)])
def test_a_cache_takes_over_from_two_nodes_on(nodes, failover):
    found = properties(graph(caches={"sessions": {"nodes": nodes}}), "CacheSessions")

    assert (found["AutomaticFailoverEnabled"], found["MultiAZEnabled"]) == (failover, failover)
    assert (found["Engine"], found["NumCacheClusters"]) == ("valkey", nodes)


def test_a_cache_is_encrypted_on_the_way_and_at_rest():
    found = properties(graph(caches={"sessions": {}}), "CacheSessions")

    assert (found["TransitEncryptionEnabled"], found["AtRestEncryptionEnabled"]) == (True, True)
    assert found["SecurityGroupIds"] == [Att("GroupSessions", "GroupId")]
    assert found["CacheSubnetGroupName"] == Ref("SubnetsOfSessions")


def test_a_cache_in_one_zone_is_not_said_to_span_several():
    made = graph(networks__main__zones=1, caches={"sessions": {"nodes": 2}})

    assert properties(made, "CacheSessions")["MultiAZEnabled"] is False


VOLUME = {"services__web__volume": {"path": "/data"}, "services__web__scale": {"min": 1, "max": 1}}


def test_a_file_system_is_encrypted_backed_up_and_kept():
    found = graph(**VOLUME).resources["VolumeWebVolume"]

    assert (found.keep, found.properties["Encrypted"]) == ("retain", True)
    assert found.properties["BackupPolicy"] == {"Status": "ENABLED"}


def test_a_backup_can_be_left_out():
    made = graph(**VOLUME | {"services__web__volume": {"path": "/data", "backup": False}})

    assert properties(made, "VolumeWebVolume")["BackupPolicy"] == {"Status": "DISABLED"}


def test_it_is_reached_in_every_zone_by_the_group_that_admits_its_service():
    made = graph(**VOLUME)

    found = [one.properties for one in made.of_type("AWS::EFS::MountTarget")]
    assert [one["SubnetId"] for one in found] == [Ref("SubnetMainDataA"), Ref("SubnetMainDataB")]
    assert all(one["SecurityGroups"] == [Att("GroupWebVolume", "GroupId")] for one in found)


def test_nobody_mounts_it_unnamed_or_in_the_clear():
    ours, denied = properties(graph(**VOLUME), "VolumeWebVolume")["FileSystemPolicy"]["Statement"]

    assert ours["Principal"]["AWS"].text.endswith(":${AWS::AccountId}:root")
    assert "elasticfilesystem:ClientRootAccess" not in ours["Action"]
    assert (denied["Effect"], denied["Action"]) == ("Deny", "*")

"""Databases: encrypted, TLS only, kept when they go; standby, cluster and Aurora each as AWS builds them."""

import csv

import pytest

from bongsu.infra.engines import engine_of, engines
from bongsu.infra.graph import Ref
from tests.infra.build.worked import all_errors, properties
from tests.infra.support import graph, plan

MAIN = "DatabaseOrders"
AURORA = {"engine": "aurora-postgres", "instance": "db.r7g.large"}
THREE = {"standby": "cluster", "instance": "db.m6gd.large"}


def made(zones=2, **database):
    return graph(databases__orders=database, networks__main__zones=zones)


@pytest.mark.parametrize(("standby", "multi"), [("instance", True), ("none", False)])
def test_a_standby_is_a_second_machine_that_takes_over(standby, multi):
    assert properties(made(standby=standby), MAIN)["MultiAZ"] is multi


@pytest.mark.parametrize(
    ("database", "zones", "instance"),
    [
        ({}, 2, "db.t4g.small"),
        ({"engine": "aurora-mysql", "readers": 1}, 2, "db.t4g.medium"),
        ({"standby": "cluster"}, 3, "db.m6gd.large"),
    ],
)
def test_a_class_that_is_left_out_is_the_smallest_that_takes_this_kind(database, zones, instance):
    resources = made(zones, **database).resources

    classes = [one.properties.get("DBInstanceClass") for one in resources.values()]
    whole = [one.properties.get("DBClusterInstanceClass") for one in resources.values()]
    assert {one for one in (*classes, *whole) if one} == {instance}


def test_it_is_closed_encrypted_backed_up_and_protected():
    found = properties(made(), MAIN)

    assert (found["StorageEncrypted"], found["PubliclyAccessible"]) == (True, False)
    assert (found["BackupRetentionPeriod"], found["DeletionProtection"]) == (7, True)
    assert (found["StorageType"], found["AllocatedStorage"]) == ("gp3", "20")
    assert found["MaxAllocatedStorage"] > 20


@pytest.mark.parametrize(("database", "zones"), [({}, 2), (AURORA, 2), (THREE, 3)])
def test_a_snapshot_is_kept_of_what_holds_data(database, zones):
    assert made(zones, **database).resources[MAIN].keep == "snapshot"


@pytest.mark.parametrize(
    ("database", "zones", "type", "parameters"),
    [
        ({}, 2, "AWS::RDS::DBParameterGroup", {"rds.force_ssl": "1"}),
        ({"engine": "mysql"}, 2, "AWS::RDS::DBParameterGroup", {"require_secure_transport": "1"}),
        (AURORA, 2, "AWS::RDS::DBClusterParameterGroup", {"rds.force_ssl": "1"}),
        (AURORA | {"engine": "aurora-mysql"}, 2, "AWS::RDS::DBClusterParameterGroup",
         {"require_secure_transport": "ON"}),
        (THREE, 3, "AWS::RDS::DBClusterParameterGroup", {"rds.force_ssl": "1"}),
    ],
)  # fmt: skip
def test_whoever_comes_without_tls_is_turned_away(database, zones, type, parameters):  # noqa: A002
    found = made(zones, **database).resources["ParametersOfOrders"]

    assert found.type == type
    assert parameters.items() <= found.properties["Parameters"].items()


def test_the_password_is_made_by_aws_and_stands_in_no_template():
    found = made()

    password = properties(found, MAIN)["MasterUserPassword"]
    assert password.text == "{{resolve:secretsmanager:${Secret}:SecretString:password}}"
    assert password.values == {"Secret": Ref("SecretOfOrders")}
    joined = properties(found, "SecretJoinsOrders")
    assert (joined["TargetType"], joined["TargetId"]) == ("AWS::RDS::DBInstance", Ref(MAIN))


def test_readers_spread_over_zones_and_leave_no_snapshot():
    found = made(readers=3)

    readers = [found.resources[f"Reader{number}OfOrders"] for number in (1, 2, 3)]
    zones = [one.properties["AvailabilityZone"] for one in readers]
    assert zones == ["ap-northeast-2b", "ap-northeast-2a", "ap-northeast-2b"]
    assert {one.properties["SourceDBInstanceIdentifier"] for one in readers} == {Ref(MAIN)}
    assert {one.extra["DeletionPolicy"] for one in readers} == {"Delete"}


def test_a_copy_that_answers_reads_grows_as_far_as_the_database_itself():
    """Storage grows for each machine by itself: a copy without it fills up, and follows no longer."""
    found = graph(
        databases__orders={"readers": 1, "storage_gib": 50}, alarms={"mail": ["a@example.com"]}
    )

    assert properties(found, MAIN)["MaxAllocatedStorage"] == 200
    assert properties(found, "Reader1OfOrders")["MaxAllocatedStorage"] == 200
    assert properties(found, "AlarmReader1OfOrdersStorage")["Threshold"] == 10 * 1024**3


def test_a_cluster_of_three_is_one_resource_with_the_storage_that_rds_asks_for():
    found = made(3, **THREE, readers=1)

    cluster = properties(found, MAIN)
    assert cluster["DBClusterInstanceClass"] == "db.m6gd.large"
    assert (cluster["AllocatedStorage"], cluster["StorageType"], cluster["Iops"]) == (
        100,
        "io1",
        1000,
    )
    assert properties(found, "Reader1OfOrders")["SourceDBClusterIdentifier"] == Ref(MAIN)
    assert properties(made(3, **THREE, storage_gib=400), MAIN)["StorageType"] == "gp3"


@pytest.mark.parametrize(
    ("more", "members"),
    [
        ({"standby": "none"}, ["WriterOfOrders"]),
        ({}, ["WriterOfOrders", "Reader1OfOrders"]),
        ({"readers": 2}, ["WriterOfOrders", "Reader1OfOrders", "Reader2OfOrders"]),
    ],
)
def test_aurora_has_a_writer_and_readers_that_hold_nothing(more, members):
    found = made(**AURORA, **more)

    machines = found.of_type("AWS::RDS::DBInstance")
    assert [one.id for one in machines] == members
    assert all(one.properties["DBClusterIdentifier"] == Ref(MAIN) for one in machines)
    assert all(one.extra["DeletionPolicy"] == "Delete" for one in machines)
    assert properties(found, "SecretJoinsOrders")["TargetType"] == "AWS::RDS::DBCluster"


@pytest.mark.parametrize(
    ("database", "insights"),
    [
        ({}, True),
        ({"engine": "mysql"}, False),
        ({"engine": "mysql", "instance": "db.m7g.large"}, True),
    ],
)
def test_insights_where_the_class_has_them(database, insights):
    assert properties(made(**database), MAIN)["EnablePerformanceInsights"] is insights


@pytest.mark.parametrize(
    ("version", "said", "family"),
    [
        (None, "17", "postgres17"),
        ("16", "16", "postgres16"),
        ("16.8", "16.8", "postgres16"),
    ],
)
def test_a_version_is_as_exact_as_the_file_says_it(version, said, family):
    found = made(version=version)

    assert properties(found, MAIN)["EngineVersion"] == said
    assert properties(found, "ParametersOfOrders")["Family"] == family


@pytest.mark.parametrize(
    ("database", "said"),
    [
        ({"engine": "aurora-postgres", "instance": "db.r7g.large"}, "17"),
        ({"engine": "aurora-mysql", "instance": "db.t4g.medium"}, "8.0"),
        ({"engine": "aurora-mysql", "instance": "db.t4g.medium", "version": "8.4"}, "8.4"),
        ({"engine": "mysql"}, engine_of("mysql", None).version),
        ({"engine": "mysql", "version": "8.4.10"}, "8.4.10"),
        ({"standby": "cluster", "instance": "db.m6gd.large"}, engine_of("postgres", None).version),
    ],
)
def test_a_major_version_is_enough_where_aws_chooses_one_in_force(database, said):
    found = graph(databases__orders=database, networks__main__zones=3)

    (asked,) = {one.properties["EngineVersion"] for one in found.resources.values()
                if "EngineVersion" in one.properties}  # fmt: skip
    assert asked == said
    assert all_errors(plan(databases__orders=database, networks__main__zones=3), found) == []


def test_every_engine_has_one_preferred_version_and_a_day():
    preferred = [one.engine for one in engines() if one.preferred]

    assert sorted(preferred) == ["aurora-mysql", "aurora-postgres", "mysql", "postgres"]


def test_a_name_with_a_hyphen_is_a_schema_without():
    found = graph(databases__order_book={}, databases={"order-book": {}},
                  services__web__uses={}, services__web__environment={})  # fmt: skip

    assert properties(found, "DatabaseOrderBook")["DBName"] == "order_book"


def test_it_stands_where_its_tier_is():
    closed = properties(made(), "SubnetsOfOrders")["SubnetIds"]
    opened = properties(made(public=True), "SubnetsOfOrders")["SubnetIds"]

    assert closed == [Ref("SubnetMainDataA"), Ref("SubnetMainDataB")]
    assert opened == [Ref("SubnetMainPublicA"), Ref("SubnetMainPublicB")]


def test_the_table_is_dated():
    from bongsu.infra import engines as module

    path = module.files("bongsu.infra") / "data" / "engines.csv"
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert all(row["as_of"] and row["source"] for row in rows)

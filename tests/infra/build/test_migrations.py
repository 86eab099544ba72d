"""Migrations: a private machine, secrets read by roles of their own, everything and then every change."""

import json

import pytest

from bongsu.infra.graph import Att, Ref
from tests.infra.build.worked import all_errors, alone, properties
from tests.infra.support import plan

LEGACY = {
    "source_engine": "mysql",
    "source_port": 3306,
    "source_database": "orders",
    "source_secret": "shop/legacy",
    "source_cidr": "172.16.4.0/24",
    "target": "orders",
}
DATABASE = (
    "DatabaseOrders",
    "AWS::RDS::DBInstance",
    {"DBInstanceClass": "db.t4g.small", "Engine": "postgres", "AllocatedStorage": "20",
     "ManageMasterUserPassword": True, "MasterUsername": "owner"},
    ("databases", "orders"),
)  # fmt: skip
SECRET = ("Kept", "AWS::SecretsManager::Secret", {}, ("databases", "orders"))


def worked(*beside, **changes):
    planned = plan(migrations={"legacy": {**LEGACY, **changes}})
    return planned, alone(planned, "network", "groups", "migrations", beside=beside)


def graph(*beside, **changes):
    return worked(*(beside or (DATABASE,)), **changes)[1]


def test_the_machine_is_private_and_has_the_group_that_the_database_admits():
    found = properties(graph(), "MigrationLegacyMachine")

    assert found["PubliclyAccessible"] is False
    assert found["VpcSecurityGroupIds"] == [Att("GroupLegacy", "GroupId")]


@pytest.mark.parametrize(("live", "kind"), [(True, "full-load-and-cdc"), (False, "full-load")])
def test_changes_are_followed_only_while_it_is_live(live, kind):
    assert properties(graph(live=live), "MigrationLegacyTask")["MigrationType"] == kind


def test_the_schema_is_that_of_the_old_database_and_the_engines_own_are_left_out():
    def rules(engine):
        task = properties(graph(source_engine=engine), "MigrationLegacyTask")
        return {
            (one["rule-action"], one["object-locator"]["schema-name"])
            for one in json.loads(task["TableMappings"])["rules"]
        }

    assert rules("mysql") == {("include", "orders")}
    assert ("exclude", "pg_%") in rules("postgres")


def test_no_password_stands_in_an_endpoint_and_each_role_reads_one_secret():
    found = graph(DATABASE, SECRET)

    for side, secret in (("Source", "shop/legacy"), ("Target", Ref("Kept"))):
        endpoint = properties(found, f"MigrationLegacy{side}")
        settings = next(value for key, value in endpoint.items() if key.endswith("SqlSettings"))
        assert settings["SecretsManagerSecretId"] == secret
        assert not {"Password", "Username", "ServerName"} & set(endpoint)
    read = properties(found, "MigrationLegacyTargetRole")["Policies"][0]["PolicyDocument"]
    assert read["Statement"][0]["Resource"] == [Ref("Kept")]


def test_the_secret_that_rds_keeps_is_used_where_there_is_no_other():
    settings = properties(graph(), "MigrationLegacyTarget")["PostgreSqlSettings"]

    assert settings["SecretsManagerSecretId"] == Att("DatabaseOrders", "MasterUserSecret.SecretArn")


@pytest.mark.parametrize("engine", ["mysql", "aurora-mysql"])
def test_a_database_of_mysql_s_family_is_written_over_tls_which_is_all_that_it_takes(engine):
    """DMS has no TLS there without the authority's certificate, and ours turn plain connections away."""
    planned = plan(databases__orders__engine=engine, migrations={"legacy": LEGACY})
    found = alone(planned, "network", "groups", "databases", "migrations")

    target = properties(found, "MigrationLegacyTarget")
    assert (target["SslMode"], target["CertificateArn"].how) == (
        "verify-ca",
        "dms-certificate:rds-ca",
    )
    assert properties(found, "MigrationLegacySource")["SslMode"] == "none"
    assert found.resources["MigrationLegacyTarget"].after == ("SecretJoinsOrders",)


def test_a_migration_has_no_error():
    assert [one for one in all_errors(*worked(DATABASE)) if "Migration" in one] == []

"""RDS and Aurora: encrypted, TLS only, backed up, with a generated password, and a snapshot when they go."""

import json
from typing import Any

from bongsu.infra.build.addresses import database_secret, secret_name
from bongsu.infra.build.site import Site
from bongsu.infra.engines import Engine, engine_of, engines, version_asked
from bongsu.infra.graph import Ref, Sub, logical_id
from bongsu.infra.model.data import Database

MASTER = "keeper"  # a name that no engine reserves
PASSWORD_LENGTH = 40
GROWS_TO = 4  # times the storage it begins with: a full disk stops a database
INSIGHTS_DAYS = 7
SLOW_S = 2
GP3_FROM_GIB, GP3_IOPS = 400, 12_000  # what is included at that size
IO1_FROM_GIB, IO1_IOPS = 100, 1000  # the least that RDS takes
EXPORTS = {
    "postgres": ["postgresql", "upgrade"],
    "mysql": ["error", "slowquery"],
    "aurora-postgres": ["postgresql"],
    "aurora-mysql": ["error", "slowquery"],
}
GONE = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}  # RDS would make a snapshot


def build(site: Site) -> None:
    for name, block in site.architecture.databases.items():
        _Database(site, name, block).build()


def database(name: str) -> Ref:
    return Ref(logical_id("database", name))


class _Database:
    def __init__(self, site: Site, name: str, block: Database) -> None:
        self.site, self.name, self.block = site, name, block
        self.path = ("databases", name)
        self.part = site.plan.parts[name]
        self.engine = _engine(block)
        self.me = database(name)

    def build(self) -> None:
        self._secret()
        subnets = self._subnets()
        if self.block.aurora:
            self._cluster(subnets)
            self._members()
        elif self.block.standby == "cluster":
            self._cluster(subnets)
            self._readers({"SourceDBClusterIdentifier": self.me})
        else:
            self._instance(subnets)
            grows = {"MaxAllocatedStorage": self._grows_to()}
            self._readers({"SourceDBInstanceIdentifier": self.me, **grows})
        self._secret_whole()

    def add(self, id: str, type: str, values: dict[str, Any], **more: Any) -> Ref:  # noqa: A002
        return self.site.add("data", id, type, self.path, values, **more)

    # --- the password

    def _secret(self) -> None:
        generated = {
            "SecretStringTemplate": json.dumps({"username": MASTER}),
            "GenerateStringKey": "password",
            "PasswordLength": PASSWORD_LENGTH,
            "ExcludePunctuation": True,
        }
        values = {
            "Name": secret_name(self.site, self.name),
            "Description": f"{self.name} of {self.site.architecture.stem}",
            "GenerateSecretString": generated,
            "Tags": self.site.tags(self.name),
        }
        self.add(database_secret(self.name).id, "AWS::SecretsManager::Secret", values)

    def _secret_whole(self) -> None:
        """Host and port join the password once they are known."""
        cluster = self.block.aurora or self.block.standby == "cluster"
        values = {
            "SecretId": database_secret(self.name),
            "TargetId": self.me,
            "TargetType": f"AWS::RDS::{'DBCluster' if cluster else 'DBInstance'}",
        }
        id = logical_id("secret-joins", self.name)  # noqa: A001
        self.add(id, "AWS::SecretsManager::SecretTargetAttachment", values)

    def _password(self) -> Sub:
        text = "{{resolve:secretsmanager:${Secret}:SecretString:password}}"
        return Sub(text, {"Secret": database_secret(self.name)})

    # --- what machines and clusters have in common

    def _subnets(self) -> Ref:
        values = {
            "DBSubnetGroupDescription": self.site.name(self.name),
            "SubnetIds": self.site.part_subnets(self.part),
            "Tags": self.site.tags(self.name),
        }
        return self.add(logical_id("subnets-of", self.name), "AWS::RDS::DBSubnetGroup", values)

    def _common(self, subnets: Ref) -> dict[str, Any]:
        block = self.block
        return {
            "Engine": self.engine.aws_engine,
            "EngineVersion": version_asked(block, self.engine),
            "MasterUsername": MASTER,
            "MasterUserPassword": self._password(),
            "DBSubnetGroupName": subnets,
            "StorageEncrypted": True,
            "BackupRetentionPeriod": block.backup_days,
            "DeletionProtection": block.delete_protection,
            "EnableCloudwatchLogsExports": EXPORTS[block.engine],
            "Tags": self.site.tags(self.name),
        }

    def _parameters(self) -> dict[str, str]:
        """Whoever comes without TLS is turned away; queries that take long are in the log."""
        if self.block.engine.endswith("postgres"):
            return {
                "rds.force_ssl": "1",
                "log_min_duration_statement": str(SLOW_S * 1000),
            }
        return {
            "require_secure_transport": "ON" if self.block.aurora else "1",
            "slow_query_log": "1",
            "long_query_time": str(SLOW_S),
            "log_output": "FILE",
        }

    def _parameter_group(self, kind: str) -> Ref:
        values = {
            "Description": self.site.name(self.name),
            "Family": self.engine.family,
            "Parameters": self._parameters(),
            "Tags": self.site.tags(self.name),
        }
        return self.add(logical_id("parameters-of", self.name), f"AWS::RDS::{kind}", values)

    def _insights(self, switch: str = "EnablePerformanceInsights") -> dict[str, Any]:
        """`switch`: what the type calls it."""
        if not has_insights(self.block):
            return {switch: False}
        return {switch: True, "PerformanceInsightsRetentionPeriod": INSIGHTS_DAYS}

    # --- one machine, or one with a standby

    def _instance(self, subnets: Ref) -> None:
        block = self.block
        values = {
            **self._common(subnets),
            "DBName": schema_of(self.name),
            "DBInstanceClass": block.instance,
            "AllocatedStorage": str(block.storage_gib),
            "MaxAllocatedStorage": self._grows_to(),
            "StorageType": "gp3",
            "MultiAZ": block.standby == "instance",
            "VPCSecurityGroups": [self.site.group(self.name)],
            "DBParameterGroupName": self._parameter_group("DBParameterGroup"),
            "PubliclyAccessible": block.public,
            "CopyTagsToSnapshot": True,
            "AutoMinorVersionUpgrade": True,
            **self._insights(),
        }
        self.add(self.me.id, "AWS::RDS::DBInstance", values, keep="snapshot")

    def _grows_to(self) -> int:
        """Of the machine and of each copy by itself: one that could not would fill up and follow no longer."""
        return min(self.block.storage_gib * GROWS_TO, 65_536)

    def _readers(self, source: dict[str, Any]) -> None:
        """Copies that answer reads, one zone after the other; they hold nothing of their own."""
        for number in range(1, self.block.readers + 1):
            zone = self.part.zones[number % len(self.part.zones)]
            values = {
                **source,
                "DBInstanceClass": self.block.instance,
                "AvailabilityZone": self.site.zone(zone),
                "StorageType": "gp3",
                "VPCSecurityGroups": [self.site.group(self.name)],
                "PubliclyAccessible": self.block.public,
                "CopyTagsToSnapshot": True,
                "AutoMinorVersionUpgrade": True,
                **self._insights(),
                "Tags": self.site.tags(self.name, "reader", str(number)),
            }
            id = logical_id("reader", str(number), "of", self.name)  # noqa: A001
            self.add(id, "AWS::RDS::DBInstance", values, **GONE)

    # --- clusters

    def _cluster(self, subnets: Ref) -> None:
        values = {
            **self._common(subnets),
            "DatabaseName": schema_of(self.name),
            "VpcSecurityGroupIds": [self.site.group(self.name)],
            "DBClusterParameterGroupName": self._parameter_group("DBClusterParameterGroup"),
            "CopyTagsToSnapshot": True,
            **({} if self.block.aurora else self._three_machines()),
        }
        self.add(self.me.id, "AWS::RDS::DBCluster", values, keep="snapshot")

    def _three_machines(self) -> dict[str, Any]:
        """RDS's own cluster: one that writes and two that can be read, without resources of their own."""
        return {
            "DBClusterInstanceClass": self.block.instance,
            **_provisioned(self.block.storage_gib),
            "AutoMinorVersionUpgrade": True,
            "PubliclyAccessible": self.block.public,
            **self._insights("PerformanceInsightsEnabled"),
        }

    def _members(self) -> None:
        """Of Aurora: all share one storage, and any may become the one that writes; they keep nothing."""
        for number in range(self.part.copies):
            word = f"reader-{number}" if number else "writer"
            values = {
                "Engine": self.engine.aws_engine,
                "DBClusterIdentifier": self.me,
                "DBInstanceClass": self.block.instance,
                "PubliclyAccessible": self.block.public,
                "PromotionTier": min(number, 15),
                "AutoMinorVersionUpgrade": True,
                **self._insights(),
                "Tags": self.site.tags(self.name, word),
            }
            words = ("reader", str(number), "of") if number else ("writer", "of")
            id = logical_id(*words, self.name)  # noqa: A001
            self.add(id, "AWS::RDS::DBInstance", values, **GONE)


def _provisioned(storage_gib: int) -> dict[str, Any]:
    """Such a cluster must say how many operations it buys, and `gp3` takes a number from 400 GiB on only."""
    if storage_gib >= GP3_FROM_GIB:
        return {"AllocatedStorage": storage_gib, "StorageType": "gp3", "Iops": GP3_IOPS}
    least = max(storage_gib, IO1_FROM_GIB)
    return {"AllocatedStorage": least, "StorageType": "io1", "Iops": IO1_IOPS}


def schema_of(name: str) -> str:
    """The first database inside the engine."""
    return name.replace("-", "_")


def has_insights(block: Database) -> bool:
    """MySQL's family has none on the small bursting machines."""
    return block.engine.endswith("postgres") or not block.instance.startswith("db.t")


def _engine(block: Database) -> Engine:
    """The reader of files has refused versions that are not known."""
    found = engine_of(block.engine, block.version)
    return found or next(one for one in engines() if one.engine == block.engine and one.preferred)

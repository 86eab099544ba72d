"""DMS: a machine in the private tier that copies an older database, and then every change until the move."""

import json
from typing import Any

from bongsu.document import Path
from bongsu.infra.build.policies import allow, inline, taken_by
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Given, Ref, Sub, logical_id
from bongsu.infra.model.data import Migration

# Our engine → DMS's, and the block of settings that holds the secret.
SOURCES = {
    "mysql": ("mysql", "MySqlSettings"),
    "postgres": ("postgres", "PostgreSqlSettings"),
    "oracle": ("oracle", "OracleSettings"),
    "sqlserver": ("sqlserver", "MicrosoftSqlServerSettings"),
}
TARGETS = {
    "mysql": ("mysql", "MySqlSettings"),
    "postgres": ("postgres", "PostgreSqlSettings"),
    "aurora-mysql": ("aurora", "MySqlSettings"),
    "aurora-postgres": ("aurora-postgresql", "PostgreSqlSettings"),
}
# Schemas of the engine's own that are not copied. A database of MySQL's family is a schema itself.
OWN_SCHEMAS = {"postgres": ("pg_%", "information_schema"), "oracle": ("SYS%",), "sqlserver": ()}


# The authority of RDS, which DMS must be given once in each region. Its name in DMS.
AUTHORITY = "rds-ca"
# What an account must have once, under these names, and AWS's policy for each.
ACCOUNT_ROLES = {
    "dms-vpc-role": "AmazonDMSVPCManagementRole",
    "dms-cloudwatch-logs-role": "AmazonDMSCloudWatchLogsRole",
}


def build(site: Site) -> None:
    for name, migration in site.architecture.migrations.items():
        _Migration(site, name, migration).build()


def secret_of(site: Site, database: str) -> Ref | Att:
    """Of a database of ours: the secret that its builder made, else the one that RDS keeps for it."""
    here = ("databases", database)
    mine = [one for one in site.graph.resources.values() if one.path[:2] == here]
    for one in mine:
        if one.type == "AWS::SecretsManager::Secret":
            return Ref(one.id)
    kinds = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")
    found = next(one for kind in kinds for one in mine if one.type == kind)
    return Att(found.id, "MasterUserSecret.SecretArn")


class _Migration:
    def __init__(self, site: Site, name: str, block: Migration) -> None:
        self.site, self.name, self.block = site, name, block
        self.path: Path = ("migrations", name)
        self.part = site.plan.parts[name]

    def build(self) -> None:
        instance = self._instance(self._subnets())
        self._task(instance, self._source(), self._target())

    def add(self, word: str, type: str, values: dict[str, Any], **more: Any) -> Ref:  # noqa: A002
        id = logical_id("migration", self.name, word)  # noqa: A001
        given = {**values, "Tags": self.site.tags(self.name, word)}
        return self.site.add("data", id, type, self.path, given, **more)

    def _subnets(self) -> Ref:
        """DMS makes its interfaces by the account's role `dms-vpc-role`, which the deployment looks for."""
        values = {
            "ReplicationSubnetGroupDescription": self.site.name(self.name),
            "SubnetIds": self.site.subnets(str(self.part.network), "data"),
        }
        return self.add("subnets", "AWS::DMS::ReplicationSubnetGroup", values)

    def _instance(self, subnets: Ref) -> Ref:
        values = {
            "ReplicationInstanceClass": self.block.instance,
            "AllocatedStorage": self.block.storage_gib,
            "MultiAZ": False,
            "PubliclyAccessible": False,
            "AutoMinorVersionUpgrade": True,
            "ReplicationSubnetGroupIdentifier": subnets,
            "VpcSecurityGroupIds": [self.site.group(self.name)],
        }
        return self.add("machine", "AWS::DMS::ReplicationInstance", values)

    def _source(self) -> Ref:
        """Its secret holds host and port as well: DMS takes either all of them from there or none."""
        secret = Sub(
            "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"
            f"{self.block.source_secret}"
        )
        any_suffix = Sub(f"{secret.text}-??????")
        role = self._role("source", [secret, any_suffix])
        engine, settings = SOURCES[self.block.source_engine]
        values = self._endpoint("source", engine, self.block.source_database)
        values[settings] = {
            "SecretsManagerSecretId": self.block.source_secret,
            "SecretsManagerAccessRoleArn": role,
        }
        return self.add("source", "AWS::DMS::Endpoint", values)

    def _target(self) -> Ref:
        database = self.site.architecture.databases[self.block.target]
        secret = secret_of(self.site, self.block.target)
        engine, settings = TARGETS[database.engine]
        values = self._endpoint("target", engine, self.block.source_database)
        if (
            values["SslMode"] == "none"
        ):  # ours take nothing but TLS, and DMS no TLS without an authority
            known = Given("AuthorityOfRds", f"dms-certificate:{AUTHORITY}")
            values |= {"SslMode": "verify-ca", "CertificateArn": known}
        values[settings] = {
            "SecretsManagerSecretId": secret,
            "SecretsManagerAccessRoleArn": self._role("target", [secret]),
        }
        whole = (logical_id("secret-joins", self.block.target),)  # host and port are in it then
        return self.add("target", "AWS::DMS::Endpoint", values, after=whole)

    def _endpoint(self, side: str, engine: str, database: str) -> dict[str, Any]:
        """Names of databases belong to engines that have several; MySQL's are told by the tables' mapping."""
        values: dict[str, Any] = {"EndpointType": side, "EngineName": engine, "SslMode": "require"}
        if engine in ("mysql", "aurora", "oracle"):
            values["SslMode"] = "none"
        if engine not in ("mysql", "aurora"):
            values["DatabaseName"] = database
        return values

    def _role(self, side: str, secrets: list[Any]) -> Att:
        """DMS in this region reads this one secret and nothing else."""
        who = Sub("dms.${AWS::Region}.${AWS::URLSuffix}")
        actions = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
        values = {
            "AssumeRolePolicyDocument": taken_by(who),
            "Policies": inline({"read-secret": [allow(actions, secrets)]}),
        }
        return Att(self.add(f"{side}-role", "AWS::IAM::Role", values).id, "Arn")

    def _task(self, instance: Ref, source: Ref, target: Ref) -> None:
        """It is started by a person: a copy into a database that is in use is nothing for a deployment."""
        values = {
            "MigrationType": "full-load-and-cdc" if self.block.live else "full-load",
            "ReplicationInstanceArn": instance,
            "SourceEndpointArn": source,
            "TargetEndpointArn": target,
            "TableMappings": json.dumps(self._mapping()),
            "ReplicationTaskSettings": json.dumps({"Logging": {"EnableLogging": True}}),
        }
        self.add("task", "AWS::DMS::ReplicationTask", values)

    def _mapping(self) -> dict[str, Any]:
        """Everything of the database that is named, without the engine's own schemas."""
        engine = self.block.source_engine
        every = self.block.source_database if engine == "mysql" else "%"
        rules = [_rule(1, "include", every)]
        own = enumerate(OWN_SCHEMAS.get(engine, ()), 2)
        return {"rules": rules + [_rule(index, "exclude", schema) for index, schema in own]}


def _rule(index: int, action: str, schema: str) -> dict[str, Any]:
    return {
        "rule-type": "selection",
        "rule-id": str(index),
        "rule-name": f"{action}-{index}",
        "object-locator": {"schema-name": schema, "table-name": "%"},
        "rule-action": action,
    }

"""Kubernetes: each control plane, its key and log, who may use it; then nodes and add-ons in their order."""

from typing import Any

from bongsu.infra.build.cluster_addons import add_ons_after, add_ons_before
from bongsu.infra.build.cluster_controllers import controllers
from bongsu.infra.build.cluster_nodes import node_groups
from bongsu.infra.build.cluster_roles import aws_policy, cluster
from bongsu.infra.build.policies import allow, document, inline, taken_by
from bongsu.infra.build.services import LOG_DAYS
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub, logical_id
from bongsu.infra.model.clusters import Cluster, Entry
from bongsu.infra.plan.cidr import is_private

POLICIES = {
    "view": "AmazonEKSViewPolicy",
    "edit": "AmazonEKSEditPolicy",
    "admin": "AmazonEKSAdminPolicy",
    "cluster-admin": "AmazonEKSClusterAdminPolicy",
}
KEY_USE = ("kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey")


def build(site: Site) -> None:
    """Nodes come after the add-ons that give them a network; add-ons with pods of their own come after nodes."""
    for name, block in site.architecture.clusters.items():
        _Cluster(site, name, block).build()
        groups = node_groups(site, name, block, add_ons_before(site, name, block))
        add_ons_after(site, name, block, groups)
        controllers(site, name, block)


class _Cluster:
    def __init__(self, site: Site, name: str, block: Cluster) -> None:
        self.site, self.name, self.block = site, name, block
        self.path = ("clusters", name)
        self.part = site.plan.parts[name]

    def build(self) -> None:
        key = self._key() if self.block.encrypt_secrets else None
        log = self._log() if self.block.logs else None
        self._control_plane(self._role(key), key, log)
        for name, entry in self.block.access.items():
            self._entry(name, entry)

    def add(self, word: str, type: str, values: dict[str, Any], **more: Any) -> Ref:  # noqa: A002
        id = logical_id(word, self.name)  # noqa: A001
        return self.site.add("app", id, type, self.path, values, **more)

    def _key(self) -> Ref:
        """Without it nobody can read the secrets in the cluster again: it stays when the cluster goes."""
        owner = {
            "Effect": "Allow",
            "Principal": {"AWS": Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
            "Action": "kms:*",
            "Resource": "*",
        }
        values = {
            "Description": f"Secrets in {self.site.name(self.name)}",
            "EnableKeyRotation": True,
            "KeyPolicy": document(owner),
            "Tags": self.site.tags(self.name),
        }
        id = logical_id("key-of", self.name)  # noqa: A001
        return self.site.add("data", id, "AWS::KMS::Key", self.path, values, keep="retain")

    def _log(self) -> Ref:
        """The name is EKS's; made beforehand, so that it does not keep everything for ever."""
        values = {
            "LogGroupName": f"/aws/eks/{self.site.name(self.name)}/cluster",
            "RetentionInDays": LOG_DAYS[self.site.architecture.production],
            "Tags": self.site.tags(self.name),
        }
        return self.add("log-group", "AWS::Logs::LogGroup", values)

    def _role(self, key: Ref | None) -> Ref:
        use = [allow(KEY_USE, [Att(key.id, "Arn")])] if key else []
        values = {
            "AssumeRolePolicyDocument": taken_by("eks.amazonaws.com"),
            "ManagedPolicyArns": [aws_policy("AmazonEKSClusterPolicy")],
            "Policies": inline({"key": use}),
            "Tags": self.site.tags(self.name),
        }
        return self.add("cluster-role", "AWS::IAM::Role", values)

    def _control_plane(self, role: Ref, key: Ref | None, log: Ref | None) -> None:
        block, protected = self.block, self.block.delete_protection
        encrypted = (
            {"Provider": {"KeyArn": Att(key.id, "Arn")}, "Resources": ["secrets"]} if key else None
        )
        values = {
            "Name": self.site.name(self.name),
            "Version": block.version,
            "RoleArn": Att(role.id, "Arn"),
            "ResourcesVpcConfig": self._network(),
            "AccessConfig": {
                "AuthenticationMode": "API",
                "BootstrapClusterCreatorAdminPermissions": False,
            },
            "BootstrapSelfManagedAddons": False,
            "EncryptionConfig": [encrypted] if encrypted else None,
            "Logging": self._logging() if block.logs else None,
            "UpgradePolicy": {"SupportType": "STANDARD"},
            "DeletionProtection": self.site.architecture.production
            if protected is None
            else protected,
            "Tags": self.site.tags(self.name),
        }
        after = [log.id] if log else []
        self.add("cluster", "AWS::EKS::Cluster", values, after=after)

    def _network(self) -> dict[str, Any]:
        endpoint = self.block.endpoint
        outside = [str(cidr) for cidr in endpoint.allow if not is_private(cidr)]
        return {
            "SubnetIds": self.site.part_subnets(self.part),
            "SecurityGroupIds": [self.site.group(self.name)],
            "EndpointPrivateAccess": True,
            "EndpointPublicAccess": endpoint.public,
        } | ({"PublicAccessCidrs": outside} if endpoint.public and outside else {})

    def _logging(self) -> dict[str, Any]:
        return {"ClusterLogging": {"EnabledTypes": [{"Type": kind} for kind in self.block.logs]}}

    def _entry(self, name: str, entry: Entry) -> None:
        scope: dict[str, Any] = {"Type": "cluster"}
        if entry.namespaces:
            scope = {"Type": "namespace", "Namespaces": list(entry.namespaces)}
        arn = f"arn:${{AWS::Partition}}:eks::aws:cluster-access-policy/{POLICIES[entry.may]}"
        values = {
            "ClusterName": cluster(self.name),
            "PrincipalArn": entry.role,
            "AccessPolicies": [{"PolicyArn": Sub(arn), "AccessScope": scope}],
            "Tags": self.site.tags(self.name, name),
        }
        id = logical_id("entry", self.name, name)  # noqa: A001
        path = (*self.path, "access", name)
        self.site.add("app", id, "AWS::EKS::AccessEntry", path, values)

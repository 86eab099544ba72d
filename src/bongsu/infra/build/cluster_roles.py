"""Roles that pods take on by EKS Pod Identity: each for one service account of one namespace of one cluster."""

from collections.abc import Mapping, Sequence

from bongsu.document import Path
from bongsu.infra.build.policies import Statement, document, inline
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub, logical_id

PODS = "pods.eks.amazonaws.com"
SYSTEM = "kube-system"


def cluster(name: str) -> Ref:
    """Its name."""
    return Ref(logical_id("cluster", name))


def aws_policy(name: str) -> Sub:
    """One that AWS keeps."""
    return Sub(f"arn:${{AWS::Partition}}:iam::aws:policy/{name}")


def account_role(
    site: Site,
    id: str,  # noqa: A002
    path: Path,
    account: tuple[str, str],
    policies: Mapping[str, Sequence[Statement]],
    tags: str,
    managed: Sequence[str] = (),
) -> Ref:
    """`account`: namespace and service account; the agent says both when it asks for the role."""
    namespace, name = account
    said = {
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": name,
    }
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": PODS},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {"StringEquals": said},
    }
    values = {
        "AssumeRolePolicyDocument": document(trust),
        "ManagedPolicyArns": [aws_policy(one) for one in managed] or None,
        "Policies": inline(policies),
        "Tags": site.tags(tags),
    }
    return site.add("app", id, "AWS::IAM::Role", path, values)


def associated(
    site: Site,
    id: str,  # noqa: A002
    path: Path,
    to: str,
    account: tuple[str, str],
    role: Ref,
) -> Ref:
    """Pods of the cluster `to` that run under this account get the role."""
    namespace, name = account
    values = {
        "ClusterName": cluster(to),
        "Namespace": namespace,
        "ServiceAccount": name,
        "RoleArn": Att(role.id, "Arn"),
        "Tags": site.tags(to, name),
    }
    return site.add("app", id, "AWS::EKS::PodIdentityAssociation", path, values)

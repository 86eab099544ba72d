"""Mistakes with Kubernetes, in the shape of `mutations`: a service that runs as pods of a right cluster."""

from typing import Any

Row = tuple[str, str, dict[str, Any]]

ADMINS = "arn:aws:iam::123456789012:role/admins"
ADDONS = {
    "vpc-cni": "v1.23.2-eksbuild.1",
    "kube-proxy": "v1.36.0-eksbuild.45",
    "eks-pod-identity-agent": "v1.4.0-eksbuild.3",
    "coredns": "v1.14.7-eksbuild.11",
    "metrics-server": "v0.9.0-eksbuild.11",
    "aws-secrets-store-csi-driver-provider": "v2.1.1-eksbuild.1",
    "amazon-cloudwatch-observability": "v6.7.0-eksbuild.1",
}
NODES = {"instance": "m7g.large", "scale": {"min": 2, "max": 4}}
CLUSTER: dict[str, Any] = {
    "version": "1.36",
    "nodes": {"general": NODES},
    "addons": ADDONS,
    "access": {"people": {"role": ADMINS, "may": "cluster-admin"}},
}
APPS = "clusters.apps"
GENERAL = f"{APPS}.nodes.general"
# What makes a right architecture of `SMALL` with a cluster.
PODS: dict[str, Any] = {
    APPS: CLUSTER,
    "services.web.runs_on": "apps",
    "networks.main.growth": {"clusters": 2},
}
PLAIN = {f"{APPS}.pods": {"prefixes": False}}
PRIVATE = PODS | {"networks.main.nat": "none"}
ALL = [
    "autoscaling", "ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "logs", "s3", "ssm",
    "sts",
]  # fmt: skip
CLUSTERS: list[Row] = [
    ("NET002", "error", PODS | {"networks.main.prefixes": {"app": 24}}),
    ("NET002", "error", PODS | {"networks.main.prefixes": {"control": 28}, "clusters.second": CLUSTER}),
    ("NET005", "warning", PODS | {"networks.main.growth": {"clusters": 1}}),
    ("NET007", "error", PRIVATE | {"networks.main.endpoints": [one for one in ALL if one != "eks-auth"]}),
    ("NET008", "error", PRIVATE | {"networks.main.endpoints": [one for one in ALL if one != "s3"],
                                   "services.web.uses": {"orders": "connect"},
                                   "services.web.environment.PICTURES": None, "buckets.pictures": {}}),
    ("NET011", "warning", PRIVATE | {"networks.main.endpoint_subnets": False}),
    ("NET012", "error", PRIVATE | {"services.web.image": {"uri": "ghcr.io/shop/web:1.4.2"}}),
    ("CAP004", "error", PODS | PLAIN | {f"{GENERAL}.pods_per_node": 30}),
    ("CAP004", "error", PODS | PLAIN | {"services.web.scale": {"min": 2, "max": 200}}),
    ("CAP008", "error", PODS | {"services.web.cpu": 4096}),
    ("CAP008", "error", PODS | {"services.web.architecture": "x86"}),
    ("DB005", "error", PODS | {"databases.orders.ingress": [{"cidr": "0.0.0.0/0", "ports": "5432"}]}),
    ("EKS001", "error", PODS | {f"{APPS}.endpoint": {"public": True}}),
    ("EKS001", "error", PODS | {f"{APPS}.endpoint": {"public": True, "allow": ["0.0.0.0/0"]}}),
    ("EKS002", "error", PODS | {f"{APPS}.access": {"people": {"role": ADMINS, "may": "view"}}}),
    ("EKS003", "warning", PODS | {f"{APPS}.addons": {"vpc-cni": "v1.23.2-eksbuild.1"}}),
    ("EKS004", "error", PODS | {f"{APPS}.encrypt_secrets": False}),
    ("EKS005", "warning", PODS | {f"{APPS}.logs": ["api"]}),
    ("EKS006", "warning", PODS | {f"{GENERAL}.spot": True}),
    ("EKS007", "warning", PODS | {f"{GENERAL}.scale.min": 1}),
    ("SG002", "warning", PODS | {"services.web.ingress": [{"source": "front", "ports": "3000-3100"}]}),
    ("IAM001", "error", PODS | {"services.web.grants": {}}),
]  # fmt: skip

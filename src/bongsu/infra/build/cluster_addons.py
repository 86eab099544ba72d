"""Add-ons that EKS keeps: the network first, then, on nodes, names, metrics, secrets and logs."""

import json
from collections.abc import Sequence
from typing import Any

from bongsu.infra.build.cluster_roles import SYSTEM, account_role, cluster
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub, logical_id
from bongsu.infra.model.clusters import BEFORE_NODES, ON_NODES, Cluster
from bongsu.infra.plan.pods import nodes_name

# Add-on → namespace, service account, the policy of AWS that its documentation names.
ROLES = {
    "vpc-cni": (SYSTEM, "aws-node", "AmazonEKS_CNI_Policy"),
    "amazon-cloudwatch-observability": (
        "amazon-cloudwatch",
        "cloudwatch-agent",
        "CloudWatchAgentServerPolicy",
    ),
}
ZONE_LABEL = "topology.kubernetes.io/zone"


def add_ons_before(site: Site, name: str, block: Cluster) -> tuple[str, ...]:
    return tuple(_add_on(site, name, block, addon, ()).id for addon in BEFORE_NODES)


def add_ons_after(site: Site, name: str, block: Cluster, nodes: Sequence[str]) -> None:
    for addon in ON_NODES:
        _add_on(site, name, block, addon, nodes)


def _add_on(site: Site, name: str, block: Cluster, addon: str, after: Sequence[str]) -> Ref:
    role = _role(site, name, addon)
    values = {
        "ClusterName": cluster(name),
        "AddonName": addon,
        "AddonVersion": block.addons.get(addon),
        "ConfigurationValues": _configuration(site, name, block, addon),
        "PodIdentityAssociations": [role] if role else None,
        "ResolveConflicts": "OVERWRITE",
        "Tags": site.tags(name, addon),
    }
    path = ("clusters", name, "addons")
    id = logical_id("addon", name, addon)  # noqa: A001
    return site.add("app", id, "AWS::EKS::Addon", path, values, after=after)


def _role(site: Site, name: str, addon: str) -> dict[str, Any] | None:
    if addon not in ROLES:
        return None
    namespace, account, policy = ROLES[addon]
    id = logical_id("addon-role", name, addon)  # noqa: A001
    path = ("clusters", name, "addons")
    made = account_role(site, id, path, (namespace, account), {}, f"{name}-{addon}", (policy,))
    return {"ServiceAccount": account, "RoleArn": Att(made.id, "Arn")}


def _configuration(site: Site, name: str, block: Cluster, addon: str) -> Sub | str | None:
    match addon:
        case "vpc-cni":
            return _network(site, name, block)
        case "aws-secrets-store-csi-driver-provider":
            return _text({"secrets-store-csi-driver": {"syncSecret": {"enabled": True}}})
    return None


def _network(site: Site, name: str, block: Cluster) -> Sub | str:
    """Network policies are kept by the plug-in itself; it must be told so."""
    told: dict[str, str] = {}
    if block.pods.prefixes:
        told |= {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}
    values: dict[str, Any] = {"enableNetworkPolicy": "true", "env": told}
    if block.pods.cidr is None:
        return _text(values)
    told |= {"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", "ENI_CONFIG_LABEL_DEF": ZONE_LABEL}
    subnets, places = _pod_subnets(site, name, block)
    made = {"create": True, "region": site.architecture.region, "subnets": subnets}
    return Sub(_text(values | {"eniConfig": made}), places)


def _pod_subnets(
    site: Site, name: str, block: Cluster
) -> tuple[dict[str, Any], dict[str, Ref | Att | Any]]:
    """By zone: the subnet, and the groups that pods wear there: those of the nodes."""
    groups = {"ClusterGroup": Att(cluster(name).id, "ClusterSecurityGroupId")}
    for group in block.nodes:
        part = nodes_name(name, group)
        groups[logical_id("group", part)] = site.group(part)
    network = str(site.plan.parts[name].network)
    found, places = {}, dict[str, Ref | Att | Any](groups)
    for subnet in site.plan.networks[network].tier("pods"):
        id = logical_id("subnet", subnet.name)  # noqa: A001
        places[id] = Ref(id)
        worn = [f"${{{one}}}" for one in groups]
        found[site.zone(subnet.zone)] = {"id": f"${{{id}}}", "securityGroups": worn}
    return found, places


def _text(values: dict[str, Any]) -> str:
    return json.dumps(values, sort_keys=True)

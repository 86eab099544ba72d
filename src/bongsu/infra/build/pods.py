"""Services on Kubernetes, as far as AWS makes them: a role for each, and the addresses that its manifest names."""

from bongsu.infra.build.addresses import filled
from bongsu.infra.build.cluster_roles import account_role, associated
from bongsu.infra.build.policies import SSM, Statement, allow, granted, may_read_secrets
from bongsu.infra.build.site import Site
from bongsu.infra.graph import logical_id
from bongsu.infra.model.compute import Service
from bongsu.infra.places import places_in
from bongsu.infra.plan.pods import pod_services


def build(site: Site) -> None:
    for name in pod_services(site.architecture):
        _pod(site, name, site.architecture.services[name])


def parameter(site: Site, service: str, variable: str) -> str:
    """Where the Parameter Store keeps a variable whose text AWS alone knows."""
    return f"/{site.architecture.stem}/pods/{service}/{variable}"


def addressed(block: Service) -> tuple[str, ...]:
    """Variables that name another part: its address is not known when the manifest is written."""
    return tuple(name for name, text in block.environment.items() if places_in(text))


def _pod(site: Site, name: str, block: Service) -> None:
    path = ("services", name)
    for variable in addressed(block):
        values = {
            "Name": parameter(site, name, variable),
            "Type": "String",
            "Value": filled(site, block.environment[variable]),
            "Description": f"{name}: {variable}",
        }
        id = logical_id("address-for", name, variable.replace("_", "-").lower())  # noqa: A001
        where = (*path, "environment", variable)
        site.add("app", id, "AWS::SSM::Parameter", where, values)
    account = (site.architecture.name, name)
    policies = {"use": granted(site, name), "read": _reads(site, name, block)}
    role = account_role(site, logical_id("pod-role", name), path, account, policies, name)
    associated(site, logical_id("pod", name), path, str(block.runs_on), account, role)


def _reads(site: Site, name: str, block: Service) -> list[Statement]:
    """Secrets are looked up by the pod's own role, and so are addresses."""
    found = may_read_secrets(site, list(block.secrets.values()), "ssm:GetParameters")
    for one in found:
        if one["Action"] == ["secretsmanager:GetSecretValue"]:
            one["Action"].append("secretsmanager:DescribeSecret")
    if addressed(block):
        arn = site.account_arn(f"{SSM}parameter{parameter(site, name, '*')}")
        found.append(allow(["ssm:GetParameters"], [arn]))
    return found

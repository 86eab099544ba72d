"""Roles that a service of AWS makes for itself, a moment too late for what asked for it."""

from bongsu.infra.deploy.aws import Clients, asking
from bongsu.infra.deploy.state import Timing
from bongsu.infra.render.cfn import Template
from bongsu.kit.errors import Invalid

CLUSTER, ECS = "AWS::ECS::Cluster", "ecs.amazonaws.com"
LOOKS = 2  # as long as it takes until the rest of AWS knows a new role


def make_service_role(template: Template, clients: Clients, timing: Timing) -> bool:
    """True: made just now. Where the role is there, or we may not make it, nothing is lost.

    With an account's first cluster ECS makes its role itself, cannot take it yet, and the whole stack goes back.
    """
    if not any(one["Type"] == CLUSTER for one in template.body["Resources"].values()):
        return False
    try:
        with asking(ECS):
            clients("iam", template.region).create_service_linked_role(AWSServiceName=ECS)
    except Invalid:
        return False
    timing.sleep(LOOKS * timing.wait_s)
    return True

"""Lines of Kubernetes: the control plane by the hour, nodes as machines, the key of its secrets. Pure."""

from bongsu.infra.cost.line import HOURS, Bill
from bongsu.infra.cost.traffic import Month
from bongsu.infra.plan.model import Plan


def cluster_lines(bill: Bill, plan: Plan, month: Month) -> None:
    """Pods are paid for with their nodes: as many as `min` in quiet and usual months, as `max` in a busy one.

    Spot nodes are counted at the full price: theirs changes by the hour.
    """
    for part in plan.of_section("clusters"):
        here = (part.name, part.path)
        bill.add(*here, "eks", "cluster", HOURS)
        bill.add(*here, "kms", "key", 1 if part.block.encrypt_secrets else 0)
    for part in plan.of_section("nodes"):
        here = (part.name, part.path)
        count = part.most if month.level == "high" else part.copies
        bill.add(*here, "ec2", part.block.instance, HOURS * count, stops=True)
        bill.add(*here, "ebs", "gp3", part.block.disk_gib * count, stops=True)

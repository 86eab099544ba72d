"""How the machines of a group are replaced: in turn, and the next one only when the last one serves."""

from typing import Any

SETTLED_PERCENT = 100  # of the machines that stand while they are replaced, where there is a spare


def in_turn(least: int, spare: int, warm_s: int) -> dict[str, Any]:
    """An update policy: new machines beside the old ones, as many as the spare; without one the old go first.

    A machine that does not become healthy stops it, and the stack goes back.
    """
    least = least or 1
    more = -(-100 * spare // least)
    preferences = {
        "InstanceWarmup": warm_s,
        "MinHealthyPercentage": SETTLED_PERCENT if more else max(100 - -(-100 // least), 0),
        "MaxHealthyPercentage": min(100 + more, 200),
        "ScaleInProtectedInstances": "Refresh",
    }
    return {"AutoScalingInstanceRefresh": {"Strategy": "Rolling", "Preferences": preferences}}

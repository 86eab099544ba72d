"""The wall in one sentence: pure. Whole sentences, so that Korean may order them its own way."""

from collections.abc import Mapping, Sequence

from bongsu.kit.i18n import Said, say, say_n
from bongsu.watch.model import State


def headline(names: Mapping[State, Sequence[str]]) -> Said:
    """What is broken, by name when it is one. `names`: titles of services that are not paused, by state."""
    down, degraded, unknown = names["down"], names["degraded"], names["unknown"]
    if down:
        return _down(down, degraded)
    if degraded:
        return _only(degraded, "{name} is degraded", "{n} services are degraded")
    if unknown:
        return _only(unknown, "{name} cannot be seen", "{n} services cannot be seen")
    return say("All is well") if names["up"] else say("Nothing was looked at yet")


def _only(names: Sequence[str], one: str, other: str) -> Said:
    return say_n(one, other, len(names), **({"name": names[0]} if len(names) == 1 else {}))


def _down(down: Sequence[str], degraded: Sequence[str]) -> Said:
    if not degraded:
        return _only(down, "{name} is down", "{n} services are down")
    one_slow, one_down = len(degraded) == 1, len(down) == 1
    if one_down and one_slow:
        return say("{name} is down; {other} is degraded", name=down[0], other=degraded[0])
    if one_down:
        return say("{name} is down; {m} services are degraded", name=down[0], m=len(degraded))
    if one_slow:
        return say("{n} services are down; {other} is degraded", n=len(down), other=degraded[0])
    return say("{n} services are down; {m} are degraded", n=len(down), m=len(degraded))

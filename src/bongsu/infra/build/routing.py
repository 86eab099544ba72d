"""Which requests go where: target groups by workload, and rules whose order does not hang on the file's. Pure."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from bongsu.infra.build.site import Site
from bongsu.infra.graph import Ref, logical_id
from bongsu.infra.model.compute import Service, Workload
from bongsu.infra.model.traffic import Health, Route
from bongsu.infra.plan.pods import pod_services

CONDITION_VALUES = 5  # at most in one rule of AWS's
# Priorities go from 1 to 50,000: six bands, the most exact first; in bands with paths the longer path first.
BAND, LENGTHS = 8000, 40
SLOTS = BAND // LENGTHS
HEALTH_TIMEOUT_S = 5
STICKY_S = "86400"


@dataclass(frozen=True, slots=True)
class Group:
    """A target group: one workload as one load balancer sees it."""

    id: str
    workload: str
    port: int
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Match:
    """One rule before it has its place: requests for these hosts and paths go to a group."""

    group: str
    hosts: tuple[str, ...]
    paths: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join((",".join(self.hosts) or "*", ",".join(self.paths) or "*"))

    @property
    def everything(self) -> bool:
        return not self.hosts and not self.paths


@dataclass(frozen=True, slots=True)
class Placed:
    words: tuple[str, ...]
    priority: int
    conditions: list[dict[str, Any]]
    group: Ref


@dataclass(frozen=True, slots=True)
class Routing:
    """`rest`: where requests go that no rule takes; None: they are answered 404."""

    groups: tuple[Group, ...]
    rules: tuple[Placed, ...]
    rest: Ref | None


def routing_of(site: Site, balancer: str) -> Routing:
    """Of an application load balancer; one for the network sends everything to its only group."""
    block = site.architecture.load_balancers[balancer]
    found = list(_groups(site, balancer))
    groups = tuple({group.id: group for group, _ in found}.values())
    if block.kind == "network":
        return Routing(groups, (), Ref(groups[0].id) if groups else None)
    each = (match for group, route in found for match in _matches(group.id, route))
    matches = list(dict.fromkeys(each))
    rest = [match for match in matches if match.everything]
    rules = tuple(_placed([match for match in matches if not match.everything]))
    return Routing(groups, rules, Ref(rest[0].group) if rest else None)


def groups_of(site: Site, workload: str) -> tuple[tuple[str, Group], ...]:
    """Load balancer and group, for every group that a workload is in."""
    return tuple(
        (balancer, group)
        for balancer in site.architecture.load_balancers
        for group in routing_of(site, balancer).groups
        if group.workload == workload
    )


def default_actions(routing: Routing) -> list[dict[str, Any]]:
    """A network load balancer without a group, which could only forward, is refused before."""
    if routing.rest:
        return [{"Type": "forward", "TargetGroupArn": routing.rest}]
    answer = {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "Not found"}
    return [{"Type": "fixed-response", "FixedResponseConfig": answer}]


# --- target groups


def _groups(site: Site, balancer: str) -> Iterator[tuple[Group, Route]]:
    """Routes of one workload share a group unless they ask for different ones."""
    scheme = "public" if site.architecture.load_balancers[balancer].public else "internal"
    for _, name, block in site.architecture.workloads():
        wanted = list(dict.fromkeys(_kind(one) for one in block.routes if one.via == balancer))
        for route in block.routes:
            if route.via == balancer and block.port:
                number = wanted.index(_kind(route))
                words = (name, "via", balancer, scheme, str(number + 1) if number else "")
                yield _group(site, logical_id("targets", *words), name, block, route), route


def _kind(route: Route) -> tuple[Any, ...]:
    return route.target_port, route.deregistration_s, route.sticky


def _group(site: Site, id: str, name: str, block: Workload, route: Route) -> Group:  # noqa: A002
    """Its scheme is in its id: a group belongs to one load balancer for life, and a flip makes a new one."""
    application = site.architecture.load_balancers[route.via].kind == "application"
    port = route.target_port or int(block.port or 0)
    values = {
        **_name(site, id, name, port, application),
        "VpcId": site.vpc(str(site.plan.parts[name].network)),
        "Protocol": "HTTP" if application else "TCP",
        "Port": port,
        "TargetType": "ip" if isinstance(block, Service) else "instance",
        **_health(block.health, application),
        "TargetGroupAttributes": _attributes(route, application),
        "Tags": site.tags(name, route.via),
    }
    return Group(id, name, port, values)


def _name(site: Site, id: str, name: str, port: int, application: bool) -> dict[str, str]:  # noqa: A002
    """Fixed where pods join it by name. What only a new group can have is in it: the old one stands beside it."""
    if name not in pod_services(site.architecture):
        return {}
    kind = f"{site.architecture.stem}/{id}/{port}/{application}"
    return {"Name": f"{name[:19].rstrip('-')}-{hashlib.sha256(kind.encode()).hexdigest()[:12]}"}


def _health(health: Health, application: bool) -> dict[str, Any]:
    """Without a path a network load balancer only opens a connection; the other kind asks for `/`."""
    asked = {
        "HealthCheckPort": str(health.port or "traffic-port"),
        "HealthCheckIntervalSeconds": health.interval_s,
        "HealthCheckTimeoutSeconds": min(HEALTH_TIMEOUT_S, health.interval_s - 1),
        "HealthyThresholdCount": health.healthy_after,
        "UnhealthyThresholdCount": health.unhealthy_after,
    }
    if not application and not health.path:
        return {**asked, "HealthCheckProtocol": "TCP"}
    # A page that was only guessed may well redirect; one that was named answers for itself.
    codes = "200-299" if health.path else "200-399"
    http = {
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPath": health.path or "/",
        "Matcher": {"HttpCode": codes},
    }
    return asked | http


def _attributes(route: Route, application: bool) -> list[dict[str, str]]:
    attributes = {"deregistration_delay.timeout_seconds": str(route.deregistration_s)}
    if route.sticky:
        attributes["stickiness.enabled"] = "true"
        attributes["stickiness.type"] = "lb_cookie" if application else "source_ip"
    if route.sticky and application:
        attributes["stickiness.lb_cookie.duration_seconds"] = STICKY_S
    return [{"Key": key, "Value": value} for key, value in attributes.items()]


# --- rules


def _matches(group: str, route: Route) -> Iterator[Match]:
    """As many rules as AWS's limit of conditions asks for."""
    both = bool(route.hosts and route.paths)
    hosts = _chunks(route.hosts, 2 if both else CONDITION_VALUES)
    paths = _chunks(route.paths, 3 if both else CONDITION_VALUES)
    for some_hosts, some_paths in product(hosts, paths):
        yield Match(group, some_hosts, some_paths)


def _chunks(values: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(values[at : at + size]) for at in range(0, len(values), size)] or [()]


def _placed(matches: Sequence[Match]) -> Iterator[Placed]:
    """A rule's number comes from what it matches, so that a new rule does not renumber the others.

    Where two want the same number, the later one by its text takes the next.
    """
    taken: set[int] = set()
    for match in sorted(matches, key=lambda one: (_wanted(one), one.text)):
        priority = _wanted(match)
        while priority in taken:
            priority += 1
        taken.add(priority)
        conditions = [
            *_condition("host-header", "HostHeaderConfig", match.hosts),
            *_condition("path-pattern", "PathPatternConfig", match.paths),
        ]
        words = (match.group.removeprefix("Targets"), f"{_hash(match):08x}")
        yield Placed(words, priority, conditions, Ref(match.group))


def _condition(field: str, key: str, values: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"Field": field, key: {"Values": list(values)}}] if values else []


def _wanted(match: Match) -> int:
    start = 1 + _band(match) * BAND
    if not match.paths:
        return start + _hash(match) % BAND
    longest = max(len(path.split("*")[0]) for path in match.paths)
    return start + max(LENGTHS - 1 - longest, 0) * SLOTS + _hash(match) % SLOTS


def _band(match: Match) -> int:
    """Host and path before host before path; a host with `*` after the exact ones."""
    if not match.hosts:
        return 4
    wild = any("*" in host for host in match.hosts)
    return (0 if match.paths else 2) + wild


def _hash(match: Match) -> int:
    return int.from_bytes(hashlib.sha256(match.text.encode()).digest()[:4])

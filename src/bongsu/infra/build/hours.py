"""Office hours: EventBridge Scheduler stops what costs by the hour in the evening and starts it in the morning."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bongsu.document import Path
from bongsu.infra.build.office_days import starts_on, stops_on
from bongsu.infra.build.policies import Statement, allow, inline, of_this_account, taken_by
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Given, Ref, Resource, Sub, logical_id
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.watching import Hours
from bongsu.kit.i18n import Said, say

PATH: Path = ("hours",)
ROLE = "HoursRole"
TARGET = "arn:${AWS::Partition}:scheduler:::aws-sdk:"
RETRIES = 3
RETRY_FOR_S = 3600
# Databases first in the morning and last in the evening: programs that lose theirs only write errors.
LATER_MIN = 10
Places = dict[str, Ref | Att | Given]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of AWS: `action` as Scheduler spells it, what it is given, and the right it needs on `resource`."""

    action: str
    values: dict[str, Any]
    right: str
    resource: Sub | Ref | Att
    pointers: Places


@dataclass(frozen=True, slots=True)
class Turn:
    """How one resource is stopped and started. `first`: it starts before the others and stops after them.

    `besides`: rights that AWS asks for on something else before it makes these calls.
    """

    id: str
    path: Path
    stop: Call
    start: Call
    first: bool = False
    besides: tuple[tuple[tuple[str, ...], Sub], ...] = ()


def build(site: Site) -> None:
    """Comes after the builders of services, servers and databases."""
    hours = site.architecture.hours
    turns = [turn for one in site.graph.resources.values() for turn in _turns(site, one)]
    if hours is None or not turns:
        return
    _role(site, turns)
    for turn in turns:
        late, early = (LATER_MIN, 0) if turn.first else (0, LATER_MIN)
        _schedule(site, turn, "stop", turn.stop, _cron(hours.stop, stops_on(hours), late))
        _schedule(site, turn, "start", turn.start, _cron(hours.start, starts_on(hours), early))


def never_stopped(architecture: Architecture) -> dict[str, Said]:
    """Databases that go on outside office hours, and why."""
    if architecture.hours is None:
        return {}
    return {
        name: say("RDS cannot stop {name} while it has readable copies.", name=name)
        for name, block in architecture.databases.items()
        if not block.aurora and (block.readers or block.standby == "cluster")
    }


# --- which calls stop and start what


def _turns(site: Site, one: Resource) -> Iterator[Turn]:
    name = str(one.path[1]) if len(one.path) > 1 else ""
    match one.type:
        case "AWS::ECS::Service":
            yield _service(site, one, name)
        case "AWS::ApplicationAutoScaling::ScalableTarget":
            yield _scaling(site, one, name)
        case "AWS::AutoScaling::AutoScalingGroup":
            yield _servers(site, one, name)
        case "AWS::EKS::Nodegroup":
            yield _nodes(one)
        case "AWS::RDS::DBCluster" | "AWS::RDS::DBInstance":
            yield from _database(site, one, name)


def _service(site: Site, one: Resource, name: str) -> Turn:
    cluster = one.properties["Cluster"]
    places: Places = {"Service": Att(one.id, "Name"), "Cluster": cluster}
    arn = Sub(
        "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/${Cluster}/${Service}",
        places,
    )

    def call(count: int) -> Call:
        values = {"Cluster": "${Cluster}", "Service": "${Service}", "DesiredCount": count}
        return Call("ecs:updateService", values, "ecs:UpdateService", arn, places)

    return Turn(one.id, one.path, call(0), call(_least(site, name)))


def _scaling(site: Site, one: Resource, name: str) -> Turn:
    """Without this, scaling would start again what was stopped. AWS tries with the caller's rights what scaling
    will do to the service, and else refuses the call."""
    scale = site.architecture.services[name].scale
    fixed = {key: one.properties[key] for key in ("ServiceNamespace", "ScalableDimension")}
    arn = site.account_arn("application-autoscaling:scalable-target/*")
    target = one.properties["ResourceId"]
    text, places = (target.text, target.values) if isinstance(target, Sub) else (str(target), {})

    def call(least: int, most: int) -> Call:
        values = {**fixed, "ResourceId": text, "MinCapacity": least, "MaxCapacity": most}
        right = "application-autoscaling:RegisterScalableTarget"
        return Call("applicationautoscaling:registerScalableTarget", values, right, arn, places)

    service = Sub(
        f"arn:${{AWS::Partition}}:ecs:${{AWS::Region}}:${{AWS::AccountId}}:{text}", places
    )
    needed = (("ecs:DescribeServices", "ecs:UpdateService"), service)
    return Turn(one.id, one.path, call(0, 0), call(scale.min, scale.max), besides=(needed,))


def _servers(site: Site, one: Resource, name: str) -> Turn:
    block = site.architecture.servers.get(name) or site.architecture.capacity[name]
    places: Places = {"Group": Ref(one.id)}
    arn = Sub(
        "arn:${AWS::Partition}:autoscaling:${AWS::Region}:${AWS::AccountId}:autoScalingGroup:*:"
        "autoScalingGroupName/${Group}",
        places,
    )

    def call(least: int, most: int) -> Call:
        values = {
            "AutoScalingGroupName": "${Group}",
            "MinSize": least,
            "MaxSize": most,
            "DesiredCapacity": least,
        }
        right = "autoscaling:UpdateAutoScalingGroup"
        return Call("autoscaling:updateAutoScalingGroup", values, right, arn, places)

    hosts = name in site.architecture.capacity  # tasks leave before them, and come after them
    return Turn(one.id, one.path, call(0, 0), call(block.scale.min, block.most), first=hosts)


def _nodes(one: Resource) -> Turn:
    """Pods wait for nodes that come back in the morning; the control plane is paid for all night."""
    places: Places = {"Cluster": one.properties["ClusterName"]}
    fixed = {"ClusterName": "${Cluster}", "NodegroupName": one.properties["NodegroupName"]}
    scale = one.properties["ScalingConfig"]

    def call(sizes: dict[str, int]) -> Call:
        right = "eks:UpdateNodegroupConfig"
        values = fixed | {"ScalingConfig": sizes}
        return Call("eks:updateNodegroupConfig", values, right, Att(one.id, "Arn"), places)

    return Turn(one.id, one.path, call(scale | {"MinSize": 0, "DesiredSize": 0}), call(scale))


def _database(site: Site, one: Resource, name: str) -> Iterator[Turn]:
    """A cluster is stopped as a whole; its machines are not, and nothing is that has readable copies."""
    member = "DBClusterIdentifier" in one.properties and one.type == "AWS::RDS::DBInstance"
    if member or name in never_stopped(site.architecture):
        return
    cluster = one.type == "AWS::RDS::DBCluster"
    kind, key = ("Cluster", "cluster") if cluster else ("Instance", "db")
    places: Places = {"Name": Ref(one.id)}
    arn = Sub(
        f"arn:${{AWS::Partition}}:rds:${{AWS::Region}}:${{AWS::AccountId}}:{key}:${{Name}}", places
    )

    def call(word: str) -> Call:
        values = {f"Db{kind}Identifier": "${Name}"}  # Scheduler's spelling, not that of RDS
        action, right = f"rds:{word}DB{kind}", f"rds:{word.capitalize()}DB{kind}"
        return Call(action, values, right, arn, places)

    yield Turn(one.id, one.path, call("stop"), call("start"), first=True)


def _least(site: Site, name: str) -> int:
    return site.architecture.services[name].scale.min


# --- resources


def _cron(at: str, days: str, later_min: int) -> str:
    """`08:00` + 10 → `cron(10 8 ? * MON-FRI *)`; after midnight it would be another day: the last minute then."""
    hour, minute = (int(part) for part in at.split(":"))
    hour, minute = divmod(min(hour * 60 + minute + later_min, 24 * 60 - 1), 60)
    return f"cron({minute} {hour} ? * {days} *)"


def _schedule(site: Site, turn: Turn, word: str, call: Call, cron: str) -> None:
    hours = site.architecture.hours or Hours()
    values = {
        "Name": site.name(turn.id, word)[-64:].lstrip("-"),
        "Description": f"{'.'.join(str(part) for part in turn.path)}: {word}",
        "ScheduleExpression": cron,
        "ScheduleExpressionTimezone": hours.timezone,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": Sub(TARGET + call.action),
            "RoleArn": Att(ROLE, "Arn"),
            "Input": Sub(json.dumps(call.values), call.pointers),
            "RetryPolicy": {
                "MaximumRetryAttempts": RETRIES,
                "MaximumEventAgeInSeconds": RETRY_FOR_S,
            },
        },
    }
    site.add("app", logical_id(turn.id, word), "AWS::Scheduler::Schedule", PATH, values)


def _rights(turns: list[Turn]) -> list[Statement]:
    """A statement for each kind of call, with all that it is for: a role takes 10,240 characters."""
    found: dict[tuple[str, ...], list[Any]] = {}
    for turn in turns:
        calls = tuple(dict.fromkeys((turn.stop.right, turn.start.right)))
        for actions, resource in ((calls, turn.stop.resource), *turn.besides):
            named = found.setdefault(actions, [])
            named += [] if resource in named else [resource]
    return [allow(actions, resources) for actions, resources in found.items()]


def _role(site: Site, turns: list[Turn]) -> None:
    """Exactly these calls on exactly these resources, and only for schedules of this account."""
    values = {
        "AssumeRolePolicyDocument": taken_by("scheduler.amazonaws.com", of_this_account()),
        "Policies": inline({"stop-and-start": _rights(turns)}),
        "Tags": site.tags("hours"),
    }
    site.add("app", ROLE, "AWS::IAM::Role", PATH, values)

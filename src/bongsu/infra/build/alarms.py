"""Alarms for everything that stands, a topic that tells people, and one page with all of their graphs."""

import json
from typing import Any

from bongsu.document import Path
from bongsu.infra.build.policies import document, of_this_account
from bongsu.infra.build.site import Site
from bongsu.infra.build.watches import PERIOD_S, Watch, watches_of
from bongsu.infra.graph import Ref, Resource, Stack, Sub, logical_id
from bongsu.infra.regions import EDGE

PATH: Path = ("alarms",)
COLUMNS = 3
WIDTH, HEIGHT = 24 // COLUMNS, 6
LISTED = 100  # alarms that CloudWatch shows together at most


def build(site: Site) -> None:
    """Comes after every builder whose resources are watched. What stands in `edge` is alarmed there: CloudWatch
    keeps those metrics in us-east-1, and an alarm's topic is in the alarm's region."""
    made = [
        (where, name)
        for one in tuple(site.graph.resources.values())
        for watch in watches_of(site.graph, one, site.architecture.alarms)
        if not is_off(site.architecture.alarms.off, part_of(one), watch.kind)
        for where, name in [_alarm(site, one, watch)]
    ]
    if made:
        _dashboard(site, made)


def part_of(one: Resource) -> str:
    """The name in the file that a resource belongs to."""
    return str(one.path[1] if len(one.path) > 1 else one.path[0])


def is_off(off: tuple[str, ...], part: str, kind: str) -> bool:
    """`off` names a kind (`latency`), a part (`front`) or one alarm (`front.latency`)."""
    plain = kind.rstrip("0123456789").rstrip("-") if kind != "5xx" else kind
    return not {part, plain, f"{part}.{plain}"}.isdisjoint(off)


def topic(site: Site, stack: Stack) -> Ref:
    """Where alarms of that stack are told; made when it is first asked for."""
    where: Stack = "edge" if stack == "edge" else "app"
    made = logical_id("alarm-topic", "edge" if where == "edge" else "")
    if made not in site.graph.resources:
        _topic(site, where, made)
    return Ref(made)


def _topic(site: Site, stack: Stack, made: str) -> None:
    words = ("alarms", "edge") if stack == "edge" else ("alarms",)
    values = {"TopicName": site.name(*words), "Tags": site.tags(*words)}
    site.add(stack, made, "AWS::SNS::Topic", PATH, values)
    publish = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": Ref(made),
        "Condition": of_this_account(),
    }
    allowed = {"Topics": [Ref(made)], "PolicyDocument": document(publish)}
    site.add(stack, f"{made}Policy", "AWS::SNS::TopicPolicy", PATH, allowed)
    _subscriptions(site, stack, made)


def subscribers(site: Site) -> list[tuple[str, str]]:
    """Who subscribes to topics about trouble: protocol and address."""
    alarms = site.architecture.alarms
    mails = [("email", address) for address in alarms.mail]
    return [*mails, *([("https", alarms.webhook)] if alarms.webhook else [])]


def _subscriptions(site: Site, stack: Stack, made: str) -> None:
    """A person confirms a mail address by the letter that AWS sends; Bongsu's own address confirms itself."""
    for index, (protocol, address) in enumerate(subscribers(site), 1):
        values = {"TopicArn": Ref(made), "Protocol": protocol, "Endpoint": address}
        id = logical_id(made, protocol, str(index))  # noqa: A001
        site.add(stack, id, "AWS::SNS::Subscription", PATH, values)


def _alarm(site: Site, one: Resource, watch: Watch) -> tuple[Stack, str]:
    """Its stack and its name."""
    stack: Stack = "edge" if one.stack == "edge" else "app"
    name = site.name(one.id, watch.kind)
    told = [topic(site, stack)]
    values = {
        "AlarmName": name,
        "AlarmDescription": f"{part_of(one)}: {watch.kind}",
        "Threshold": watch.threshold,
        "ComparisonOperator": "LessThanThreshold" if watch.below else "GreaterThanThreshold",
        "EvaluationPeriods": watch.minutes,
        "DatapointsToAlarm": watch.minutes,
        "TreatMissingData": "notBreaching",
        "AlarmActions": told,
        "OKActions": told,
        **(_one_metric(watch) if len(watch.metrics) == 1 else _sum_of_metrics(watch)),
    }
    id = logical_id("alarm", one.id, watch.kind)  # noqa: A001
    site.add(stack, id, "AWS::CloudWatch::Alarm", one.path, values)
    return stack, name


def _one_metric(watch: Watch) -> dict[str, Any]:
    key = "ExtendedStatistic" if watch.statistic.startswith("p") else "Statistic"
    return {
        "Namespace": watch.namespace,
        "MetricName": watch.metrics[0],
        "Dimensions": _dimensions(watch),
        "Period": PERIOD_S,
        key: watch.statistic,
    }


def _sum_of_metrics(watch: Watch) -> dict[str, Any]:
    """A metric that has no value in a minute counts as nothing, and does not hide the others."""
    metrics = [
        {
            "Id": f"m{index}",
            "ReturnData": False,
            "MetricStat": {
                "Stat": watch.statistic,
                "Period": PERIOD_S,
                "Metric": {
                    "Namespace": watch.namespace,
                    "MetricName": metric,
                    "Dimensions": _dimensions(watch),
                },
            },
        }
        for index, metric in enumerate(watch.metrics, 1)
    ]
    together = " + ".join(f"FILL(m{index}, 0)" for index in range(1, len(metrics) + 1))
    return {"Metrics": [{"Id": "all", "Expression": together, "ReturnData": True}, *metrics]}


def _dimensions(watch: Watch) -> list[dict[str, Any]]:
    return [{"Name": name, "Value": value} for name, value in watch.dimensions.items()]


def _dashboard(site: Site, made: list[tuple[Stack, str]]) -> None:
    """First how every alarm stands, then a graph of each with its line."""
    region = site.architecture.region
    arns = [_arn(EDGE if stack == "edge" else region, name) for stack, name in made]
    lists = [arns[first : first + LISTED] for first in range(0, len(arns), LISTED)]
    overviews = [_overview(site, row, some) for row, some in enumerate(lists)]
    short = [name.removeprefix(f"{site.name()}-") for _, name in made]
    begin = len(overviews) * COLUMNS
    graphs = [_graph(index, *one) for index, one in enumerate(zip(short, arns, strict=True), begin)]
    body = json.dumps({"widgets": [*overviews, *graphs]}, separators=(",", ":"))
    values = {"DashboardName": site.name(), "DashboardBody": Sub(body)}
    site.add("app", "Dashboard", "AWS::CloudWatch::Dashboard", PATH, values)


def _overview(site: Site, row: int, arns: list[str]) -> dict[str, Any]:
    return {
        "type": "alarm",
        "x": 0,
        "y": HEIGHT * row,
        "width": 24,
        "height": HEIGHT,
        "properties": {"title": site.name(), "alarms": arns},
    }


def _arn(region: str, name: str) -> str:
    return f"arn:${{AWS::Partition}}:cloudwatch:{region}:${{AWS::AccountId}}:alarm:{name}"


def _graph(index: int, title: str, arn: str) -> dict[str, Any]:
    row, column = divmod(index, COLUMNS)
    return {
        "type": "metric",
        "x": column * WIDTH,
        "y": HEIGHT * row,
        "width": WIDTH,
        "height": HEIGHT,
        "properties": {
            "title": title,
            "region": arn.split(":")[5],
            "annotations": {"alarms": [arn]},
        },
    }

"""CloudWatch alarms through SNS: each change of state is an event in the shape that EventBridge gives it.

So a pattern for `CloudWatch Alarm State Change` from AWS pastes in unchanged. Beside EventBridge's fields the
detail carries ours (`before`, `after`, `title`, `reason`), so that an incident opens and ends by it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from bongsu.intake.model import Message, Report
from bongsu.intake.sources import _sns
from bongsu.kit.clock import iso, parse_iso
from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.kit.text import head

TYPE = "CloudWatch Alarm State Change"
STATES = {"OK": "up", "ALARM": "down", "INSUFFICIENT_DATA": "unknown"}
TITLES = {
    "up": say("{alarm} is over"),
    "down": say("{alarm} is raised"),
    "unknown": say("{alarm} has no data"),
}
_ARN = re.compile(r"arn:aws[a-z-]*:cloudwatch:([a-z0-9-]+):\d{12}:alarm:.{1,255}")
_WORDS = 1000  # characters of a reason or a description that are kept


class Options(BaseModel):
    """A topic is all it takes: nothing to choose."""

    model_config = ConfigDict(extra="forbid", frozen=True)


SPEC = Kind(
    id="cloudwatch",
    label=say("CloudWatch alarms (SNS)"),
    options=Options,
    examples=({},),
)


def certificate_url(body: bytes, now: datetime) -> str:
    """Where the proof of this message lies. Raises NotAllowed for what nobody need look at."""
    return _sns.read(body, now).certificate_url


def parse(body: bytes, proof: bytes, now: datetime) -> Message:
    """`proof`: the certificate. Raises NotAllowed for what is not proven."""
    letter = _sns.read(body, now)
    _sns.prove(letter, proof, now)
    if letter.type == "Notification":
        return _alarm(letter) or _other(letter, "intake.not_understood", severity=2)
    if letter.type == "SubscriptionConfirmation":
        confirm = _sns.confirmation(letter)
        return _other(letter, "intake.subscribed", severity=1, confirm=confirm)
    return _other(letter, "intake.unsubscribed", severity=3)


def _other(
    letter: _sns.Letter, type_: str, *, severity: int, confirm: str | None = None
) -> Message:
    data = {"topic": letter.topic, "message": head(letter.fields.get("Message", ""), _WORDS)}
    return Message(
        key=letter.fields["MessageId"][:200],
        sender=letter.account,
        type=type_,
        subject=letter.topic,
        time=letter.at,
        data=data,
        site=letter.region,
        severity=severity,
        confirm=confirm,
    )


def _alarm(letter: _sns.Letter) -> Message | None:
    """None for a message that somebody else put on the topic."""
    said = _object(letter.fields.get("Message", ""))
    arn, value = said.get("AlarmArn"), STATES.get(str(said.get("NewStateValue")))
    named = _ARN.fullmatch(arn) if isinstance(arn, str) else None
    if named is None or value is None or not isinstance(said.get("AlarmName"), str):
        return None
    since = _time(said.get("StateChangeTime"), letter.at)
    name = head(said["AlarmName"], 255)
    about = head(str(said.get("AlarmDescription") or ""), 255)
    return Message(
        key=letter.fields["MessageId"][:200],
        sender=letter.account,
        type=TYPE,
        source="aws.cloudwatch",
        subject=named[0],
        time=since,
        site=named[1],
        severity={"down": 4, "unknown": 2}.get(value, 1),
        data=detail(said, since) | _ours(said, value, since, about or name),
        report=Report(named[0], name, about, value, since),
    )


def detail(said: Mapping[str, Any], since: datetime) -> dict[str, Any]:
    """As EventBridge would say it, as far as SNS tells."""
    return {
        "alarmName": said["AlarmName"],
        "configuration": {
            "description": head(str(said.get("AlarmDescription") or ""), _WORDS),
            "metrics": _metrics(said.get("Trigger")),
        },
        "previousState": {"value": said.get("OldStateValue")},
        "state": {
            "value": said["NewStateValue"],
            "reason": head(str(said.get("NewStateReason") or ""), _WORDS),
            "timestamp": iso(since),
        },
    }


def _ours(said: Mapping[str, Any], value: str, since: datetime, heading: str) -> dict[str, Any]:
    return {
        "title": replace(TITLES[value], args={"alarm": heading}).stored(),
        "reason": head(str(said.get("NewStateReason") or ""), _WORDS),
        "before": {"state": STATES.get(str(said.get("OldStateValue")), "unknown")},
        "after": {"state": value, "since": iso(since)},
        "changed": ["state"],
    }


def _metrics(trigger: Any) -> list[dict[str, Any]]:
    """One metric stands in the trigger itself, several in its list; a composite alarm has none."""
    if not isinstance(trigger, Mapping):
        return []
    listed = trigger.get("Metrics")
    if isinstance(listed, list):
        return [_metric(one) for one in listed[:20] if isinstance(one, Mapping)]
    if not trigger.get("MetricName"):
        return []
    statistic = trigger.get("ExtendedStatistic") or str(trigger.get("Statistic", "")).capitalize()
    return [
        {
            "id": "m1",
            "metricStat": {
                "metric": _name_of(trigger),
                "period": trigger.get("Period"),
                "stat": statistic,
            },
            "returnData": True,
        }
    ]


def _metric(one: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": one.get("Id"), "returnData": one.get("ReturnData")}
    stat = one.get("MetricStat")
    if isinstance(stat, Mapping):
        metric = stat.get("Metric")
        named = _name_of(metric) if isinstance(metric, Mapping) else {}
        wanted = {"metric": named, "period": stat.get("Period"), "stat": stat.get("Stat")}
        return found | {"metricStat": wanted}
    return found | {"expression": one.get("Expression"), "label": one.get("Label")}


def _name_of(metric: Mapping[str, Any]) -> dict[str, Any]:
    pairs = metric.get("Dimensions")
    dimensions = {
        str(one.get("name")): one.get("value")
        for one in (pairs if isinstance(pairs, list) else [])[:30]
        if isinstance(one, Mapping)
    }
    return {
        "namespace": metric.get("Namespace"),
        "name": metric.get("MetricName"),
        "dimensions": dimensions,
    }


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _time(value: Any, otherwise: datetime) -> datetime:
    try:
        return parse_iso(str(value))
    except ValueError:
        return otherwise

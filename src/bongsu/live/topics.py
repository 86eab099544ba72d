"""Which panels an event makes stale: pure."""

from bongsu.events.envelope import Event

_BY_TYPE = {
    "check": ("checks",),
    "service": ("checks", "services"),
    "incident": ("incidents",),
    "delivery": ("deliveries",),
    "rule": ("rules",),
    "channel": ("channels",),
    "task": ("tasks",),
    "project": ("tasks", "projects"),
    "request": ("requests",),
    "request_trigger": ("requests",),
    "intake": ("intake",),
    "architecture": ("architectures",),
    "CloudWatch Alarm State Change": ("alarms",),
    "user": ("people",),
    "team": ("people",),
}


def topics_of(event: Event) -> frozenset[str]:
    """`events` always; the kind's own topics; and one a thing, such as `incident/12` or `service/3`."""
    family = event.type.split(".", 1)[0]
    things = {event.subject, *event.resources}
    return frozenset({"events", *_BY_TYPE.get(family, ()), *things})

"""Functions: what becomes of an event whose function failed, and circles."""

from collections.abc import Iterator

from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.rule import rule
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say


@rule(
    "EVT001", "warning", "reliability",
    why=say("A mail server that is away for a moment takes the event with it, and nobody ever hears of it."),
    fix=say("Leave retries and dead_letters out: twice again, then kept for 14 days with an alarm."),
)  # fmt: skip
def events_lost(plan: Plan) -> Iterator[Found]:
    for name, function in plan.architecture.functions.items():
        itself = any(one.queue is None for one in function.on)  # a queue tries and keeps by itself
        if itself and not function.retries:
            place = ("functions", name, "retries")
            said = say("What {name} fails to do is not tried again.", name=name)
            yield Found(place, said, change=Change(place, 2))
        if itself and not function.dead_letters:
            place = ("functions", name, "dead_letters")
            said = say("What {name} fails to do is thrown away.", name=name)
            yield Found(place, said, change=Change(place, True))


@rule(
    "EVT004", "warning", "operations",
    why=say("What nothing starts does nothing: its trigger or its route was forgotten."),
    fix=say("Name in on what starts it, lead a route of a gateway to it, or take it out."),
)  # fmt: skip
def started_by_nothing(plan: Plan) -> Iterator[Found]:
    for name, function in plan.architecture.functions.items():
        if not function.on and not plan.links_to(name):
            yield Found(("functions", name, "on"), say("Nothing starts {name}.", name=name))


@rule(
    "EVT003", "warning", "cost",
    why=say("All that it writes or sends starts it again, without an end."),
    fix=say("Give the trigger a prefix and write under another, or write to another bucket."),
)  # fmt: skip
def circle(plan: Plan) -> Iterator[Found]:
    for name, function in plan.architecture.functions.items():
        for index, trigger in enumerate(function.on):
            if (
                trigger.bucket
                and not trigger.prefix
                and function.uses.get(trigger.bucket) == "write"
            ):
                said = say("{name} writes to {bucket}, and every upload there starts it.",
                           name=name, bucket=trigger.bucket)  # fmt: skip
                yield Found(("functions", name, "on", index), said)
            told = trigger.queue or trigger.topic
            if told and function.uses.get(told) == "send":
                said = say(
                    "{name} sends to {told}, and every message there starts it.",
                    name=name,
                    told=told,
                )
                other = say("Send to another one; what failed comes back by itself.")
                yield Found(("functions", name, "on", index), said, other)

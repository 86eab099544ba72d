"""Queues, topics, streams and push: messages that get lost, come twice, or reach nobody."""

from collections.abc import Iterator

from bongsu.infra.check.finding import Change, Found, Severity
from bongsu.infra.check.rule import rule
from bongsu.infra.plan.messages import TIMES, listeners, slowest_s, takers
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say


@rule(
    "MSG001", "warning", "reliability",
    why=say("A message that always fails comes back until it is too old, and then it is gone without a word."),
    fix=say("Leave dead_letters out: after five tries it is kept for 14 days, with an alarm."),
)  # fmt: skip
def lost_in_the_end(plan: Plan) -> Iterator[Found]:
    for name, queue in plan.architecture.queues.items():
        place = ("queues", name, "dead_letters")
        if not queue.dead_letters:
            said = say("What cannot be done with a message of {name} is thrown away.", name=name)
            yield Found(place, said, change=Change(place, True))
        elif queue.tries < 2:
            said = say("One failure makes a message of {name} a dead letter.", name=name)
            yield Found(("queues", name, "tries"), said)


@rule(
    "MSG002", "warning", "operations",
    why=say("Messages pile up until they are too old, and are paid for."),
    fix=say("Let a function start from it (on), let a service receive or read from it, or take it out."),
)  # fmt: skip
def nobody_takes(plan: Plan) -> Iterator[Found]:
    architecture = plan.architecture
    for section in ("queues", "streams"):
        for name in getattr(architecture, section):
            if not takers(architecture, name):
                yield Found((section, name), say("Nobody takes anything from {name}.", name=name))
    for name in architecture.topics:
        if not listeners(architecture, name):
            yield Found(("topics", name), say("Nobody hears what {name} tells.", name=name))


@rule(
    "MSG003", "warning", "reliability",
    why=say("A message comes back while somebody still works on it, and is done twice."),
    fix=say("Leave visibility_s out: it is six times the time-out of the slowest function."),
)  # fmt: skip
def comes_back_too_soon(plan: Plan) -> Iterator[Found]:
    """Below the time-out itself AWS refuses to join the two."""
    for name, queue in plan.architecture.queues.items():
        took_s = slowest_s(plan.architecture, name)
        if queue.visibility_s is not None and queue.visibility_s < TIMES * took_s:
            place = ("queues", name, "visibility_s")
            said = say(
                "{name} hides a message for {seconds} seconds, and its function may take {took}.",
                name=name,
                seconds=queue.visibility_s,
                took=took_s,
            )
            severity: Severity | None = "error" if queue.visibility_s < took_s else None
            yield Found(place, said, change=Change(place, TIMES * took_s), severity=severity)


@rule(
    "MSG004", "error", "security",
    why=say("Apple and Google take pushes only from who proves to own the app; keys do not belong into files."),
    fix=say("Put the key into Secrets Manager and name it under secret."),
)  # fmt: skip
def push_without_key(plan: Plan) -> Iterator[Found]:
    for name, push in plan.architecture.push.items():
        for field in ("apns", "fcm"):
            platform = getattr(push, field)
            if platform and not platform.secret:
                said = say("{name} has no key for {platform}.", name=name, platform=field)
                yield Found(("push", name, field), said)


@rule(
    "MSG005", "warning", "operations",
    why=say("Apple's sandbox reaches builds from Xcode only: who has the app from the store hears nothing."),
    fix=say("Set sandbox: false in production."),
    elsewhere="silent",
)  # fmt: skip
def push_to_the_sandbox(plan: Plan) -> Iterator[Found]:
    for name, push in plan.architecture.push.items():
        if push.apns and push.apns.sandbox:
            place = ("push", name, "apns", "sandbox")
            said = say("{name} pushes to Apple's sandbox.", name=name)
            yield Found(place, said, change=Change(place, False))

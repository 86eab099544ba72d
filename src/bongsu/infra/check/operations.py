"""Alarms, images, hours, logs: what people need on the day after."""

import re
from collections.abc import Iterator

from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.rule import rule
from bongsu.infra.model.compute import Image
from bongsu.infra.plan.model import INTERNET, Plan
from bongsu.kit.i18n import say

FIXED = re.compile(r"@sha256:[0-9a-f]{64}$|:[^/:]+$")


@rule(
    "OBS001", "warning", "operations",
    why=say("Then customers are the first to know."),
    fix=say("Give alarms.mail or alarms.webhook, and turn off nothing."),
    elsewhere="silent",
)  # fmt: skip
def nobody_is_told(plan: Plan) -> Iterator[Found]:
    alarms = plan.architecture.alarms
    if not alarms.mail and not alarms.webhook:
        yield Found(("alarms", "mail"), say("Alarms reach nobody."))
    for index, name in enumerate(alarms.off):
        yield Found(("alarms", "off", index), say("The alarm {name} is off.", name=name))


@rule(
    "OBS002", "warning", "operations",
    why=say("Alarms from inside cannot see what a visitor sees: names, certificates, the way in."),
    fix=say("Give alarms.probe, a path that is asked from outside."),
    elsewhere="silent",
)  # fmt: skip
def not_seen_from_outside(plan: Plan) -> Iterator[Found]:
    public = any(link.source == INTERNET for link in plan.links)
    if public and plan.architecture.alarms.probe is None:
        yield Found(("alarms", "probe"), say("Nobody asks from outside whether it answers."))


@rule(
    "OBS003", "warning", "operations",
    why=say("After an incident or an intrusion nobody can tell what happened."),
    fix=say("Turn the log on; it is kept for a limited time."),
    elsewhere="silent",
)  # fmt: skip
def no_log(plan: Plan) -> Iterator[Found]:
    for name, network in plan.architecture.networks.items():
        if not network.flow_logs:
            place = ("networks", name, "flow_logs")
            yield Found(
                place,
                say("The network {name} has no flow log.", name=name),
                change=Change(place, True),
            )
    for section in ("load_balancers", "distributions", "gateways"):
        for name, entry in getattr(plan.architecture, section).items():
            if not entry.access_logs:
                place = (section, name, "access_logs")
                said = say("{name} writes no access log.", name=name)
                yield Found(place, said, change=Change(place, True))


@rule(
    "CICD01", "error", "operations",
    why=say("Nobody can say what runs, two tasks may differ, and there is no way back."),
    fix=say("Use tags that never move: a version, a commit, or a digest."),
    elsewhere="warning",
)  # fmt: skip
def moving_image(plan: Plan) -> Iterator[Found]:
    for name, service in plan.architecture.services.items():
        image, path = service.image, ("services", name, "image")
        if image.build and image.tag == "latest":
            place = (*path, "tag")
            said = say("The image of {name} has the tag {tag}.", name=name, tag=image.tag)
            yield Found(place, said, change=Change(place, "git"))
        if image.mutable:
            place = (*path, "mutable")
            said = say("Tags of the image of {name} can be moved.", name=name)
            yield Found(place, said, change=Change(place, False))
        if image.uri and _moves(image):
            yield Found((*path, "uri"), say("The image of {name} has no fixed version.", name=name))


def _moves(image: Image) -> bool:
    uri = str(image.uri)
    return uri.endswith(":latest") or image.tag == "latest" or not FIXED.search(uri)


@rule(
    "OPS001", "error", "operations",
    why=say("Every evening production would stop for everybody."),
    fix=say("Put hours into the other environments."),
    elsewhere="silent",
)  # fmt: skip
def production_stops(plan: Plan) -> Iterator[Found]:
    if plan.architecture.hours:
        yield Found(("hours",), say("Production stops outside its hours."))


@rule(
    "OPS002", "warning", "reliability",
    why=say("A wrong click takes the way in."),
    fix=say("Leave it out: in production it is on."),
    elsewhere="silent",
)  # fmt: skip
def balancer_unprotected(plan: Plan) -> Iterator[Found]:
    for name, balancer in plan.architecture.load_balancers.items():
        if balancer.delete_protection is False:
            place = ("load_balancers", name, "delete_protection")
            said = say("{name} can be deleted by mistake.", name=name)
            yield Found(place, said, change=Change(place, True))


@rule(
    "OPS003", "info", "cost",
    why=say("A week has 168 hours; people work in some 60 of them, and the rest is paid for too."),
    fix=say("Give hours: services, servers and databases stop outside them."),
)  # fmt: skip
def never_stops(plan: Plan) -> Iterator[Found]:
    architecture = plan.architecture
    stoppable = any(True for _ in architecture.workloads()) or architecture.databases
    if not architecture.production and architecture.hours is None and stoppable:
        said = say("{environment} runs day and night.", environment=architecture.environment)
        yield Found(("hours",), said)

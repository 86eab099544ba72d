"""Names: each stands once, also beside those that the plan gives, and none means everybody. Pure."""

from collections.abc import Iterator

from bongsu.document import Path
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Wrong
from bongsu.infra.model.watching import ALARM_KINDS
from bongsu.infra.plan.model import CLOUDFRONT, INTERNET
from bongsu.infra.plan.parts import link_of, volume_of
from bongsu.kit.i18n import say

TAKEN = (INTERNET, CLOUDFRONT)  # in a plan they stand for everybody outside


def wrong_names(architecture: Architecture) -> Iterator[Wrong]:
    yield from _twice(architecture)
    yield from _alarms(architecture)


def _twice(architecture: Architecture) -> Iterator[Wrong]:
    todo = say("Give one of them another name: parts are named without their section.")
    seen: dict[str, str] = {}
    for path, name in _all(architecture):
        if name in TAKEN:
            said = say("The name {name} means everybody outside.", name=name)
            yield path, said, say("Give it another name.")
        if name in seen:
            said = say(
                "The name {name} already stands in {section}.", name=name, section=seen[name]
            )
            yield path, said, todo
        seen.setdefault(name, str(path[0]))


def _all(architecture: Architecture) -> Iterator[tuple[Path, str]]:
    """What the file names, then what the plan names after it: volumes and links."""
    for section, name, _ in architecture.named():
        yield (section, name), name
    for section in ("records", "migrations"):
        for name in getattr(architecture, section):
            yield (section, name), name
    for name, service in architecture.services.items():
        if service.volume:
            yield ("services", name, "volume"), volume_of(name)
    for name in architecture.gateways:
        yield ("gateways", name), link_of(name)


def _alarms(architecture: Architecture) -> Iterator[Wrong]:
    """`off` names a kind, a part, or both: what names neither turns nothing off."""
    parts = {name for _, name in _all(architecture)} | {"transit"}
    for index, text in enumerate(architecture.alarms.off):
        first, dot, kind = text.partition(".")
        known = (
            first in parts and kind in ALARM_KINDS
            if dot
            else first in parts or first in ALARM_KINDS
        )
        if not known:
            said = say("There is no alarm {name}.", name=text)
            todo = say(
                "Name a part, a kind of alarm or both, such as {example}; kinds: {kinds}.",
                example="front.latency",
                kinds=", ".join(ALARM_KINDS),
            )
            yield ("alarms", "off", index), said, todo

"""What starts functions, and what they can reach from outside all networks. Pure."""

from collections.abc import Iterator

from bongsu.document import Path
from bongsu.infra.model.architecture import REGIONAL, Architecture
from bongsu.infra.model.base import Wrong
from bongsu.infra.model.functions import Trigger
from bongsu.kit.i18n import say

OUTSIDE = (*REGIONAL, None)  # what a function reaches; a name that is not there is told elsewhere
STARTS = {
    "bucket": "buckets",
    "table": "tables",
    "bus": "events",
    "queue": "queues",
    "stream": "streams",
    "topic": "topics",
}


def wrong_functions(architecture: Architecture) -> Iterator[Wrong]:
    for name, function in architecture.functions.items():
        for used in function.uses:
            if function.network is None and architecture.section_of(used) not in OUTSIDE:
                said = say(
                    "{name} stands in no network and cannot reach {used}.", name=name, used=used
                )
                todo = say("Give it a network; or let a service do it, or use a table or a bucket.")
                yield ("functions", name, "uses", used), said, todo
        for index, trigger in enumerate(function.on):
            yield from _trigger(architecture, ("functions", name, "on", index), trigger)


def started_by(architecture: Architecture) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    """Every place that names what starts a function, with the sections where it may be."""
    for name, function in architecture.functions.items():
        for index, trigger in enumerate(function.on):
            for field, section in STARTS.items():
                if used := getattr(trigger, field):
                    yield ("functions", name, "on", index, field), used, (section,)


def _trigger(architecture: Architecture, path: Path, trigger: Trigger) -> Iterator[Wrong]:
    table = architecture.tables.get(trigger.table or "")
    if table and not table.stream:
        said = say("The table {name} has no stream.", name=trigger.table)
        yield (*path, "table"), said, say("Give the table stream: true.")
    bucket = architecture.buckets.get(trigger.bucket or "")
    if bucket and bucket.region not in (None, architecture.region):
        said = say("{name} tells of its objects in another region only.", name=trigger.bucket)
        yield (*path, "bucket"), said, say("Use a bucket in the architecture's own region.")

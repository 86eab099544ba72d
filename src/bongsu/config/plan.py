"""What applying files would change: PURE. Compares what the files want with what is there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bongsu.kit.redact import redact_value

ARCHITECTURE, FILES = "architecture:", "files"  # who owns what `defined_in` names
Verb = Literal["create", "update", "delete"]
# Order of applying: what others need comes first; deletions run in the opposite order.
SECTIONS = ("teams", "channels", "services", "checks", "rules")
OWNED = frozenset(SECTIONS) - {
    "teams"
}  # what a file takes over by naming it; people stand in teams


@dataclass(frozen=True, slots=True)
class Thing:
    """One named thing of a section; `checks` are named `service/check`."""

    section: str
    name: str
    values: Mapping[str, Any]
    defined_in: str | None = None

    @property
    def file(self) -> str:
        return (self.defined_in or "").rpartition(":")[0]

    @property
    def line(self) -> int:
        return int((self.defined_in or "").rpartition(":")[2] or 1)

    @property
    def owner(self) -> str | None:
        """None: made by page or API."""
        return owner_of(self.file) if self.defined_in else None


@dataclass(frozen=True, slots=True)
class Change:
    verb: Verb
    section: str
    name: str
    fields: tuple[tuple[str, Any, Any], ...] = ()  # (field, before, after), for updates
    thing: Thing | None = None

    def shown(self) -> dict[str, Any]:
        """For people and JSON: secrets hidden."""
        fields = {
            name: {"before": redact_value(name, before), "after": redact_value(name, after)}
            for name, before, after in self.fields
        }
        return {"verb": self.verb, "section": self.section, "name": self.name, "fields": fields}


def plan(
    wanted: list[Thing], present: list[Thing], owners: frozenset[str] = frozenset({FILES})
) -> list[Change]:
    """In order of need; then deletions of what one of `owners` once defined and does no more.

    What was registered by page or API (`defined_in` empty) is left alone unless a file names it.
    """
    there = {(thing.section, thing.name): thing for thing in present}
    named = {(thing.section, thing.name) for thing in wanted}
    changes = [c for section in SECTIONS for c in _wanted(section, wanted, there)]
    gone = [t for t in present if t.owner in owners and (t.section, t.name) not in named]
    for section in reversed(SECTIONS):
        changes += [Change("delete", section, t.name) for t in gone if t.section == section]
    return changes


def owner_of(file: str) -> str:
    """Files own together what any of them defines; each environment of an architecture owns its own.

    `architecture:beacon/production` → the same; `bongsu.yaml` → `files`
    """
    return file if file.startswith(ARCHITECTURE) else FILES


def foreign(wanted: list[Thing], present: list[Thing]) -> list[tuple[Thing, Thing]]:
    """What one owner wants and another defines: each would undo the other."""
    there = {(t.section, t.name): t for t in present if t.section in OWNED and t.owner}
    pairs = [(one, there.get((one.section, one.name))) for one in wanted]
    return [(one, other) for one, other in pairs if other and other.owner != one.owner]


def _wanted(
    section: str, wanted: list[Thing], there: Mapping[tuple[str, str], Thing]
) -> Iterator[Change]:
    for thing in wanted:
        if thing.section != section:
            continue
        before = there.get((section, thing.name))
        if before is None:
            yield Change("create", section, thing.name, thing=thing)
            continue
        fields = _differences(before.values, thing.values)
        if fields or (section in OWNED and not before.defined_in):
            yield Change("update", section, thing.name, fields, thing)


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[tuple[str, Any, Any], ...]:
    names = [name for name in after if before.get(name) != after[name]]
    return tuple((name, before.get(name), after[name]) for name in names)

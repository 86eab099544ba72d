"""Findings that a team lives with until a day, and entries of `accepted` that serve no more. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bongsu.document import Path
from bongsu.infra.check.finding import Finding
from bongsu.infra.check.rule import About
from bongsu.infra.model.watching import Accepted
from bongsu.infra.read import Source
from bongsu.kit.i18n import Said, say

EXPIRED = About(
    "ACC001", "error", "operations",
    why=say("It was accepted for a time; that time is over."),
    fix=say("Mend it, or decide again and write down why and until when."),
)  # fmt: skip
UNUSED = About(
    "ACC002", "warning", "operations",
    why=say("An exception that nobody needs hides the next mistake of this kind."),
    fix=say("Take the entry out, or correct its place."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lived:
    """A finding that is hidden, and the entry that hides it."""

    finding: Finding
    entry: Accepted


@dataclass(frozen=True, slots=True)
class Sifted:
    shown: tuple[Finding, ...]
    hidden: tuple[Lived, ...]
    used: frozenset[tuple[str, Accepted]]  # environment and entry


def sift(source: Source, found: Sequence[Finding], today: date) -> Sifted:
    """Of one environment. An entry holds on its last day too."""
    shown: list[Finding] = []
    hidden: list[Lived] = []
    used: set[Accepted] = set()
    for finding in found:
        entry = _entry_for(source.architecture.accepted, finding)
        if entry is not None:
            used.add(entry)
        if entry is not None and today <= entry.until:
            hidden.append(Lived(finding, entry))
        else:
            shown.append(finding)
    shown += _expired(source, used, today)
    name = source.architecture.environment
    return Sifted(tuple(shown), tuple(hidden), frozenset((name, entry) for entry in used))


def covers(entry: Accepted, finding: Finding) -> bool:
    """`services.web` covers everything below it too."""
    below = finding.at[len(entry.at) :]
    return (
        entry.id == finding.id and finding.at.startswith(entry.at) and below[:1] in ("", ".", "[")
    )


def _entry_for(entries: Sequence[Accepted], finding: Finding) -> Accepted | None:
    """The one that holds longest."""
    fitting = [entry for entry in entries if covers(entry, finding)]
    return max(fitting, key=lambda entry: entry.until, default=None)


def _expired(source: Source, used: set[Accepted], today: date) -> Iterator[Finding]:
    for index, entry in enumerate(source.architecture.accepted):
        if entry in used and today > entry.until:
            said = say(
                "{id} at {at} was accepted until {day}.",
                id=entry.id,
                at=entry.at,
                day=entry.until.isoformat(),
            )
            yield _about(EXPIRED, source, ("accepted", index), said)


def unused(sources: Sequence[Source], used: frozenset[tuple[str, Accepted]]) -> Iterator[Finding]:
    """Entries that no environment needs: what all share need not be of use in each."""
    needed = {entry for _, entry in used}
    told: set[Accepted] = set()
    for source in sources:
        for index, entry in enumerate(source.architecture.accepted):
            if entry not in needed and entry not in told:
                told.add(entry)
                said = say("There is no finding {id} at {at}.", id=entry.id, at=entry.at)
                yield _about(UNUSED, source, ("accepted", index), said)


def _about(about: About, source: Source, path: Path, message: Said) -> Finding:
    line, name = source.line(path), source.architecture.environment
    fixed = (about.severity, about.pillar, path, line, message, about.why, about.fix)
    return Finding(about.id, *fixed, environments=(name,))

"""May this image go on? Decided from the scanner's report and the file. Pure: the day comes from outside."""

from dataclasses import dataclass
from datetime import date

from bongsu.infra.delivery.report import SEVERITIES, UNKNOWN, Report, Vulnerability
from bongsu.infra.model.delivery import AcceptedCve, Scan
from bongsu.kit.i18n import Said, say

NOTHING = "nothing"
UNRATED = "HIGH"  # what nobody has rated yet counts as this


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refused`: each reason; none: it goes on. `accepted`: what was found and is lived with."""

    refused: tuple[Said, ...]
    accepted: tuple[Said, ...]

    @property
    def passes(self) -> bool:
        return not self.refused


def decide(report: Report, scan: Scan, today: date, of: str | None = None) -> Verdict:
    """`of`: what must have been looked at, as the scanner was told; a report on something else is refused."""
    refused, accepted = list[Said](), list[Said]()
    if of is not None and report.artifact != of:
        refused.append(
            say("The report is on {artifact}, not on {of}.", artifact=report.artifact, of=of)
        )
    if report.forgotten and scan.refuse != NOTHING:
        refused.append(
            say("{system} is at its end of life: nobody mends it.", system=report.forgotten)
        )
    lived = {one.id: one for one in scan.accepted}
    for one in report.vulnerabilities:
        if not _counts(one, scan):
            continue
        known = lived.get(one.id)
        if known and known.until >= today:
            accepted.append(_lived_with(one, known))
        else:
            refused.append(_said(one, known))
    return Verdict(tuple(refused), tuple(accepted))


def _counts(one: Vulnerability, scan: Scan) -> bool:
    if scan.refuse == NOTHING or not (scan.unfixed or one.fixed):
        return False
    severity = UNRATED if one.severity == UNKNOWN else one.severity
    return SEVERITIES.index(severity) >= SEVERITIES.index(scan.refuse.upper())


def _said(one: Vulnerability, known: AcceptedCve | None) -> Said:
    words = {"id": one.id, "package": one.package, "severity": one.severity.lower()}
    if known:
        return say(
            "{id} in {package} ({severity}) was accepted until {until}.",
            until=known.until.isoformat(),
            **words,
        )
    if one.fixed:
        return say("{id} in {package} {installed} ({severity}): take {fixed}.",
                   installed=one.installed, fixed=one.fixed, **words)  # fmt: skip
    return say("{id} in {package} {installed} ({severity}): nobody has mended it yet.",
               installed=one.installed, **words)  # fmt: skip


def _lived_with(one: Vulnerability, known: AcceptedCve) -> Said:
    return say(
        "{id} in {package} is accepted until {until}: {why}",
        id=one.id,
        package=one.package,
        until=known.until.isoformat(),
        why=known.why,
    )

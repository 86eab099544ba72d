"""All rules over all environments of a file. Pure: the day comes from outside."""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bongsu.infra.check.accepted import Lived, Sifted, sift, unused
from bongsu.infra.check.finding import SEVERITIES, Finding, Found
from bongsu.infra.check.rule import ACROSS, RULES, About
from bongsu.infra.model.watching import Accepted
from bongsu.infra.plan.lock import Lock
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.read import Source, read_all

AREAS = (
    "networks", "joins", "ways", "balancing", "groups", "capacity", "hosts", "data", "edge", "access", "uses",
    "operations", "origins", "environments", "tables", "functions", "mail", "gateways", "clusters",
    "delivery", "accounts", "people", "messages", "building",
)  # fmt: skip
for _area in AREAS:
    importlib.import_module(f"bongsu.infra.check.{_area}")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a file: the worst first, then by line."""

    file: str
    findings: tuple[Finding, ...]
    accepted: tuple[Lived, ...] = ()

    @property
    def failed(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


def check_file(
    file: str, text: bytes, lock: Lock, today: date, environment: str | None = None
) -> Checked:
    """`environment`: what concerns this one only; all are looked at in any case. Raises Invalid as `read` does."""
    sources = read_all(file, text)
    plans = [make_plan(source.architecture, lock) for source in sources]
    return check(sources, plans, today, environment)


def check(
    sources: Sequence[Source], plans: Sequence[Plan], today: date, environment: str | None = None
) -> Checked:
    """Sources and plans of the same environments in the same order."""
    across = list(_across(sources, plans))
    sifted = [
        sift(source, [*_within(source, plan), *_of(across, source)], today)
        for source, plan in zip(sources, plans, strict=True)
    ]
    shown = [finding for one in sifted for finding in one.shown]
    shown += unused(sources, _used(sifted))
    wanted = [one for one in _merged(shown) if environment in (None, *one.environments)]
    hidden = [lived for one in sifted for lived in one.hidden]
    kept = [one for one in hidden if environment in (None, *one.finding.environments)]
    return Checked(sources[0].file, tuple(sorted(wanted, key=_order)), tuple(kept))


def _within(source: Source, plan: Plan) -> Iterator[Finding]:
    for rule in RULES.values():
        severity = rule.about.in_environment(plan.architecture.production)
        if severity is not None:
            for found in rule.look(plan):
                # Outside production a rule that is milder there is milder in all it says.
                own = found.severity if rule.about.severity == severity else None
                yield _finding(rule.about, source, replace(found, severity=own or severity))


def _across(sources: Sequence[Source], plans: Sequence[Plan]) -> Iterator[Finding]:
    by_name = {source.architecture.environment: source for source in sources}
    for rule in ACROSS.values():
        for found in rule.look(plans):
            yield _finding(rule.about, by_name[str(found.environment)], found)


def _of(found: Sequence[Finding], source: Source) -> list[Finding]:
    return [one for one in found if source.architecture.environment in one.environments]


def _finding(about: About, source: Source, found: Found) -> Finding:
    severity, name = found.severity or about.severity, source.architecture.environment
    line, fix = source.line(found.path), found.fix or about.fix
    fixed = (severity, about.pillar, found.path, line, found.message, about.why, fix)
    return Finding(about.id, *fixed, safe_fix=found.change, environments=(name,))


def _used(sifted: Sequence[Sifted]) -> frozenset[tuple[str, Accepted]]:
    return frozenset().union(*(one.used for one in sifted))


def _merged(found: Sequence[Finding]) -> list[Finding]:
    """The same in several environments is said once, as severely as in the worst of them."""
    kept: dict[tuple[object, ...], Finding] = {}
    for one in found:
        key = (one.id, one.path, one.line, str(one.message))
        before = kept.get(key)
        if before is None:
            kept[key] = one
            continue
        worst = min(before, one, key=lambda finding: SEVERITIES.index(finding.severity))
        names = dict.fromkeys((*before.environments, *one.environments))
        kept[key] = replace(worst, environments=tuple(names))
    return list(kept.values())


def _order(finding: Finding) -> tuple[int, int, str, str]:
    return SEVERITIES.index(finding.severity), finding.line, finding.id, finding.at

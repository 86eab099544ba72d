"""What the page of a service shows of its checks. Pure."""

from dataclasses import dataclass
from datetime import datetime

from bongsu.kit.i18n import Said
from bongsu.watch.model import Overlay, State
from bongsu.watch.store_pages import Brief, Detail, ServicePage
from bongsu.watch.target import target_of
from bongsu.watch.views import NOT_YET, Totals, rank_of, silent, totals


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check on its service's page."""

    id: int
    name: str
    kind: str
    target: str
    state: State | None
    overlay: Overlay | None
    since: datetime | None
    reason: Said
    every_s: float
    last_ms: float | None
    last_at_s: float | None
    evidence: str | None
    locations: dict[str, State]


@dataclass(frozen=True, slots=True)
class ServiceView:
    id: int
    name: str
    title: str
    group: str
    description: str
    owners: tuple[str, ...]
    totals: Totals
    checks: tuple[CheckRow, ...]  # worst first
    silent: dict[str, datetime]


def check_row(detail: Detail) -> CheckRow:
    check, look = detail.check, detail.look
    return CheckRow(
        id=check.id,
        name=check.name,
        kind=check.kind,
        target=target_of(check.options),
        state=detail.state,
        overlay="paused" if check.paused else None,
        since=detail.since,
        reason=detail.reason or NOT_YET,
        every_s=check.every_s,
        last_ms=look.milliseconds if look else None,
        last_at_s=look.at_s if look else None,
        evidence=detail.evidence,
        locations=detail.locations,
    )


def service_view(page: ServicePage, now: datetime) -> ServiceView:
    one = page.service
    briefs = [_brief(one.id, detail) for detail in page.checks]
    rows = sorted(
        map(check_row, page.checks),
        key=lambda row: (rank_of(row.state), row.name),
    )
    return ServiceView(
        id=one.id,
        name=one.name,
        title=one.title,
        group=one.group,
        description=one.description,
        owners=one.owners,
        totals=totals(briefs),
        checks=tuple(rows),
        silent=silent(page.locations, now),
    )


def _brief(service_id: int, detail: Detail) -> Brief:
    check = detail.check
    return Brief(
        check.id,
        service_id,
        check.name,
        check.kind,
        check.paused,
        detail.state,
        detail.since,
        detail.reason,
    )

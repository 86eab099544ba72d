"""`/healthz/live`, `/healthz/ready`, `/metrics`: what other programs ask of this one."""

from collections.abc import Iterable, Mapping

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from bongsu import health_store as store
from bongsu.accounts.http import ApiCaller, Parts
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import LakeAway, Unavailable

router = APIRouter(tags=["health"])


@router.get("/healthz/live")
async def live() -> dict[str, str]:
    """This process answers."""
    return {"status": "live"}


@router.get("/healthz/ready")
async def ready(request: Request) -> JSONResponse:
    """The state answers. A lake that is away dims history and does not make this unready."""
    parts: Parts = request.app.state.parts
    said = {"state": await _state(parts), "history": await _history(parts)}
    well = said["state"] == "well"
    body = {"status": "ready" if well else "not ready", "parts": said}
    return JSONResponse(body, 200 if well else 503)


async def _state(parts: Parts) -> str:
    try:
        async with parts.db.read() as tx:
            await store.set_aside_count(tx)
    except Unavailable:
        return "away"
    return "well"


async def _history(parts: Parts) -> str:
    try:
        await parts.lake.query("SELECT 1", timeout_s=1.0)
    except LakeAway:
        return "away"
    return "well"


@router.get("/metrics")
async def metrics(request: Request, _caller: ApiCaller) -> Response:
    """OpenMetrics. Needs a token like everything else."""
    parts: Parts = request.app.state.parts
    async with parts.db.read() as tx:
        families = await _families(tx, parts.clock)
    registry = CollectorRegistry()
    registry.register(_Collected(families))
    body = generate_latest(registry)  # type: ignore[no-untyped-call]
    return Response(body, media_type=CONTENT_TYPE_LATEST)


class _Collected:
    def __init__(self, families: Iterable[Metric]) -> None:
        self.families = families

    def collect(self) -> Iterable[Metric]:
        return self.families


async def _families(tx: Tx, clock: Clock) -> list[Metric]:
    aside = {"": await store.set_aside_count(tx)}
    ages = await store.location_ages_s(tx, clock.now())
    return [
        _gauge("bongsu_checks", "Checks by state.", "state", await store.checks_by_state(tx)),
        _gauge("bongsu_incidents_open", "Open incidents by state.", "state", await store.open_incidents(tx)),
        _gauge("bongsu_deliveries", "Deliveries by state.", "state", await store.deliveries_by_state(tx)),
        _gauge("bongsu_log_lag_events", "Events a reader has still to see.", "reader",
               await store.follower_lags(tx)),
        _gauge("bongsu_log_set_aside_events", "Events that no rule could handle.", "", aside),
        _gauge("bongsu_location_age_seconds", "Since a location reported.", "location", ages),
    ]  # fmt: skip


def _gauge(name: str, help_text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=[label] if label else [])
    for key, value in values.items():
        family.add_metric([key] if label else [], value)
    return family

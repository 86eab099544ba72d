"""Mistakes with hosts for containers, in an architecture that has them right."""

from typing import Any

Row = tuple[str, str, dict[str, Any]]

WEB = "services.web"
MAIN = "networks.main"
TASK = {f"{WEB}.runs_on": "hosts", f"{WEB}.cpu": 512, f"{WEB}.memory_mib": 768}
CLOSED = {f"{MAIN}.nat": "none"}
PULLS = ["s3", "ecr.api", "ecr.dkr", "logs"]
ON_THE_EDGE = {"tier": "public", "instance": "t4g.small"}


def hosts(task: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    """The service on hosts of its own. `task`: changes of it, `values`: of the hosts."""
    return TASK | {"capacity.hosts": {"instance": "t4g.small"} | values} | (task or {})


RIGHT = (
    hosts(),
    hosts(target_percent=100),
    hosts(scale={"min": 0, "max": 4}),
    hosts(drain=False, protect=True),
    hosts(CLOSED),
    hosts(instance="t3.small", task={f"{WEB}.architecture": "x86"}),
    hosts(managed=False, scale={"min": 3, "max": 3}, task={f"{WEB}.scale": {"min": 4, "max": 4}}),
)
HOSTS: list[Row] = [
    ("CAP001", "error", hosts(instance="t4g.nano")),
    ("CAP001", "error", hosts({f"{WEB}.cpu": 4096})),
    ("CAP002", "warning", hosts(rolling_spare=0)),
    ("CAP002", "warning", hosts(scale={"min": 2, "max": 2})),
    ("CAP005", "info", hosts(instance="t9g.small", image="ecs-al2023-arm")),
    ("CAP006", "error", hosts(image="ecs-al2023-x86")),
    ("CAP006", "error", hosts(instance="t3.small")),
    ("HA003", "warning", hosts(spot=True)),
    ("HOST01", "error", hosts(managed=False, scale={"min": 0, "max": 4})),
    ("HOST02", "error", hosts(scale={"min": 2, "max": 2}, task={f"{WEB}.scale": {"min": 6, "max": 6}})),
    ("HOST02", "warning", hosts(scale={"min": 2, "max": 2}, task={f"{WEB}.scale": {"min": 2, "max": 6}})),
    ("HOST03", "warning", hosts(drain=False)),
    ("HOST04", "warning", hosts(scale={"min": 1, "max": 4}, target_percent=100)),
    ("HOST05", "info", hosts(instance="t4g.medium", target_percent=100,
                             task={f"{WEB}.scale": {"min": 6, "max": 6}})),
    ("HOST06", "warning", {"capacity.idle": {}}),
    ("COST01", "info", hosts(instance="t4g.large")),
    ("NET006", "error", hosts(CLOSED | {f"{MAIN}.endpoints": ["s3"]}, **ON_THE_EDGE)),
    ("NET007", "error", hosts(CLOSED | {f"{MAIN}.endpoints": PULLS})),
    ("NET007", "error", hosts(CLOSED | {f"{MAIN}.endpoints": ["s3", "ecs", "ecs-agent", "ecs-telemetry"]})),
    ("NET010", "warning", hosts(CLOSED | {f"{MAIN}.endpoints": ["s3"]}, public_ip=True, **ON_THE_EDGE)),
    ("CORS04", "warning", {f"{WEB}.environment.CORS_ORIGINS": "*"}),
]  # fmt: skip

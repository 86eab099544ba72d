"""Mistakes with gateways, in an architecture that has them right."""

from copy import deepcopy
from typing import Any

Row = tuple[str, str, dict[str, Any]]

API = "gateways.api"
WEB = "services.web"
ROUTE = {"via": "front", "hosts": ["shop.example.com"]}
ENTER = {"functions.enter": {"handler": "a.handler"}}
INNER = {
    "load_balancers.inner": {"public": False, "tls": False},
    f"{WEB}.routes": [ROUTE, {"via": "inner"}],
}
_PAGES = {
    "buckets.pages": {},
    "buckets.spare": {"region": "ap-northeast-1"},
    "distributions.www": {
        "aliases": ["app.example.com"],
        "origins": {"pages": {"bucket": "pages"}, "spare": {"bucket": "spare"}},
        "default": {"origin": "pages", "failover": "spare"},
    },
}


def pages() -> dict[str, Any]:
    return deepcopy(_PAGES)


def gateway(**values: Any) -> dict[str, Any]:
    """Sign-in to a function, the rest to a load balancer inside."""
    routes = [
        {"path": "/session", "methods": ["POST"], "function": "enter"},
        {"path": "/*", "load_balancer": "inner"},
    ]
    made = INNER | ENTER | {API: {"hosts": ["api.example.com"], "routes": routes} | values}
    return deepcopy(made)


GATEWAYS: list[Row] = [
    ("LB006", "warning", {API: {"routes": [{"path": "/*", "load_balancer": "front"}]}}),
    ("LB006", "warning", gateway(routes=[{"path": "/a/*", "load_balancer": "inner"},
                                         {"path": "/b/*", "load_balancer": "front"},
                                         {"path": "/enter", "function": "enter"}])),
    ("CORS02", "error", gateway() | pages()),
    ("CORS02", "error", gateway(cors={"origins": ["https://www.example.org"]}) | pages()),
    ("GW001", "warning", gateway() | {"functions.enter.timeout_s": 60}),
    ("GW002", "warning", gateway(throttle={"rate": 10_000})),
    ("OBS003", "warning", gateway(access_logs=False)),
    ("LB003", "error", gateway() | {"load_balancers.inner.allow": ["192.0.2.0/24"]}),
]  # fmt: skip
ASKED = {
    "distributions.www.origins.api": {"gateway": "api"},
    "distributions.www.paths": {"/api/*": {"origin": "api", "cache": False, "methods": "all"}},
}
MEANT: list[dict[str, Any]] = [
    gateway(),
    gateway(cors={"origins": ["https://app.example.com"]}) | pages(),
    gateway() | pages() | ASKED,
]

"""Routes of the rooms that speak with the world outside: who may what, and what is written."""

from typing import Any

import httpx2

READ = {"GET /intake", "GET /-/intake", "GET /api/v1/intake"}
LEAST = dict.fromkeys(
    (
        "POST /intake", "POST /intake/{name}/renew", "POST /intake/{name}/delete", "POST /api/v1/intake",
        "POST /api/v1/intake/{name}/renew", "DELETE /api/v1/intake/{name}",
    ),
    "admin",
)  # fmt: skip
_NEW = {"name": "new", "kind": "cloudwatch"}
BODIES: dict[str, Any] = {"POST /api/v1/intake": _NEW}
ROWS = (
    ("POST /intake", "admin", "/intake", _NEW),
    ("POST /intake/{name}/renew", "admin", "/intake/alarms/renew"),
    ("POST /intake/{name}/delete", "admin", "/intake/alarms/delete"),
    ("POST /api/v1/intake", "admin", "/api/v1/intake", _NEW),
    ("POST /api/v1/intake/{name}/renew", "admin", "/api/v1/intake/alarms/renew"),
    ("DELETE /api/v1/intake/{name}", "admin", "/api/v1/intake/alarms"),
)


async def furnish(alice: httpx2.AsyncClient) -> None:
    made = await alice.post("/api/v1/intake", json={"name": "alarms"})
    assert made.status_code == 201, made.text

"""Routes of the rooms that speak with the world outside: who may what, and what is written."""

from typing import Any

import httpx2

READ = {
    "GET /intake", "GET /-/intake", "GET /api/v1/intake", "GET /architectures", "GET /-/architectures",
    "GET /architectures/{name}/{environment}", "GET /-/architectures/{name}/{environment}",
    "GET /api/v1/architectures", "GET /api/v1/architectures/{name}/{environment}",
}  # fmt: skip
LEAST = dict.fromkeys(
    (
        "POST /intake", "POST /intake/{name}/renew", "POST /intake/{name}/delete", "POST /api/v1/intake",
        "GET /architectures/new", "POST /architectures", "POST /architectures/{name}/{environment}/delete",
        "POST /api/v1/architectures", "DELETE /api/v1/architectures/{name}/{environment}",
        "POST /api/v1/intake/{name}/renew", "DELETE /api/v1/intake/{name}",
    ),
    "admin",
)  # fmt: skip
_NEW = {"name": "new", "kind": "cloudwatch"}
_FILE = {"text": "name: other\nregion: ap-northeast-2\n"}
BODIES: dict[str, Any] = {"POST /api/v1/intake": _NEW, "POST /api/v1/architectures": _FILE}
ROWS = (
    ("POST /intake", "admin", "/intake", _NEW),
    ("POST /intake/{name}/renew", "admin", "/intake/alarms/renew"),
    ("POST /intake/{name}/delete", "admin", "/intake/alarms/delete"),
    ("POST /api/v1/intake", "admin", "/api/v1/intake", _NEW),
    ("POST /api/v1/intake/{name}/renew", "admin", "/api/v1/intake/alarms/renew"),
    ("DELETE /api/v1/intake/{name}", "admin", "/api/v1/intake/alarms"),
    ("POST /architectures", "admin", "/architectures", _FILE),
    (
        "POST /architectures/{name}/{environment}/delete",
        "admin",
        "/architectures/shop/production/delete",
    ),
    ("POST /api/v1/architectures", "admin", "/api/v1/architectures", _FILE),
    (
        "DELETE /api/v1/architectures/{name}/{environment}",
        "admin",
        "/api/v1/architectures/shop/production",
    ),
)


async def furnish(alice: httpx2.AsyncClient) -> None:
    made = await alice.post("/api/v1/intake", json={"name": "alarms"})
    assert made.status_code == 201, made.text
    text = _FILE["text"].replace("other", "shop")
    drawn = await alice.post("/api/v1/architectures", json={"text": text})
    assert drawn.status_code == 200, drawn.text

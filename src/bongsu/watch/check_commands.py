"""`bongsu checks …`: a client of the API."""

import json as codec
from typing import Any

import cyclopts

from bongsu.kit.api import Api, show

app = cyclopts.App(name="checks", help="Checks, through the API (BONGSU_URL, BONGSU_TOKEN).")
COLUMNS = ("id", "service", "name", "kind", "target", "state", "since", "reason")


@app.command(name="list")
def list_(*, service: str = "", state: str = "", kind: str = "", json: bool = False) -> None:
    """All checks, page by page."""
    api, after, rows = Api.from_environment(), 0, []
    while after is not None:
        page = api.get(
            "/checks", service=service, state=state, kind=kind, after=after or None, limit=1000
        )
        rows += page["checks"]
        after = page["next"]
    show(rows, COLUMNS, json)


@app.command(name="show")
def show_(check_id: int) -> None:
    """One check as JSON."""
    _print(Api.from_environment().get(f"/checks/{check_id}"))


@app.command
def now(*check_ids: int, service: str = "", json: bool = False) -> int:
    """Looks at once; exit status 1 when any look is not well."""
    body: dict[str, Any] = {"checks": list(check_ids), "service": service or None}
    answer = Api.from_environment().call("POST", "/checks/now", body)
    rows = [
        row | {"ms": round(row["total_us"] / 1000, 1), "well": "OK" if row["ok"] else "warning"}
        for row in answer["looks"]
    ]
    show(rows, ("service", "check", "well", "status", "ms", "state"), json)
    return 0 if rows and all(row["ok"] for row in rows) and not answer["waiting"] else 1


@app.command
def pause(check_id: int) -> None:
    """Goes on looking, stops telling."""
    _print(Api.from_environment().call("POST", f"/checks/{check_id}/pause"))


@app.command
def resume(check_id: int) -> None:
    """Tells again."""
    _print(Api.from_environment().call("POST", f"/checks/{check_id}/resume"))


@app.command
def delete(check_id: int) -> None:
    """Only an administrator may. History and evidence stay."""
    Api.from_environment().call("DELETE", f"/checks/{check_id}")


def _print(value: Any) -> None:
    print(codec.dumps(value, indent=2, ensure_ascii=False))

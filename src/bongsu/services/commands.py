"""`bongsu services …`: a client of the API."""

import json as codec
from pathlib import Path
from typing import Any

import cyclopts

from bongsu.kit.api import Api, show

app = cyclopts.App(name="services", help="Services, through the API (BONGSU_URL, BONGSU_TOKEN).")
COLUMNS = ("name", "title", "group", "owners")


@app.command(name="list")
def list_(*, json: bool = False) -> None:
    """All services."""
    rows = [
        row | {"owners": ",".join(row["owners"])} for row in _api().get("/services")["services"]
    ]
    show(rows, COLUMNS, json)


@app.command(name="show")
def show_(name: str) -> None:
    """One service as JSON."""
    print(codec.dumps(_api().get(f"/services/{name}"), indent=2, ensure_ascii=False))


@app.command
def create(name: str, *, title: str = "", group: str = "", owners: tuple[str, ...] = ()) -> None:
    """Registers a service. Only an administrator may."""
    body = {"name": name, "title": title, "group": group, "owners": list(owners)}
    show([_owners(_api().call("POST", "/services", body))], COLUMNS, as_json=False)


@app.command
def delete(name: str) -> None:
    """Deletes a service with its checks. Only an administrator may."""
    _api().call("DELETE", f"/services/{name}")


@app.command(name="import")
def import_(file: Path) -> None:
    """Registers services and checks from CSV: service,title,group,owners,check,kind,target,every."""
    answer = _api().call("POST", "/services/import", {"csv": file.read_text(encoding="utf-8")})
    show([answer], ("services", "checks"), as_json=False)


def _api() -> Api:
    return Api.from_environment()


def _owners(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"owners": ",".join(row["owners"])}

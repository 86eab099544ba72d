"""`bongsu incidents …`: a client of the API."""

import json as codec

import cyclopts

from bongsu.kit.api import Api, show

app = cyclopts.App(name="incidents", help="Incidents, through the API (BONGSU_URL, BONGSU_TOKEN).")
COLUMNS = ("id", "severity", "state", "title", "opened_at", "resolved_at")


@app.command(name="list")
def list_(*, open: bool = False, json: bool = False) -> None:  # noqa: A002  the flag's name
    """Newest first; `--open` only those that are open."""
    query = {"open": "true"} if open else {}
    show(Api.from_environment().get("/incidents", **query)["incidents"], COLUMNS, json)


@app.command(name="show")
def show_(incident_id: int) -> None:
    """One incident with its timeline, as JSON."""
    found = Api.from_environment().get(f"/incidents/{incident_id}")
    print(codec.dumps(found, indent=2, ensure_ascii=False))


@app.command
def acknowledge(incident_id: int) -> None:
    """Take it: the others see that you have it."""
    Api.from_environment().call("POST", f"/incidents/{incident_id}/acknowledge")


@app.command
def comment(incident_id: int, text: str) -> None:
    """A note for the others."""
    Api.from_environment().call("POST", f"/incidents/{incident_id}/comment", {"text": text})


@app.command
def resolve(incident_id: int, why: str) -> None:
    """End it by hand, with the reason."""
    Api.from_environment().call("POST", f"/incidents/{incident_id}/resolve", {"why": why})

"""`bongsu events …`: the log, through the API."""

import json as codec
import sys

import cyclopts

from bongsu.kit.api import Api, show

app = cyclopts.App(name="events", help="The event log, through the API (BONGSU_URL, BONGSU_TOKEN).")


@app.command(name="list")
def list_(
    *, pattern: str = "", family: str = "", subject: str = "", pages: int = 1, json: bool = False
) -> None:
    """Newest first, as CloudEvents with --json. `--pattern` is an event pattern, `-` reads it from input."""
    wanted = sys.stdin.read() if pattern == "-" else pattern
    api, before, rows = Api.from_environment(), None, []
    for _ in range(pages):
        page = api.get("/events", pattern=wanted, family=family, subject=subject, before=before)
        rows += page["events"]
        before = page["older"]
        if before is None:
            break
    show(rows, ("time", "type", "subject", "severitynumber", "authid"), json)


@app.command(name="show")
def show_(event_id: str) -> None:
    """One event as CloudEvents JSON."""
    event = Api.from_environment().get(f"/events/{event_id}")
    print(codec.dumps(event, indent=2, ensure_ascii=False))

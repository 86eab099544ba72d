"""`bongsu intake …`: a client of the API."""

from typing import Any

import cyclopts

from bongsu.kit.api import Api, show

app = cyclopts.App(name="intake", help="Who may send events here, through the API.")
COLUMNS = ("name", "kind", "sender", "last_at", "last_refusal")


@app.command(name="list")
def list_(*, json: bool = False) -> None:
    """All sources."""
    show(Api.from_environment().get("/intake")["sources"], COLUMNS, json)


@app.command
def create(name: str, *, kind: str = "cloudwatch", json: bool = False) -> None:
    """A new source. Its address is printed once. Only an administrator may."""
    _address(Api.from_environment().call("POST", "/intake", {"name": name, "kind": kind}), json)


@app.command
def renew(name: str, *, json: bool = False) -> None:
    """Another address; the one before leads nowhere any more."""
    _address(Api.from_environment().call("POST", f"/intake/{name}/renew"), json)


@app.command
def delete(name: str) -> None:
    """Deletes a source with the states that it reported."""
    Api.from_environment().call("DELETE", f"/intake/{name}")


def _address(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show([answer], (), as_json)
    else:
        print(answer["url"])

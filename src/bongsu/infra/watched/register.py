"""Registers what is watched in a running Bongsu, by its API: shown first, then all of it or nothing."""

from dataclasses import dataclass
from typing import Any

from bongsu.infra.watched.document import text
from bongsu.infra.watched.watching import Watching
from bongsu.kit.api import Api
from bongsu.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class Registered:
    """`changes` as the server made them; `left`: what no part asks for any more and nobody agreed to take away."""

    changes: tuple[dict[str, Any], ...]
    left: tuple[str, ...]


def have_drawn(text: str, lock: str, environment: str, api: Api) -> str | None:
    """Its page in the server; None where that room is off."""
    draft = {"text": text, "lock": lock, "environment": environment}
    try:
        kept = api.call("POST", "/architectures", draft)
    except NotFound:
        return None
    return f"{api.url}{kept['page']}"


def register(found: Watching, api: Api, *, remove: bool) -> Registered:
    """A second time nothing changes. Raises what the server answers; without `remove` nothing is deleted there."""
    files = {"files": [{"name": found.scope, "text": text(found)}]}
    foreseen = api.call("POST", "/config/plan", files)["changes"]
    made = api.call("POST", "/config/apply", files | {"remove": remove})["changes"]
    gone = [f"{one['section']}/{one['name']}" for one in foreseen if one["verb"] == "delete"]
    return Registered(tuple(made), () if remove else tuple(gone))

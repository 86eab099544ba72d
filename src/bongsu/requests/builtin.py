"""Triggers to begin with, switched off: what is usual in one team is trouble in another."""

from typing import Any

from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import say
from bongsu.requests import store

BUILTIN: tuple[dict[str, Any], ...] = (
    {
        "name": "slow-requests",
        "title": say("Requests are slow").text,
        "pattern": {"stream": [False], "duration_ms": [{"numeric": [">", 2000]}]},
        "at_least": 10,
        "window_s": 60,
        "per": "route",
        "severity": 3,
    },
    {
        "name": "failed-sign-ins",
        "title": say("Many sign-ins fail").text,
        "pattern": {
            "method": ["POST"],
            "route": ["/sign-in", "/api/v1/session"],
            "outcome": ["refused", "invalid"],
        },
        "at_least": 10,
        "window_s": 300,
        "per": "address",
        "severity": 3,
    },
    {
        "name": "failed-requests",
        "title": say("Requests fail").text,
        "pattern": {"outcome": ["failed"]},
        "at_least": 5,
        "window_s": 60,
        "per": "all",
        "severity": 4,
    },
)


async def install_builtin(tx: Tx, clock: Clock) -> int:
    """Adds the triggers that are missing; how many."""
    added = 0
    for one in BUILTIN:
        now = clock.now()
        made = {"enabled": False, "builtin": True, "created_at": now, "updated_at": now}
        added += await store.insert(tx, one | made)
    return added

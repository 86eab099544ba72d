"""The rules of a new installation: owners are told without any configuration.

They can be switched off and changed, not deleted; an update adds new ones and leaves the others as they are.
"""

from typing import Any

from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.rules import store

Pattern = dict[str, Any]


def _state(*states: str) -> Pattern:
    return {"detail-type": ["check.state_changed"], "detail": {"after": {"state": list(states)}}}


def _alarm(of_a_service: bool) -> Pattern:
    """Raised opens an incident, well again ends it; what has no data is not news."""
    return {
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {
            "state": {"value": ["ALARM", "OK"]},
            "service": {"id": [{"exists": of_a_service}]},
        },
    }


BUILTIN: tuple[tuple[str, Pattern, list[dict[str, Any]]], ...] = (
    ("tell-owner", _state("down"), [{"incident": {"severity": 4, "tell": "owners"}}]),
    ("tell-owner-slow", _state("degraded"), [{"incident": {"severity": 3, "tell": "owners"}}]),
    # Opens nothing: “up” settles what is open under its key, “unknown” (our own blindness) is noted there.
    ("well-again", _state("up", "unknown"), [{"incident": {"open": False}}]),
    (
        "own-trouble",
        {
            "type": [{"prefix": "own."}, "delivery.failed"],
            "severity": [{"numeric": [">=", 4]}],
        },
        [{"incident": {"tell": "admins"}}],
    ),
    (
        "own-trouble-over",
        {"type": [{"prefix": "own."}], "detail": {"after": {"state": ["up"]}}},
        [{"incident": {"open": False}}],
    ),
    # Both its ends: the incident of a trigger that fires is over when it is quiet again.
    ("request-triggers", {"type": ["request.triggered"]}, [{"incident": {"tell": "admins"}}]),
    # With a service its owners are told; an alarm of something else is for those who run the place.
    ("cloudwatch-alarms", _alarm(True), [{"incident": {"tell": "owners"}}]),
    ("cloudwatch-alarms-others", _alarm(False), [{"incident": {"tell": "admins"}}]),
    ("task-changes", {"type": [{"prefix": "task."}]}, [{"tell": {}}]),
    (
        "mentions",
        {
            "type": [{"prefix": "incident.comment"}],
            "detail": {"note": {"mentions": [{"exists": True}]}},
        },
        [{"tell": {}}],
    ),
    (
        "tasks-follow",
        {"$or": [{"type": [{"prefix": "incident."}]}, {"detail": {"changed": ["links"]}}]},
        [{"follow": {}}],
    ),
)


def original(name: str) -> dict[str, Any]:
    """The values of a built-in rule as it is delivered. Raises KeyError for any other."""
    found = {known: (pattern, actions) for known, pattern, actions in BUILTIN}
    pattern, actions = found[name]
    return {"pattern": pattern, "actions": actions, "enabled": True, "defined_in": None}


async def install_builtin(tx: Tx, clock: Clock) -> int:
    """Adds the rules that are missing; how many."""
    added = 0
    for name, pattern, actions in BUILTIN:
        values = {
            "name": name,
            "enabled": True,
            "pattern": pattern,
            "actions": actions,
            "builtin": True,
            "created_at": clock.now(),
            "updated_at": clock.now(),
        }
        added += await store.insert(tx, values)
    return added

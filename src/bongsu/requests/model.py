"""What is kept of a request, and how it is read off what passed by: pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple

from bongsu.kit.clock import iso, micros
from bongsu.kit.i18n import say
from bongsu.kit.redact import is_secret_name

Outcome = Literal["ok", "invalid", "not_found", "refused", "cut", "failed"]
Via = Literal["session", "token", "none"]

AGENT_CHARACTERS = 200
OBJECT_CHARACTERS = 120
CUT_STATUS = 499  # shown where the client left before there was an answer
# Where nobody is known yet: these are kept as nobody's; other anonymous reads of public addresses are not.
GATES = ("/api/", "/sign-", "/door/", "/forgot")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OBJECT = re.compile(r"[\w.+@-]{1,80}")
_SUBJECT = re.compile(r"[a-z_]{1,24}/[\w-]{1,48}")
_IRREGULAR = {"people": "user", "triggers": "request_trigger"}
_SECRET_PARTS = frozenset({"code", "ticket", "state", "signature", "door"})

OUTCOME_WORDS = {
    "ok": say("Well"),
    "invalid": say("Wrong input"),
    "not_found": say("Not found"),
    "refused": say("Refused"),
    "cut": say("Cut off by the client"),
    "failed": say("Failed"),
}


class Seen(NamedTuple):
    """One request, ended. `at` is when it came, `took_us` lasts to its last byte.

    A tuple, because one is made for every request that anybody makes.
    """

    id: str
    at: datetime
    person: int  # 0: nobody is known
    name: str
    token: int
    via: Via
    method: str
    route: str  # a template such as `/incidents/{incident_id}`; empty where no route fits
    object: str  # such as `incident/12`; empty when the route names none
    outcome: Outcome
    status: int
    took_us: int
    size_bytes: int
    stream: bool  # held open on purpose: its length says nothing of slowness
    address: str
    language: str
    agent: str

    @property
    def ended(self) -> datetime:
        return self.at + timedelta(microseconds=self.took_us)

    def row(self) -> tuple[Any, ...]:
        """As `lake.schema.REQUEST_COLUMNS` want it."""
        return (self[0], micros(self[1]) / 1_000_000, *self[2:])

    def document(self) -> dict[str, Any]:
        """What the API gives and what the patterns of triggers match."""
        return {
            "id": self.id,
            "time": iso(self.at),
            "person": {"id": self.person, "name": self.name} if self.person else None,
            "token": self.token or None,
            "via": self.via,
            "method": self.method,
            "route": self.route,
            "object": self.object,
            "outcome": self.outcome,
            "status": self.status,
            "duration_ms": self.took_us / 1000,
            "bytes": self.size_bytes,
            "stream": self.stream,
            "address": self.address,
            "language": self.language,
            "agent": self.agent,
        }

    def sample(self) -> dict[str, Any]:
        """What an event repeats of it: nothing of the browser."""
        return {k: v for k, v in self.document().items() if k not in {"agent", "language", "bytes"}}


FIELDS = frozenset(
    {"id", "time", "person", "person.id", "person.name", "token", "via", "method", "route", "object"}
    | {"outcome", "status", "duration_ms", "bytes", "stream", "address", "language", "agent"}
)  # fmt: skip


def outcome_of(status: int, *, cut: bool, broke: bool, to_sign_in: bool) -> Outcome:
    """`broke`: a bug left the handler; `to_sign_in`: nobody was known and was sent to the gate."""
    if cut:
        return "cut"
    if broke or status >= 500:
        return "failed"
    if status in {401, 403} or to_sign_in:
        return "refused"
    if status == 404:
        return "not_found"
    return "invalid" if status >= 400 else "ok"


def is_kept(seen: Seen, path: str) -> bool:
    """Everything of a person or token; of nobody what was refused, or asked of the API or at the gate."""
    return bool(seen.person) or seen.outcome == "refused" or path.startswith(GATES)


def route_of(scope: Mapping[str, Any]) -> str:
    """The template of the route that took the request, never the address itself: it may hold a secret."""
    path = getattr(scope.get("route"), "path", None)
    if path is not None:
        return str(path)
    # A plain route without parameters, such as that of openapi.json, is its own template.
    return str(scope["path"]) if scope.get("path_params") == {} and "endpoint" in scope else ""


def object_of(route: str, params: Mapping[str, Any], subject: str = "") -> str:
    """What the request is about: the first parameter of its route, by the word before it.

    `subject` is what the query names where the route has no parameter (`/api/v1/notes?subject=task/42`).
    """
    kind, name = _named(route)
    if name == "family" and "ident" in params:  # /-/notes/{family}/{ident}
        subject, name = f"{params[name]}/{params['ident']}", ""
    if name:
        return _object(kind, name, str(params.get(name, "")))
    return subject if _SUBJECT.fullmatch(subject) else ""


@cache
def _named(route: str) -> tuple[str, str]:
    """The kind of thing that the first parameter of a template means, and the parameter."""
    before = ""
    for part in route.split("/"):
        if part.startswith("{"):
            name = part[1:-1].partition(":")[0]
            return _kind(name, before), name
        before = part or before
    return "", ""


def _kind(name: str, before: str) -> str:
    if name.endswith("_id"):
        return name.removesuffix("_id")
    word = _IRREGULAR.get(before, before.replace("-", "_"))
    for plural, single in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if word.endswith(plural) and not word.endswith("us"):
            return word.removesuffix(plural) + single
    return word


def _object(kind: str, name: str, value: str) -> str:
    """Nothing where the value opens something, or is more than a name."""
    if _SUBJECT.fullmatch(value):
        return value
    secret = name in _SECRET_PARTS or (is_secret_name(name) and not name.endswith("_id"))
    if secret or not kind or _OBJECT.fullmatch(value) is None:
        return ""
    return f"{kind}/{value}"[:OBJECT_CHARACTERS]


def method_of(method: str) -> str:
    return method if method in _METHODS else "OTHER"

"""What was seen, as it is kept: a document a state change, a line a failed look. Pure; secrets are hidden."""

from datetime import datetime
from typing import Any

import msgspec

from bongsu.kit.clock import iso
from bongsu.kit.redact import redact_header, redact_text, redact_url, redact_value
from bongsu.kit.text import decode, head
from bongsu.net.model import Phases
from bongsu.watch.changes import brief, certificate_of
from bongsu.watch.model import HEAD_LIMIT_BYTES, Check, Observation
from bongsu.watch.target import target_of
from bongsu.watch.verdict import Transition

_HEADERS_LIMIT = 100
_VALUE_LIMIT = 1000


def key_of(check: Check, at: datetime, event_id: str) -> str:
    """`evidence/<service>/<check>/<yyyy-mm-dd>/<event id>.json`"""
    return f"evidence/{check.service}/{check.name}/{at:%Y-%m-%d}/{event_id}.json"


def evidence(check: Check, location: str, move: Transition, seen: Observation) -> bytes:
    """The document beside an event: request, answer, times, certificate, conditions and the verdict."""
    document = {
        "version": 1,
        "check": {"id": check.id, "service": check.service, "name": check.name, "kind": check.kind},
        "location": location,
        "verdict": {
            "before": move.before or "unknown",
            "after": move.after,
            "since": iso(move.since),
            "reason": str(move.reason),
        },
        "request": request_of(check),
        "seen": seen_of(seen),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1)


def request_of(check: Check) -> dict[str, Any]:
    options = {name: redact_value(name, value) for name, value in check.options.items()}
    if url := check.options.get("url"):
        options["url"] = redact_url(str(url))
    return {"kind": check.kind, "options": options, "timeout_s": check.timeout_s}


def seen_of(seen: Observation) -> dict[str, Any]:
    """An observation without its body, but with the redacted head of it."""
    body = seen.body[:HEAD_LIMIT_BYTES]
    return brief(seen) | {
        "at": iso(seen.at),
        "level": seen.level,
        "own": seen.own,
        "reason": str(seen.reason) if seen.reason else None,
        "phases_us": phases_of(seen.phases_us),
        "http_version": seen.http_version,
        "headers": [
            [name, head(redact_header(name, redact_text(value)), _VALUE_LIMIT)]
            for name, value in seen.headers[:_HEADERS_LIMIT]
        ],
        "body_head": redact_text(decode(body)),
        "body_bytes": len(seen.body),
        "body_truncated": seen.body_truncated,
        "redirects": [redact_url(url) for url in seen.redirects],
        "certificate": certificate_of(seen.certificate) if seen.certificate else None,
    }


def phases_of(phases: Phases) -> dict[str, int]:
    return {
        "name": phases.name,
        "connect": phases.connect,
        "tls": phases.tls,
        "first_byte": phases.first_byte,
        "transfer": phases.transfer,
    }


def failed_look(
    check: Check, location: str, state: str | None, seen: Observation
) -> dict[str, Any]:
    """One line of the archive of failed looks; small, because a black hole makes many."""
    return brief(seen) | {
        "at": iso(seen.at),
        "service": check.service,
        "check": check.name,
        "check_id": check.id,
        "kind": check.kind,
        "target": target_of(check.options),
        "location": location,
        "level": seen.level,
        "state": state,
        "own": seen.own,
        "reason": str(seen.reason) if seen.reason else None,
        "phases_us": phases_of(seen.phases_us),
        "body_head": redact_text(decode(seen.body[:256])),
    }


def summary(check: Check, state: str | None, seen: Observation) -> dict[str, Any]:
    """What "check now" shows: the look itself beside the state it led to."""
    return brief(seen) | {
        "check_id": check.id,
        "check": check.name,
        "service": check.service,
        "at": iso(seen.at),
        "ok": seen.ok,
        "level": seen.level,
        "state": state or "unknown",
        "own": seen.own,
        "reason": seen.reason.stored() if seen.reason else None,
        "phases_us": phases_of(seen.phases_us),
        "certificate": certificate_of(seen.certificate) if seen.certificate else None,
    }

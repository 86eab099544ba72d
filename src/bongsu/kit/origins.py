"""Which pages of other origins may call the API in a browser: exact origins, and the headers that say so. Pure.

The server (cors.py) and the function that signs in (functions/sign_in.py) answer by the same words.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

METHODS = "GET, POST, PUT, PATCH, DELETE"
HEADERS = "content-type, x-csrf-token"
MAX_AGE_S = 600
_ASKED = "access-control-request-method"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_origins(text: str) -> frozenset[str]:
    """Of a comma separated list. Raises Invalid for anything that no browser would send as its origin."""
    named = [part.strip() for part in text.split(",") if part.strip()]
    for origin in named:
        if not _is_exact(origin):
            raise Invalid(
                say(
                    "{origin} in cors_origins is no exact origin. Write scheme, host and port only, "
                    "such as https://tasks.example.com; a * or a path is not taken.",
                    origin=origin,
                )
            )
    return frozenset(named)


def _is_exact(origin: str) -> bool:
    """As a browser writes it: lower case, no default port, nothing behind the host."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    if parts.scheme not in _DEFAULT_PORTS or not host or "*" in host or not origin.isascii():
        return False
    bare = f"[{host}]" if ":" in host else host
    written = f"{parts.scheme}://{bare}" + (f":{port}" if port is not None else "")
    return origin == written and port != _DEFAULT_PORTS[parts.scheme]


def answer_headers(origin: str | None, allowed: frozenset[str]) -> dict[str, str]:
    """For every answer; an origin that is not listed gets none of it."""
    if origin is None or origin not in allowed:
        return {}
    return {"access-control-allow-origin": origin, "access-control-allow-credentials": "true"}


def preflight_headers(origin: str | None, allowed: frozenset[str]) -> dict[str, str]:
    """For the question that a browser asks before a write; empty for an origin that is not listed."""
    granted = answer_headers(origin, allowed)
    if not granted:
        return {}
    return granted | {
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": HEADERS,
        "access-control-max-age": str(MAX_AGE_S),
    }


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    return method == "OPTIONS" and "origin" in headers and _ASKED in headers

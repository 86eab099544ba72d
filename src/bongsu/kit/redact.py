"""Keeps secrets out of logs, pages, exports and errors."""

import re
from urllib.parse import urlsplit, urlunsplit

HIDDEN = "••••"
_SECRET_NAMES = re.compile(
    r"(?i)(authorization|cookie|passw|secret|token|api[-_]?key|credential|signature|session|private[-_]?key)"
)
_REFERENCE = re.compile(r"^(env|file|ssm|secretsmanager):\S+$")
_INLINE = re.compile(
    r"(?i)((?:passw(?:or)?d|secret|token|api[-_]?key|access[-_]?key)[\"']?\s*[=:]\s*[\"']?)([^\s\"'&,;}]+)"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}")


class Secret(str):
    """A string that prints as dots. Only `reveal` gives the value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def reveal(self) -> str:
        return str.__str__(self)


def is_secret_name(name: str) -> bool:
    return _SECRET_NAMES.search(name) is not None


def is_reference(value: str) -> bool:
    """`env:NAME`, `file:/path`, `ssm:/name`, `secretsmanager:name`: where a secret is, not the secret."""
    return _REFERENCE.match(value) is not None


def redact_header(name: str, value: str) -> str:
    return HIDDEN if is_secret_name(name) else value


def redact_text(text: str) -> str:
    """Hides `password=…`-like pairs and bearer values in free text."""
    return _BEARER.sub(rf"\1 {HIDDEN}", _INLINE.sub(rf"\1{HIDDEN}", text))


def redact_url(url: str) -> str:
    """Hides the password of an address and the values of secret-looking query parameters."""
    parts = urlsplit(url)
    host = parts.netloc
    if "@" in host:
        user, _, place = host.rpartition("@")
        host = f"{user.split(':')[0]}:{HIDDEN}@{place}" if ":" in user else host
    query = "&".join(
        f"{pair.split('=')[0]}={HIDDEN}" if is_secret_name(pair.split("=")[0]) else pair
        for pair in parts.query.split("&")
    )
    return urlunsplit((parts.scheme, host, parts.path, query, parts.fragment))


def redact_value(name: str, value: object) -> object:
    """Recursively, for options and exports: secret-named strings become dots, references stay."""
    if isinstance(value, dict):
        return {key: redact_value(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redact_value(name, inner) for inner in value]
    if isinstance(value, str) and is_secret_name(name) and not is_reference(value):
        return HIDDEN
    return value

"""Addresses as people type them and servers redirect to, taken apart once and strictly."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from bongsu.kit.i18n import Said, say
from bongsu.net.hosts import is_address

SCHEMES = ("http", "https")
_DEFAULT_PORT = {"http": 80, "https": 443}
_MAX_LENGTH = 8192
# What may stand in a path or query as it is; everything else is percent-encoded.
_KEEP = "!#$%&'()*+,/:;=?@[]~-._"


@dataclass(frozen=True, slots=True)
class Target:
    """`url` is ASCII, without fragment; `host` is a name in ASCII or an address without brackets."""

    scheme: str
    host: str
    port: int
    url: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return (self.scheme, self.host, self.port)


@lru_cache(maxsize=65_536)
def parse_url(text: str) -> Target | Said:
    """The parts, or the sentence that says what is wrong with it."""
    # Never echo what may hold a password.
    invalid = say("This is no valid address: {url}", url="…" if "@" in text else text[:200])
    if len(text) > _MAX_LENGTH:
        return say("The address is longer than {n} characters.", n=_MAX_LENGTH)
    if any(c <= " " or c == "\x7f" for c in text):
        return say("The address has a space or control character in it.")
    try:
        parts = urlsplit(text)
        name, port = ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        return invalid
    if unwelcome := _unwelcome(parts):
        return unwelcome
    if name is None or port == 0:
        return invalid
    return _target(parts, name, port or _DEFAULT_PORT[parts.scheme])


def _unwelcome(parts: SplitResult) -> Said | None:
    if parts.scheme not in SCHEMES:
        return say("The address must start with http:// or https://.")
    if "@" in parts.netloc:
        return say("The address has a user name in it. Give user name and password apart.")
    return None


def _target(parts: SplitResult, host: str, port: int) -> Target:
    shown = f"[{host}]" if ":" in host else host
    place = shown if port == _DEFAULT_PORT[parts.scheme] else f"{shown}:{port}"
    query = f"?{quote(parts.query, safe=_KEEP)}" if parts.query else ""
    path = quote(parts.path or "/", safe=_KEEP.replace("#", "").replace("?", ""))
    return Target(parts.scheme, host, port, f"{parts.scheme}://{place}{path}{query}")


def redirect_target(base: str, location: str) -> Target | Said:
    """Where a `Location` header leads, seen from `base`."""
    try:
        joined = urljoin(base, location.strip())
    except ValueError:
        return say("This is no valid address: {url}", url=location)
    return parse_url(joined)


@lru_cache(maxsize=65_536)
def ascii_host(host: str) -> str | None:
    """A name in lower-case ASCII (IDNA), or an address; None for what is neither."""
    if is_address(host):
        return host.lower()
    try:
        name = host.lower() if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = name.rstrip(".").split(".")
    good = all(0 < len(label) <= 63 and _is_label(label) for label in labels)
    return name if good and len(name) <= 253 else None


def _is_label(label: str) -> bool:
    return all(c.isalnum() or c in "-_" for c in label) and label.isascii()


def split_host_port(text: str) -> tuple[str, int] | Said:
    """`host:port`, `[v6]:port`. The sentence says what is wrong otherwise."""
    host, colon, port = text.strip().rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) <= 65_535:
        return say("Write the place as host:port, for example db.example.com:5432.")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    name = ascii_host(bare)
    if name is None or (":" in bare and bare == host):
        return say("Write the place as host:port, for example db.example.com:5432.")
    return name, int(port)

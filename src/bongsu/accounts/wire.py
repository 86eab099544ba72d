"""What a request says of itself, believed only as far as the proxies that we trust: pure."""

import ipaddress
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urlsplit

if TYPE_CHECKING:
    from starlette.requests import Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE, COOKIE_HTTPS = "bongsu", "__Host-bongsu"
FOR_OTHER_ORIGINS = ("/api/", "/live")


@cache
def networks(trusted: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Addresses and networks, comma separated. Raises ValueError for anything else."""
    parts = (part.strip() for part in trusted.split(","))
    return tuple(ipaddress.ip_network(part, strict=False) for part in parts if part)


def is_trusted(address: str, trusted: str) -> bool:
    """A Unix socket has no address: only this machine reaches it."""
    if not address:
        return True
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in networks(trusted))


def client_address(peer: str, forwarded_for: str, trusted: str) -> str:
    """The nearest address that is not one of our proxies. A header from anybody else is not read."""
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    nearest = peer
    while hops and is_trusted(nearest, trusted):
        nearest = hops.pop()
    return nearest[:64] or "local"


def address_of(request: "Request", trusted: str) -> str:
    peer = request.client.host if request.client else ""
    return client_address(peer, ",".join(request.headers.getlist("x-forwarded-for")), trusted)


def is_https(request: "Request", trusted: str) -> bool:
    if request.url.scheme == "https":
        return True
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[-1].strip().lower()
    return forwarded == "https" and is_trusted(peer, trusted)


def cookie_name(https: bool, kind: str = "") -> str:
    """By HTTPS only the `__Host-` name counts: a neighbouring site can plant any other one."""
    name = COOKIE_HTTPS if https else COOKIE
    return f"{name}-{kind}" if kind else name


def is_own_origin(headers: Mapping[str, str], https: bool, public: str) -> bool:
    """Whether the page that sends this is ours. Browsers say so themselves, and no page can change it;
    older ones give the origin. A client that is no browser says neither: then the token alone decides."""
    site = headers.get("sec-fetch-site", "none")
    if site != "none":
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is None:
        return True
    own = f"{'https' if https else 'http'}://{headers.get('host', '')}"
    return origin.lower() in {own.lower(), _origin(public)}


def is_listed_origin(path: str, headers: Mapping[str, str], allowed: frozenset[str]) -> bool:
    """Whether a page of another origin was let in by name. Only what is made for programs: no page of ours."""
    return path.startswith(FOR_OTHER_ORIGINS) and headers.get("origin") in allowed


def names_another_site(public: str, allowed: frozenset[str]) -> bool:
    """Whether a browser sends those pages only cookies that are meant for every site.

    Without a list of what is a registrable domain, only a host inside the other counts as the same site;
    two neighbours below one domain are taken for strangers, which costs them nothing.
    """
    own = urlsplit(public)
    return any(not _same_site(own, urlsplit(origin)) for origin in allowed)


def _same_site(one: SplitResult, other: SplitResult) -> bool:
    a, b = one.hostname or "", other.hostname or ""
    inside = a == b or a.endswith(f".{b}") or b.endswith(f".{a}")
    return inside and one.scheme == other.scheme


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def wants_json(path: str, accept: str) -> bool:
    """The API, and whatever asks for anything but a page (scripts, streams)."""
    return path.startswith("/api/") or ("text/html" not in accept and accept not in {"", "*/*"})


def sign_in_address(request: "Request") -> str:
    """Back to the same page afterwards; after a write back to the page that sent it. Never to what belongs
    to signing in itself, whose query may hold a code of the provider."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method not in SAFE_METHODS:
        path = urlsplit(request.headers.get("referer", "/")).path or "/"
    return (
        "/sign-in"
        if path == "/" or path.startswith("/sign-in")
        else f"/sign-in?next={quote(path, safe='/')}"
    )

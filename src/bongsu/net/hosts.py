"""The machine's own name files: `/etc/hosts` and the search list of `/etc/resolv.conf`. Parsing is pure."""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bongsu.kit.clock import Clock

_LOOK_AGAIN_S = 5.0


def parse_hosts(text: str) -> dict[str, tuple[str, ...]]:
    """Lower-case name → addresses in file order. Lines that are no entry are skipped, as libc does."""
    names: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        address, *aliases = line.partition("#")[0].split() or [""]
        if not aliases or not is_address(address):
            continue
        for alias in aliases:
            known = names.get(alias.lower(), ())
            names[alias.lower()] = known if address in known else (*known, address)
    return names


@dataclass(frozen=True, slots=True)
class Search:
    """Which domains are tried, and how many dots a name needs to be tried as it is first."""

    domains: tuple[str, ...] = ()
    ndots: int = 1

    def candidates(self, host: str) -> tuple[str, ...]:
        """A name with enough dots is asked only as it is: a wildcard in a search domain must not
        make a dead site look well."""
        if host.endswith(".") or host.count(".") >= self.ndots:
            return (host.rstrip("."),)
        return (*(f"{host}.{domain}" for domain in self.domains), host)


def parse_search(text: str) -> Search:
    domains: tuple[str, ...] = ()
    ndots = 1
    for line in text.splitlines():
        word, *rest = line.partition("#")[0].split() or [""]
        if word in {"search", "domain"}:
            domains = tuple(domain.strip(".") for domain in rest)
        for option in rest if word == "options" else ():
            name, _, value = option.partition(":")
            ndots = min(int(value), 15) if name == "ndots" and value.isdecimal() else ndots
    return Search(domains, ndots)


@lru_cache(maxsize=65_536)
def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


class HostsFile:
    """`/etc/hosts`, read again at most every 5 s and only when it changed."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._names: dict[str, tuple[str, ...]] = {}
        self._stamp: tuple[int, int] = (-1, -1)
        self._look_at_s = float("-inf")

    def lookup(self, host: str) -> tuple[str, ...]:
        if self._clock.monotonic_s() >= self._look_at_s:
            self._look_at_s = self._clock.monotonic_s() + _LOOK_AGAIN_S
            self._refresh()
        if found := self._names.get(host):
            return found
        if host == "localhost" or host.endswith(".localhost"):  # RFC 6761: never asked outside
            return ("127.0.0.1", "::1")
        return ()

    def _refresh(self) -> None:
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp != self._stamp:
                self._names = parse_hosts(self._path.read_text("utf-8", "replace"))
                self._stamp = stamp
        except OSError:
            self._names, self._stamp = {}, (-1, -1)


def system_search(path: Path) -> Search:
    try:
        return parse_search(path.read_text("utf-8", "replace"))
    except OSError:
        return Search()

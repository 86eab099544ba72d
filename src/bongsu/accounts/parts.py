"""What the application is made of, and what a request says of itself; `http.py` gives them to the other rooms."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from bongsu.accounts import wire
from bongsu.accounts.vault import Vault
from bongsu.accounts.visit import Visit
from bongsu.db.session import Database
from bongsu.kit.clock import Clock
from bongsu.kit.secretref import Secrets
from bongsu.kit.settings import Settings
from bongsu.lake.client import LakeClient
from bongsu.net.guard import EgressPolicy
from bongsu.net.outward import Outward
from bongsu.objects.outbox import Outbox
from bongsu.web.shell import NavItem, Shell

_LEFT_OUT: Any = None  # a room's own tests give only the parts that the room uses


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is made of; `request.app.state.parts`."""

    db: Database
    settings: Settings
    clock: Clock
    lake: LakeClient = _LEFT_OUT
    objects: Outbox = _LEFT_OUT
    shell: Shell = field(default_factory=Shell)
    guard: EgressPolicy = _LEFT_OUT
    nav: tuple[NavItem, ...] = ()
    vault: Vault = _LEFT_OUT
    outward: Outward = _LEFT_OUT  # to the provider, through the guard
    secrets: Secrets = _LEFT_OUT

    def door_url(self, token: str) -> str:
        """What is handed to the person who may come in."""
        return f"{self.settings.public}/door/{token}"


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def db_of(request: Request) -> Database:
    return parts_of(request).db


def clock_of(request: Request) -> Clock:
    return parts_of(request).clock


def vault_of(request: Request) -> Vault:
    return parts_of(request).vault


def client_address(request: Request) -> str:
    return wire.address_of(request, parts_of(request).settings.trusted_proxies)


def is_https(request: Request) -> bool:
    return wire.is_https(request, parts_of(request).settings.trusted_proxies)


def visit_of(request: Request) -> Visit:
    settings = parts_of(request).settings
    cookie = request.cookies.get(wire.cookie_name(is_https(request)), "")
    agent = request.headers.get("user-agent", "")
    return Visit(client_address(request), agent, cookie, settings.public, settings.language)

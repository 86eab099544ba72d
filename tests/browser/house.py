"""The real application for browser tests: `bongsu up`, a site that breaks on demand, a real SMTP server."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.journeys.world import Bongsu, Browser, Mailbox, Site, wait_until

EMAIL, PASSWORD = "dana@example.com", "correct horse battery"
LONG = "International customs declaration and clearance gateway for cross-border parcels"


class House:
    """Everything runs; nobody has come in yet."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.settings = folder, settings
        self.places: dict[str, str] = {}  # addresses of what was made

    @contextlib.contextmanager
    def running(self) -> Iterator["House"]:
        with contextlib.ExitStack() as held:
            self.mailbox = held.enter_context(Mailbox())
            self.site = Site(self.folder)
            held.callback(self.site.stop)
            self.bongsu = Bongsu(self.folder, self.mailbox, **self.settings)
            held.enter_context(self.bongsu.running())
            self.url = self.bongsu.url
            yield self

    def admin(self) -> Browser:
        """The first administrator, signed in with forms; the token of `bongsu.call` is made as well."""
        self.bongsu.become_admin(email=EMAIL)
        browser = Browser(self.url)
        browser.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
        self.signed_in = browser
        return browser

    def cookies(self, email: str = EMAIL, password: str = PASSWORD) -> dict[str, str]:
        """The session of somebody, for a real browser."""
        jar = Browser(self.url)
        jar.post("/sign-in", {"email": email, "password": password})
        [handler] = [h for h in jar.opener.handlers if hasattr(h, "cookiejar")]
        return {one.name: str(one.value) for one in handler.cookiejar}  # type: ignore[attr-defined]

    def invited(self, browser: Browser, name: str, email: str, role: str) -> str:
        """The one-time link of a new person, as its path."""
        page = browser.post("/people/new", {"name": name, "email": email, "role": role})
        found = re.search(r"/door/[\w-]+", page)
        assert found, page
        return found[0]

    def http_check(
        self, service: str, name: str, number: int, path: str = "/", **values: Any
    ) -> None:
        options = {"url": f"http://{self.site.address(number)}{path}"}
        known = {
            "service": service,
            "name": name,
            "kind": "http",
            "every": "1s",
            "options": options,
        }
        self.bongsu.call("POST", "/checks", known | {"expect": ["[STATUS] == 200"]} | values)

    def open_incident(self, title: str) -> dict[str, Any] | None:
        """Of the service with this title; on a busy machine there may be one about ourselves, too."""
        found = self.bongsu.call("GET", "/incidents?open=true")["incidents"]
        return next((one for one in found if str(one["title"]).startswith(title)), None)


def furnished(house: House) -> dict[str, str]:
    """Something on every page: an open and a resolved incident, a channel, deliveries. Gives addresses."""
    browser = house.admin()
    call = house.bongsu.call
    door = house.invited(browser, "박민수", "minsu@example.com", "viewer")
    call("POST", "/teams", {"name": "shop-team", "title": "Shop team", "members": [1]})
    _services(house)
    hook = f"http://{house.site.address(5)}/hook"
    call("POST", "/channels", {"name": "ops", "kind": "webhook", "options": {"url": hook}})
    call("POST", "/channels/ops/test")
    resolved = _broken(house, "shop-front", "Shop")
    house.site.switch("shop-front", "ok")
    wait_until("the first incident ends", lambda: not house.open_incident("Shop"))
    opened = _broken(house, "shop-checkout", "결제")
    wait_until("mails arrive", lambda: len(house.mailbox.received) >= 3)
    return _addresses(house, door, opened, resolved)


def _services(house: House) -> None:
    call = house.bongsu.call
    call(
        "POST",
        "/services",
        {"name": "shop", "title": "Shop", "group": "Shop", "owners": ["shop-team"]},
    )
    call(
        "POST",
        "/services",
        {"name": "checkout", "title": "결제", "group": "Shop", "owners": ["shop-team"]},
    )
    call("POST", "/services", {"name": "customs", "title": LONG, "group": "Back office"})
    house.http_check("shop", "page", 3)
    house.http_check("checkout", "pay", 4, warn=["[RESPONSE_TIME] < 800"])
    for number in range(12):
        path = (
            f"/v2/organizations/9f1c2d/projects/settlement/batches/{number}/status?include=counts"
        )
        house.http_check("customs", f"step-{number}-of-the-nightly-settlement", 6, path, every="5s")


def _broken(house: House, name: str, title: str) -> str:
    """The address of the incident that opens when the service breaks."""
    house.site.switch(name, "500")
    opened = wait_until(f"{name} has an incident", lambda: house.open_incident(title))
    return f"/incidents/{opened['number']}"


def _addresses(house: House, door: str, opened: str, resolved: str) -> dict[str, str]:
    events = house.bongsu.call("GET", "/events?limit=200")["events"]
    change = next(
        e for e in events if e["type"] == "check.state_changed" and e["data"].get("evidence")
    )
    return {
        "door": door,
        "opened": opened,
        "resolved": resolved,
        "event": f"/events/{change['id']}",
        "evidence": f"/{change['data']['evidence']}",
    }

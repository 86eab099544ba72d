"""The whole line with its state on PostgreSQL: `bongsu up`, a real outage, real mails, the history of both."""

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PostgresServer
from tests.journeys.world import Bongsu, Mailbox, Site, text_of, wait_until

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(180)]
FILE = """
services:
  shop:
    title: Shop
    checks:
      home: {{http: "http://{address}/", every: 1s, timeout: 900ms, confirm: 2}}
"""


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[str]:
    """Empty: `up` itself makes the tables."""
    name = f"up_{uuid.uuid4().hex}"
    asyncio.run(postgres.admin(f"CREATE DATABASE {name}"))
    yield postgres.url(name)
    asyncio.run(postgres.admin(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    running = Site(folder)
    yield running
    running.stop()


def test_an_outage_is_told_and_ended_by_mail_with_the_state_on_postgresql(database, site, tmp_path):
    file = tmp_path / "bongsu.yaml"
    file.write_text(FILE.format(address=site.address(3)))
    with Mailbox() as mailbox:
        bongsu = Bongsu(tmp_path, mailbox, database_url=database)
        with bongsu.running(file):
            bongsu.become_admin()
            wait_until("the check is up", lambda: state(bongsu) == "up")
            site.switch("shop-front", "500")
            _, down = mailbox.wait(lambda mail: "is down" in str(mail["Subject"]))
            number = incident(bongsu)["id"]
            bongsu.call("POST", f"/incidents/{number}/acknowledge", {})
            site.switch("shop-front", "ok")
            _, over = mailbox.wait(
                lambda mail: mail["Message-ID"] != down["Message-ID"], what="resolved"
            )
            wait_until("it is resolved", lambda: incident(bongsu)["state"] == "resolved")
            bongsu.stop()
            bongsu.start()
            wait_until("the check is up after a restart", lambda: state(bongsu) == "up")
            told = bongsu.call("GET", "/deliveries")["deliveries"]

        assert down["References"] == over["References"]
        assert "dana@example.com" in down["To"]
        assert "500" in text_of(down)
        assert text_of(over).startswith("Resolved after")
        assert sorted(one["state"] for one in told) == ["delivered", "delivered"]
        assert len(mailbox.received) == 2
    assert not (tmp_path / "data" / "state.db").exists()


def state(bongsu: Bongsu) -> str:
    checks = bongsu.call("GET", "/checks")["checks"]
    return str(checks[0]["state"]) if checks else ""


def incident(bongsu: Bongsu) -> dict:
    return bongsu.call("GET", "/incidents")["incidents"][0]

"""Secrets that are planted are found nowhere: not in events, logs, answers, addresses or the database."""

import logging
from email import message_from_bytes
from email.policy import default

import sqlalchemy as sa

from bongsu.accounts.service import first_door
from bongsu.db.schema import metadata
from bongsu.deliver.worker import Worker
from bongsu.tell import api as tell_api
from bongsu.tell import pages as tell_pages
from tests.deliver.support import context
from tests.deliver.test_worker import settled
from tests.people import PASSWORD, alice_admin, charlie_viewer, client_of, visitor

FIRST, SECOND, WRONG = "canary-first-pass", "canary-second-pass", "canary-wrong-pass"


async def test_no_password_and_no_token_is_found_anywhere(house, caplog, tmp_path):
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, "bongsu")
    async with house() as h, visitor(h.app) as browser:
        door = await first_door(h.db, h.clock)
        answers = [await browser.get(f"/door/{door}")]

        async def post(path, **form):
            answers.append(await browser.post(path, data=form))
            return answers[-1]

        await post(f"/door/{door}", email="a@example.com", name="A", password=FIRST)
        first_cookie = browser.cookies["bongsu"]
        csrf = (
            (await browser.get("/me")).text.partition('name="csrf" content="')[2].partition('"')[0]
        )
        browser.headers["x-csrf-token"] = csrf
        token = (await browser.post("/api/v1/tokens", json={"name": "t", "scopes": ["*"]})).json()[
            "token"
        ]
        invited = (
            await browser.post("/api/v1/users", json={"email": "b@example.com", "name": "B"})
        ).json()
        await post("/me/password", old=WRONG, new=SECOND)
        await post("/me/password", old=FIRST, new=SECOND)
        second_cookie = browser.cookies["bongsu"]
        await post("/sign-in", email="a@example.com", password=WRONG)
        await post("/sign-in", email=WRONG, password="x")
        await post("/sign-in", email="a@example.com", password=SECOND)
        bearer = {"authorization": f"Bearer {token}"}
        for path in (
            "/api/v1/me",
            "/api/v1/users",
            "/api/v1/tokens",
            "/api/v1/sessions",
            "/api/v1/nowhere",
        ):
            answers.append(await browser.get(path))
            answers.append(await browser.get(path, headers=bearer))
        page = {"accept": "text/html"}
        pages = ("/people", "/me", "/nowhere", "/people/2")
        answers += [await browser.get(path, headers=page) for path in pages]
        mails = context(f"folder://{tmp_path / 'mail'}", clock=h.clock)
        await settled(Worker(h.db, mails, h.clock))  # until then the invitation waits with its link
        events = str(await h.events())
        ours = [
            one for one in caplog.records if not one.name.startswith("http")
        ]  # not the test's client
        logged = "\n".join(one.getMessage() + str(one.exc_info) for one in ours)
        stored = await _everything(h)

    link = invited["link"].rpartition("/")[2]
    said = "\n".join(answer.text + str(answer.headers.get("location")) for answer in answers)
    passwords = (FIRST, SECOND, WRONG)
    keys = (door, token, link, first_cookie, second_cookie)
    for secret in (*passwords, *keys):
        assert secret not in events, "in the event log"
        assert secret not in stored, "in the database"
        assert secret not in logged, "in the log lines"
    for secret in (FIRST, SECOND, token, link, first_cookie, second_cookie):
        assert secret not in said, "in an answer"
    assert "$argon2" in stored
    assert "$argon2" not in said + events


MAILED = "canary-mailed-pass"


async def test_no_link_of_a_mail_is_found_anywhere_but_in_the_mail(house, caplog, tmp_path):
    """Queued mails are rows that viewers read; what lets somebody in is not among what they see."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, "bongsu")
    letters = tmp_path / "mail"
    async with house() as h, visitor(h.app) as browser:
        h.app.include_router(tell_pages.router)
        h.app.include_router(tell_api.router)
        alice, charlie = await alice_admin(h.db), await charlie_viewer(h.db)
        async with await client_of(h.app, alice) as admin:
            await admin.patch("/api/v1/policy", json={"join": "open"})
            await admin.post("/people/new", data={"email": "bea@example.com", "name": "Bea"})
            erin = {"email": "erin@example.com", "name": "Erin", "password": MAILED}
            await browser.post("/sign-up", data=erin)
            await browser.post("/sign-up/again", data=erin)
            await browser.post("/forgot", data={"email": "charlie@example.com"})
            moved = {"email": "alicia@example.com", "password": PASSWORD}
            await admin.post("/me/email", data=moved)
        queued = await h.mails()
        waiting = await _seen_by(h, charlie, len(queued))
        out = context(f"folder://{letters}", clock=h.clock)
        await settled(Worker(h.db, out, h.clock))
        delivered = await _seen_by(h, charlie, len(queued))
        events, stored = str(await h.events()), await _everything(h)
        ours = [one for one in caplog.records if not one.name.startswith("http")]
        logged = "\n".join(one.getMessage() + str(one.exc_info) for one in ours)
    sent = [message_from_bytes(path.read_bytes(), policy=default) for path in letters.iterdir()]
    texts = "\n".join(mail.get_body(("plain",)).get_content() for mail in sent)

    assert 5 == len([mail.token for mail in queued if mail.token])
    for mail in queued:
        assert mail.token in texts
        assert mail.token not in waiting, "where viewers see what waits"
        assert mail.token not in delivered, "where viewers see what was delivered"
        assert mail.token not in events, "in the event log"
        assert mail.token not in logged, "in the log lines"
        assert mail.token not in stored, "in the database, once it is sent"
    assert MAILED not in waiting + delivered + events + logged + stored + texts
    assert "only the recipient gets to see" in waiting


async def _seen_by(h, viewer, deliveries) -> str:
    """Everything that a viewer sees of deliveries, by page, part and API."""
    paths = ["/deliveries", "/-/deliveries", "/api/v1/deliveries"]
    for number in range(1, deliveries + 1):
        paths += [f"{base}/{number}" for base in paths[:3]]
    async with await client_of(h.app, viewer) as client:
        page = {"accept": "text/html"}
        answers = [await client.get(path, headers=page) for path in paths]
        assert {200} == {answer.status_code for answer in answers}
        return "\n".join(answer.text for answer in answers)


async def _everything(h) -> str:
    async with h.db.read() as tx:
        rows = [
            str(row) for table in metadata.sorted_tables for row in await tx.rows(sa.select(table))
        ]
    return "\n".join(rows)

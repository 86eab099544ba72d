"""Secrets that are planted are found nowhere: not in events, logs, answers, addresses or the database."""

import logging

import sqlalchemy as sa

from bongsu.accounts.service import first_door
from bongsu.db.schema import metadata
from tests.people import visitor

FIRST, SECOND, WRONG = "canary-first-pass", "canary-second-pass", "canary-wrong-pass"


async def test_no_password_and_no_token_is_found_anywhere(house, caplog):
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


async def _everything(h) -> str:
    async with h.db.read() as tx:
        rows = [
            str(row) for table in metadata.sorted_tables for row in await tx.rows(sa.select(table))
        ]
    return "\n".join(rows)

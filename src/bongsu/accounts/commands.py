"""`bongsu users …`: people and teams through the API, and a way back in from the machine itself."""

import asyncio
import json as codec
from typing import Any

import cyclopts

from bongsu.kit.api import Api, show
from bongsu.kit.i18n import Said, say

app = cyclopts.App(
    name="users", help="People and teams, through the API (BONGSU_URL, BONGSU_TOKEN)."
)
COLUMNS = ("id", "name", "email", "role", "state")
POLICY_COLUMNS = ("join", "role", "domains", "mfa_required")
TEAM_COLUMNS = ("id", "name", "title", "members")


@app.command(name="list")
def list_(*, json: bool = False) -> None:
    """All people."""
    show([_row(one) for one in _pages("/users", "users")], COLUMNS, json)


@app.command
def teams(*, json: bool = False) -> None:
    """All teams, members by their numbers."""
    found = _pages("/teams", "teams")
    rows = found if json else [one | {"members": _joined(one["members"])} for one in found]
    show(rows, TEAM_COLUMNS, json)


@app.command(name="show")
def show_(number: int) -> None:
    """One person as JSON."""
    print(codec.dumps(_api().get(f"/users/{number}"), indent=2, ensure_ascii=False))


@app.command
def invite(email: str, name: str, *, role: str = "viewer") -> None:
    """Invites a person by mail and prints their link, which opens once. Only an administrator may."""
    body = {"email": email, "name": name, "role": role}
    print(_api().call("POST", "/users", body)["link"])


@app.command
def role(number: int, role: str) -> None:
    """Gives a person a role: viewer, responder, editor or admin. It counts at once."""
    show([_row(_api().call("PATCH", f"/users/{number}", {"role": role}))], COLUMNS, as_json=False)


@app.command
def disable(number: int) -> None:
    """Ends every session, token and link of a person."""
    show(
        [_row(_api().call("PATCH", f"/users/{number}", {"disabled": True}))], COLUMNS, as_json=False
    )


@app.command
def enable(number: int) -> None:
    """Lets a person in again; they need a new link or their old password."""
    show(
        [_row(_api().call("PATCH", f"/users/{number}", {"disabled": False}))],
        COLUMNS,
        as_json=False,
    )


@app.command
def delete(number: int) -> None:
    """Deletes a disabled person for good; what they did stays, by “Deleted person”."""
    _api().call("DELETE", f"/users/{number}")


@app.command
def joining(
    join: str = "",
    *,
    role: str = "",
    domain: tuple[str, ...] | None = None,
    second_factor: bool | None = None,
    json: bool = False,
) -> None:
    """Shows who may join; with anything given, changes it first.

    Parameters
    ----------
    join: open (anybody may sign up), invite or closed.
    role: of an account that somebody makes themselves: viewer, responder or editor.
    domain: of mail addresses that may sign up, once for each; an empty one for all.
    second_factor: whether it is compulsory for everybody.
    json: as JSON.
    """
    domains = None if domain is None else [one for one in domain if one]
    given: dict[str, object] = {"join": join or None, "role": role or None, "domains": domains}
    given["mfa_required"] = second_factor
    changes = {name: value for name, value in given.items() if value is not None}
    found = _api().call("PATCH", "/policy", changes) if changes else _api().get("/policy")
    shown = found if json else found | {"domains": " ".join(found["domains"])}
    show([shown], POLICY_COLUMNS, json)


@app.command
def link(number: int) -> None:
    """Makes a link for a new password, or the invitation again."""
    print(_api().call("POST", f"/users/{number}/link")["link"])


@app.command
def admin_link(email: str = "", *, data: str = "") -> None:
    """On the machine itself, without a token: a link for an administrator who cannot sign in.

    Parameters
    ----------
    email: whose password is to be set anew; not needed while there is no administrator at all.
    data: folder of state (default ./data).
    """
    from bongsu.kit.settings import Settings

    settings = Settings.load(data_dir=data)
    print(f"{settings.public}/door/{asyncio.run(_admin_link(settings.database, email))}")


async def _admin_link(database: str, email: str) -> str:
    from bongsu.accounts.doors import admin_door
    from bongsu.db.session import Database
    from bongsu.kit.clock import SYSTEM_CLOCK

    db = Database.open(database)
    try:
        return await admin_door(db, email, SYSTEM_CLOCK)
    finally:
        await db.close()


@app.command
def reset_second_factor(number: int) -> None:
    """Takes away the second factor of a person who lost the device; ends their sessions, tells them by mail."""
    _api().call("DELETE", f"/users/{number}/second-factor")
    print(say("The second factor of person {id} is reset.", id=number))


@app.command
def without_second_factor(email: str, *, data: str = "") -> None:
    """On the machine itself, without a token: takes away the second factor of somebody who cannot sign in.

    Parameters
    ----------
    email: whose.
    data: folder of state (default ./data).
    """
    from bongsu.accounts.visit import Visit
    from bongsu.kit.settings import Settings

    settings = Settings.load(data_dir=data)
    visit = Visit("local", public_url=settings.public, language=settings.language)
    name = asyncio.run(_without_second_factor(settings.database, email, visit))
    print(say("The second factor of {name} is reset.", name=name))


async def _without_second_factor(database: str, email: str, visit: Any) -> str:
    from bongsu.accounts.factors import reset_here
    from bongsu.db.session import Database
    from bongsu.kit.clock import SYSTEM_CLOCK

    db = Database.open(database)
    try:
        async with db.write() as tx:
            return (await reset_here(tx, email, visit, SYSTEM_CLOCK)).name
    finally:
        await db.close()


def _pages(path: str, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    after: int | None = 0
    while after is not None:
        page = _api().get(path, after=after, limit=1000)
        found += page[name]
        after = page["next"]
    return found


def _row(one: dict[str, object]) -> dict[str, object]:
    state: Said | str = "" if one["verified"] else say("Not verified")
    if one["disabled"] or one["invited"]:
        state = say("Disabled") if one["disabled"] else say("Invited")
    return one | {"state": str(state)}


def _joined(numbers: object) -> str:
    return ",".join(str(one) for one in numbers) if isinstance(numbers, list) else ""


def _api() -> Api:
    return Api.from_environment()

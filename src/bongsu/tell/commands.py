"""`bongsu tell …`: what one wants to be told; a client of the API."""

from typing import Annotated, Any, Literal

import cyclopts

from bongsu.kit.api import Api, show
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

app = cyclopts.App(
    name="tell", help="What you want to be told, through the API (BONGSU_URL, BONGSU_TOKEN)."
)
PATH = "/me/telling"
_NEVER = {"from": None, "until": None}
COLUMNS = ("what", "choice")
Words = Annotated[str, cyclopts.Parameter(show_default=False)]
Several = Annotated[tuple[str, ...], cyclopts.Parameter(show_default=False, negative=())]
Kind = Literal[
    "assigned", "mentioned", "due", "created", "status", "commented", "attached", "changed"
]
Kinds = Annotated[tuple[Kind, ...], cyclopts.Parameter(show_default=False, negative=())]
AtOnce = Literal["assigned", "mentioned", "due", "nothing"]
Passing = Annotated[tuple[AtOnce, ...], cyclopts.Parameter(show_default=False, negative=())]


@app.command(name="show")
def show_(*, json: bool = False) -> None:
    """What is told by which channel, when, of which projects; and what is muted."""
    _print(Api.from_environment().get(PATH), json)


@app.command(name="set")
def set_(
    *,
    mails: bool | None = None,
    own: bool | None = None,
    on: Kinds = (),
    off: Kinds = (),
    at_once: Passing = (),
    digest: Literal["at_once", "hourly", "daily"] | None = None,
    digest_hour: int | None = None,
    quiet: Words = "",
    weekends: bool | None = None,
    project: Several = (),
    json: bool = False,
) -> None:
    """Change what is named; the rest stays. Holds from the next change of a task on.

    Parameters
    ----------
    mails
        Whether mails about tasks come at all.
    own
        Whether your own changes are told to you too.
    on
        What is told from now on; may be given several times, off and at-once alike.
    at_once
        What passes by digest and quiet hours, and nothing else does.
    digest
        At once, or together: every hour, every day.
    digest_hour
        Of the daily digest, 0 to 23.
    quiet
        22:00-07:00, in your time zone; or none.
    weekends
        Whether weekends are quiet.
    project
        project/1=all, mine, mute, or nothing after the = as everywhere.
    """
    api = Api.from_environment()
    given: dict[str, Any] = {"own": own, "digest": digest, "digest_hour": digest_hour}
    given["off"] = None if mails is None else not mails
    body = {name: value for name, value in given.items() if value is not None}
    if on or off:
        body["kinds"] = {"mail": dict.fromkeys(on, True) | dict.fromkeys(off, False)}
    if at_once:
        body["at_once"] = [one for one in at_once if one != "nothing"]
    if quiet or weekends is not None:
        body["quiet"] = _quiet(api.get(PATH)["quiet"], quiet, weekends)
    if project:
        body["projects"] = dict(_parted(one) for one in project)
    if not body:
        raise Invalid(say("Nothing was named that is to be changed. See: bongsu tell set --help"))
    _print(api.call("PATCH", PATH, body), json)


def _quiet(before: dict[str, Any], hours: str, weekends: bool | None) -> dict[str, Any]:
    """Both hours, or neither; what is not named stays. The server says what is no hour."""
    after = dict(before)
    if hours:
        since, _, until = hours.partition("-")
        after |= {"from": since, "until": until or None} if hours != "none" else _NEVER
    return after if weekends is None else after | {"weekends": weekends}


def _parted(word: str) -> tuple[str, str]:
    name, _, choice = word.partition("=")
    return name, choice


@app.command
def mute(*things: str) -> None:
    """Hear nothing more about tasks (TSK-42) or other things (incident/12)."""
    api = Api.from_environment()
    for thing in things:
        api.call("PUT", f"{PATH}/muted/{_subject(api, thing)}")


@app.command
def unmute(*things: str) -> None:
    """Hear about them again."""
    api = Api.from_environment()
    for thing in things:
        api.call("DELETE", f"{PATH}/muted/{_subject(api, thing)}")


def _subject(api: Api, thing: str) -> str:
    """A task is called by its key."""
    return thing if "/" in thing else f"task/{api.get(f'/tasks/{thing}')['id']}"


def _print(mine: dict[str, Any], as_json: bool) -> None:
    show([mine] if as_json else _rows(mine), COLUMNS, as_json)


def _rows(mine: dict[str, Any]) -> list[dict[str, str]]:
    quiet = mine["quiet"]
    hours = f"{quiet['from']}-{quiet['until']}" if quiet["from"] else "none"
    said = {
        "mails": _word(not mine["off"]),
        "own": _word(mine["own"]),
        **{kind: _word(wanted) for kind, wanted in mine["kinds"]["mail"].items()},
        "at-once": " ".join(mine["at_once"]),
        "digest": mine["digest"],
        "digest-hour": str(mine["digest_hour"]),
        "quiet": hours,
        "weekends": "quiet" if quiet["weekends"] else "not quiet",
        **{f"{one['project']} {one['title']}": one["choice"] for one in mine["projects"]},
        **{f"{one['subject']} {one['heading']}": "mute" for one in mine["muted"]},
    }
    return [{"what": what, "choice": choice} for what, choice in said.items()]


def _word(wanted: bool) -> str:
    return "on" if wanted else "off"

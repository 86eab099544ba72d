"""Whom a command means: a number, a mail address or a name. A client of the API."""

from typing import Any

from bongsu.kit.api import Api
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say


def number_of(api: Api, word: str) -> int:
    """`me` too. Raises Invalid for nobody, and for a name that several have."""
    if word.isascii() and word.isdecimal():
        return int(word)
    if word == "me":
        return int(api.get("/me")["id"])
    folded = word.strip().casefold()
    people = _people(api)
    found = [one for one in people if one["email"].casefold() == folded] or [
        one for one in people if one["name"].casefold() == folded
    ]
    if not found:
        raise Invalid(say("Nobody is called {name}. See: bongsu users list", name=word))
    if len(found) > 1:
        raise Invalid(say("Several people are called {name}. Use the mail address.", name=word))
    return int(found[0]["id"])


def _people(api: Api) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = api.get("/users", after=after)
        people += page["users"]
        after = page["next"]
    return people

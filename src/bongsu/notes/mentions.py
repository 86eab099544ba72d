"""Whom a comment names: found when it is saved, so that a name that changes later changes nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bongsu.db.session import Tx
from bongsu.kit.i18n import Said, say
from bongsu.notes import store
from bongsu.notes.gate import Gate, Subject
from bongsu.notes.inline import Names, address_of, starts_with
from bongsu.notes.markdown import mentioned
from bongsu.notes.store import Named

SUGGESTED = 8
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Mentions:
    """`ids` count. `refused` is for whoever wrote it: who was named and is not told, and why."""

    ids: tuple[int, ...] = ()
    refused: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` is what stands after the `@`: the name, or the address where two have that name."""

    person: Named
    text: str


async def resolve(tx: Tx, gate: Gate, subject: Subject, text: str) -> Mentions:
    """Only people who may read the subject count."""
    after = mentioned(text)
    if not after:
        return Mentions()
    addresses = {address for one in after if (address := address_of(one))}
    words = {found[0].lower() for one in after if (found := _WORD.match(one))}
    people = await store.people_called(tx, addresses, words)
    ids: dict[int, None] = {}
    refused: dict[str, Said] = {}
    for one in after:
        meant = named(one, people)
        if len(meant) > 1:
            refused[meant[0].name] = _which_one(meant[0].name)
        elif meant and meant[0].id not in ids and meant[0].email not in refused:
            if await may_hear(tx, gate, subject, meant[0].id):
                ids[meant[0].id] = None
            else:
                refused[meant[0].email] = _may_not_read(meant[0].name)
    return Mentions(tuple(ids), tuple(refused.values()))


def named(after: str, people: Sequence[Named]) -> list[Named]:
    """Who is meant by what follows an `@`: by address, or by the longest name; several of the same name."""
    address = address_of(after)
    if address:
        return [one for one in people if one.email == address]
    fits = [one for one in people if starts_with(after, one.name.casefold())]
    longest = max((len(one.name) for one in fits), default=0)
    return [one for one in fits if len(one.name) == longest]


async def may_hear(tx: Tx, gate: Gate, subject: Subject, user_id: int) -> bool:
    return user_id in subject.people or await gate.may_read(tx, subject, user_id)


def _which_one(name: str) -> Said:
    return say(
        "Several people are called {name}, so none of them is told. Write the mail address after the @.",
        name=name,
    )


def _may_not_read(name: str) -> Said:
    return say("{name} may not see this and is not told.", name=name)


async def suggest(tx: Tx, gate: Gate, subject: Subject, words: str) -> list[Suggestion]:
    """At most eight who may read it; those concerned with it first."""
    found = await store.people_like(tx, words.strip()[:80], subject.people, SUGGESTED * 5)
    allowed: list[Named] = []
    for one in found:
        if len(allowed) < SUGGESTED and await may_hear(tx, gate, subject, one.id):
            allowed.append(one)
    same = await store.names_taken_twice(tx, [one.name for one in allowed])
    return [Suggestion(one, one.email if one.name in same else one.name) for one in allowed]


async def names_of(tx: Tx, ids: Sequence[int]) -> Names:
    """For drawing: names and addresses of who is mentioned."""
    people = await store.people_by_ids(tx, set(ids))
    return [pair for one in people for pair in ((one.name.casefold(), one.id), (one.email, one.id))]

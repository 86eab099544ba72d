"""Validate, plan, apply: files against what is there. Applying is one transaction: all of it or nothing."""

from collections.abc import Sequence
from pathlib import Path

from bongsu.accounts.model import SYSTEM, Actor, require
from bongsu.config import hands, present
from bongsu.config.plan import Change, Thing, foreign, owner_of, plan
from bongsu.config.read import Wanted, read
from bongsu.db.session import Database, Tx
from bongsu.document import parse_all
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say

File = tuple[str, bytes]
_NOTHING_CHANGED = say("The files cannot be applied; nothing was changed. Mend these places.")


def validate(files: Sequence[File]) -> Wanted:
    """Needs no server. Raises Invalid with every mistake of every file, with lines."""
    return read(parse_all(files)).checked()


async def plan_files(tx: Tx, files: Sequence[File], *, remove: bool = True) -> list[Change]:
    """Raises Invalid, also for a name that neither the files nor the server know.

    `remove=False` leaves what no file defines any more.
    """
    wanted = validate(files)
    there = await present.everything(tx)
    _references_hold(wanted, {(thing.section, thing.name) for thing in there})
    _nobody_elses(wanted, there)
    owners = {owner_of(name) for name, _ in files} if remove else ()
    return plan(wanted.things, there, frozenset(owners))


async def apply(
    tx: Tx, actor: Actor, files: Sequence[File], clock: Clock, *, remove: bool = True
) -> list[Change]:
    """Makes the server as the files say. Raises NotAllowed, Invalid; the caller's transaction decides."""
    require(actor, "config.apply")
    changes = await plan_files(tx, files, remove=remove)
    for change in changes:
        await hands.do(tx, actor, change, clock)
    return changes


async def apply_files(db: Database, paths: Sequence[Path], clock: Clock) -> list[Change]:
    """For `bongsu up FILE…`: the person at the terminal owns the folder."""
    files = read_paths(paths)
    async with db.write() as tx:
        return await apply(tx, SYSTEM, files, clock)


def read_paths(paths: Sequence[Path]) -> list[File]:
    """Raises Invalid naming each file that cannot be read."""
    files, problems = [], []
    for path in paths:
        try:
            files.append((str(path), path.read_bytes()))
        except OSError as error:
            what = say("The file cannot be read: {why}.", why=error.strerror or str(error))
            problems.append(
                Problem("file", what, say("Check the name and who may read it."), str(path), 1)
            )
    if problems:
        raise Invalid(say("Nothing was changed."), tuple(problems))
    return files


def _nobody_elses(wanted: Wanted, there: list[Thing]) -> None:
    """A file and an architecture, or two of them, that define the same thing would undo each other."""
    problems = []
    for thing, other in foreign(wanted.things, there):
        what = say(
            "{name} is already defined at {place}.", name=thing.name, place=str(other.defined_in)
        )
        where = f"{thing.section}.{thing.name}"
        problems.append(Problem(where, what, say("Keep one of them."), thing.file, thing.line))
    if problems:
        raise Invalid(_NOTHING_CHANGED, tuple(problems))


def _references_hold(wanted: Wanted, there: set[tuple[str, str]]) -> None:
    """Owners name teams and rules name channels; both may come from a file or be there already."""
    known = there | {(thing.section, thing.name) for thing in wanted.things}
    problems = []
    for thing in wanted.things:
        for owner in thing.values.get("owners", ()) if thing.section == "services" else ():
            if ("teams", owner) not in known:
                what = say("There is no team {team}.", team=owner)
                todo = say("Write it under teams, or create it under People.")
                where = f"services.{thing.name}.owners"
                problems.append(Problem(where, what, todo, thing.file, thing.line))
    if problems:
        raise Invalid(_NOTHING_CHANGED, tuple(problems))

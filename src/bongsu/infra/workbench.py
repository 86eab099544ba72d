"""A file on the disk, read and planned: what every command begins with."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bongsu.document import dotted
from bongsu.infra.plan.lock import Lock, load, path_for
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.plan import locked, make_plan
from bongsu.infra.read import Source, read
from bongsu.kit.errors import Invalid, NotFound, Problem
from bongsu.kit.i18n import say


@dataclass(frozen=True, slots=True)
class Work:
    """One environment of one file, with the lock that lies beside it."""

    path: Path
    source: Source
    lock: Lock
    plan: Plan


def open_file(path: Path, environment: str | None = None) -> Work:
    """Raises Invalid for what is wrong in the file or its lock, NotFound where there is none."""
    lock = lock_of(path)
    source = read(str(path), text_of(path), environment)
    return Work(path, source, lock, make_plan(source.architecture, lock))


@contextmanager
def with_lines(source: Source) -> Iterator[None]:
    """What is refused after the file was read is said with its line as well."""
    try:
        yield
    except Invalid as error:
        found = tuple(_with_line(source, one) for one in error.problems)
        raise Invalid(error.said, found) from error


def _with_line(source: Source, problem: Problem) -> Problem:
    """That of the nearest known place at or above it."""
    known, where = (
        {dotted(path): line for path, line in source.document.lines.items()},
        problem.where,
    )
    while where and where not in known:
        where = re.sub(r"(^|\.)[^.\[]*$|\[\d+\]$", "", where)
    return replace(problem, file=source.file, line=problem.line or known.get(where, 1))


def lock_of(path: Path) -> Lock:
    return load(path_for(path))


def keep_ranges(work: Work) -> Path | None:
    """Writes what this plan has given out into the lock file; None when it already says so.

    Raises Invalid when a range found no place: a lock never holds half of a plan.
    """
    if work.plan.no_room:
        names = ", ".join(f"{one.network}: {one.key} /{one.prefix}" for one in work.plan.no_room)
        raise Invalid(
            say(
                "Nothing was locked: there is no room for {names}. Give the network a larger range.",
                names=names,
            )
        )
    after = locked(work.plan, work.lock)
    place = path_for(work.path)
    if after == work.lock:
        return None
    return write_text(place, after.text())


def write_text(place: Path, text: str) -> Path:
    """All of it or nothing. Raises Invalid where it cannot be written."""
    return write_bytes(place, text.encode())


def write_bytes(place: Path, content: bytes) -> Path:
    """As `write_text`. Raises Invalid."""
    spare = place.with_name(place.name + ".new")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        spare.write_bytes(content)
        spare.replace(place)
    except OSError as error:
        why = error.strerror or str(error)
        raise Invalid(say("{file} cannot be written: {why}.", file=str(place), why=why)) from error
    return place


def text_of(path: Path) -> bytes:
    """As it stands. Raises NotFound, and Invalid for what cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(say("There is no file {file}.", file=str(path))) from None
    except OSError as error:
        raise Invalid(
            say("{file} cannot be read: {why}.", file=str(path), why=error.strerror or str(error))
        ) from error

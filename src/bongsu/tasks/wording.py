"""From what people wrote to rows: columns, labels, people of a project. Raises Invalid with the place."""

from collections.abc import Sequence

from bongsu.db.session import Tx
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.tasks import store_projects
from bongsu.tasks.model import STATUSES, Column, Named, Project

LABELS_OF_PROJECT = 200


def column_of(project: Project, asked: int | str | None, status: str | None) -> Column | None:
    """By number, by name, or the first of a status; None when nothing was asked for. Raises Invalid."""
    wanted = status if asked is None else asked
    return None if wanted is None else column_named(project, wanted)


def column_named(project: Project, asked: int | str) -> Column:
    """Raises Invalid with the columns that there are."""
    found = _column(project, asked)
    if found is not None:
        return found
    problem = Problem(
        "column",
        say("{project} has no column {column}.", project=project.title, column=asked),
        say("Its columns are {known}.", known=", ".join(one.name for one in project.columns)),
    )
    raise Invalid(say("The task was not saved."), (problem,))


def _column(project: Project, asked: int | str) -> Column | None:
    """A name goes before a number: a column may be called 2027."""
    if isinstance(asked, int):
        return project.column(asked)
    named = (one for one in project.columns if one.name.casefold() == asked.casefold())
    found = next(named, None)
    if found is None and asked.isascii() and asked.isdecimal():
        return project.column(int(asked))
    return found or (project.first(asked) if asked in STATUSES else None)


async def readers(tx: Tx, project: Project, where: str, ids: Sequence[int]) -> list[Named]:
    """Those people, all of whom must be able to see the project. Raises Invalid for one that cannot."""
    found = await store_projects.readers(tx, project, ids) if ids else []
    known = {one.id for one in found}
    missing = [one for one in ids if one not in known]
    if missing:
        problem = Problem(
            where,
            say("Person {id} cannot see {project}.", id=missing[0], project=project.title),
            say("A manager of the project can add them first."),
        )
        raise Invalid(say("The task was not saved."), (problem,))
    return found


async def ensure_labels(tx: Tx, project: Project, names: Sequence[str]) -> list[int]:
    """Labels by name; new ones are made on the way. Raises Invalid at 200 of a project."""
    wanted = list(dict.fromkeys(names))
    known = await store_projects.label_ids(tx, project.id, wanted)
    new = [name for name in wanted if name not in known]
    if len(project.labels) + len(new) > LABELS_OF_PROJECT:
        problem = Problem(
            "labels",
            say("{project} has {n} labels, which is the most.", project=project.title,
                n=LABELS_OF_PROJECT),
            say("Use one that is there, or let a manager delete some."),
        )  # fmt: skip
        raise Invalid(say("The task was not saved."), (problem,))
    for name in new:
        await store_projects.insert_label(tx, project.id, name)
    return list((await store_projects.label_ids(tx, project.id, wanted)).values())

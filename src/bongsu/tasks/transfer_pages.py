"""Taking a file of tasks in: first what it would make and every line that is wrong, then the doing."""

from collections import Counter
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import FORM_PART_LIMIT_BYTES, Caller, ClockOf, Db
from bongsu.accounts.model import Actor
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say, say_n
from bongsu.tasks import transfer
from bongsu.tasks.access import enter
from bongsu.tasks.file_drafts import FileRead
from bongsu.tasks.model import Project
from bongsu.tasks.project_api import as_text
from bongsu.tasks.wording import column_of
from bongsu.web.shell import redirect, render, state_of

router = APIRouter(include_in_schema=False)
SAMPLE = 10
PROBLEMS_SHOWN = 200


@router.get("/projects/{key}/import")
async def import_page(request: Request, key: str, actor: Caller, db: Db) -> HTMLResponse:
    async with db.read() as tx:
        project = (await enter(tx, actor, key, "member", "task.write")).project
    return _page(request, project)


@router.post("/projects/{key}/import")
async def take_in(request: Request, key: str, actor: Caller, db: Db, clock: ClockOf) -> Response:
    """`do=take` writes what the same text was looked at for; anything else only looks."""
    form = await request.form(max_part_size=FORM_PART_LIMIT_BYTES)
    text = ""
    try:
        text = await _text(form)
        entry, found = await transfer.look_at(db, actor, key, text)
    except Invalid as error:
        return await _refused(request, key, actor, db, error, text)
    if form.get("do") != "take" or found.wrong or not found.drafts:
        return _page(request, entry.project, text=text, found=found)
    made = await transfer.take_in(db, actor, key, text, clock)
    said = say_n("{n} task is taken in.", "{n} tasks are taken in.", made)
    return redirect(request, f"/projects/{entry.project.key}", toast=said)


async def _text(form: FormData) -> str:
    """A file goes before what was pasted. Raises Invalid for neither."""
    file, pasted = form.get("file"), form.get("text")
    if isinstance(file, UploadFile) and file.filename:
        return as_text(await file.read())
    if isinstance(pasted, str) and pasted.strip():
        return pasted
    raise Invalid(say("Choose a file, or paste its text."))


async def _refused(
    request: Request, key: str, actor: Actor, db: Db, error: Invalid, text: str
) -> HTMLResponse:
    async with db.read() as tx:
        project = (await enter(tx, actor, key, "member", "task.write")).project
    return _page(request, project, text=text, error=error)


def _page(
    request: Request,
    project: Project,
    text: str = "",
    found: FileRead | None = None,
    error: Invalid | None = None,
) -> HTMLResponse:
    context: dict[str, Any] = {"project": project, "text": text, "found": found, "error": error,
                               "zone": state_of(request).time_zone}  # fmt: skip
    if found is not None:
        context |= {
            "sample": found.drafts[:SAMPLE],
            "into": _into(project, found),
            "refusal": transfer.refusal(found) if found.wrong else None,
            "problems": found.problems[:PROBLEMS_SHOWN],
            "new_labels": _new_labels(project, found),
        }
    wrong = error is not None or bool(found and found.wrong)
    return render(request, "tasks/import.html", status=422 if wrong else 200, **context)


def _into(project: Project, found: FileRead) -> list[tuple[str, int]]:
    """How many tasks each column gets, in the order of the columns."""
    counts = Counter(
        (column_of(project, draft.column, draft.status) or project.columns[0]).name
        for draft in found.drafts
    )
    return [(one.name, counts[one.name]) for one in project.columns if counts[one.name]]


def _new_labels(project: Project, found: FileRead) -> list[str]:
    known = {one.name for one in project.labels}
    return [name for name in found.labels if name not in known]

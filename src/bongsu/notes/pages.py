"""The notes of a thing as a part of its page, and what their buttons do. Files: file_pages.py."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db, PartsOf
from bongsu.accounts.model import Actor
from bongsu.db.session import Database
from bongsu.kit.errors import BongsuError, Conflict, Invalid, ObjectsAway, TooLarge
from bongsu.kit.i18n import Said, say
from bongsu.notes import mentions, page_view, service, service_files
from bongsu.notes.gate import Subject
from bongsu.notes.http import GatesOf
from bongsu.notes.model import FILE_BYTES
from bongsu.notes.service import Gates, Saved
from bongsu.notes.upload import read_upload
from bongsu.web.shell import fragment, is_htmx, redirect, render, state_of, toast

router = APIRouter(include_in_schema=False)
_LIMITS = {"file_bytes": FILE_BYTES, "file_mb": FILE_BYTES >> 20}


async def _show(
    request: Request,
    gates: Gates,
    actor: Actor,
    db: Database,
    key: str,
    status: int = 200,
    **context: Any,
) -> HTMLResponse:
    """The part for a page that is open; a page of its own for who works without script."""
    every = "all" in request.query_params
    async with db.read() as tx:
        view = await page_view.read(tx, gates, actor, key, state_of(request).language, every)
    known = {
        "page": view,
        "every": every,
        "limits": _LIMITS,
        "error": None,
        "text": "",
        "not_told": (),
    }
    draw = fragment if is_htmx(request) else render
    name = "notes/_notes.html" if is_htmx(request) else "notes/notes.html"
    return draw(request, name, status, **(known | context))


@router.get("/-/notes/{family}/{ident}")
async def notes_part(
    request: Request, family: str, ident: int, actor: Caller, db: Db, gates: GatesOf
) -> HTMLResponse:
    return await _show(request, gates, actor, db, f"{family}/{ident}")


@router.get("/-/notes/{family}/{ident}/people")
async def people(
    family: str, ident: int, actor: Caller, db: Db, gates: GatesOf, q: str = ""
) -> JSONResponse:
    """Who can be mentioned: for whoever writes."""
    key = f"{family}/{ident}"
    async with db.read() as tx:
        subject = await service.writable(tx, gates, actor, key)
        gate, _ = service.gate_of(gates, key)
        found = await mentions.suggest(tx, gate, subject, q)
    shown = [
        {"name": one.person.name, "email": one.person.email, "text": one.text} for one in found
    ]
    return JSONResponse(shown, headers={"cache-control": "no-store"})


@router.post("/-/notes/{family}/{ident}")
async def write(
    request: Request,
    family: str,
    ident: int,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    parts: PartsOf,
    gates: GatesOf,
) -> Response:
    """A comment, files, or both. Whether one may is asked before anything is read."""
    key = f"{family}/{ident}"
    async with db.read() as tx:
        subject = await service.writable(tx, gates, actor, key)
    sent = await read_upload(request)
    try:
        if sent.files:
            done = await service_files.attach(
                db, parts.objects, gates, actor, key, sent.files, clock, sent.text
            )
            saved = done.comment
        else:
            async with db.write() as tx:
                saved = await service.add(tx, gates, actor, key, sent.text, clock)
    except (Invalid, TooLarge, Conflict, ObjectsAway) as error:
        return await _show(
            request, gates, actor, db, key, error.status, error=error, text=sent.text
        )
    return await _done(request, gates, actor, db, subject, saved)


async def _done(
    request: Request,
    gates: Gates,
    actor: Actor,
    db: Database,
    subject: Subject,
    saved: Saved | None,
) -> Response:
    not_told = saved.not_told if saved else ()
    if is_htmx(request) or not_told:
        return await _show(request, gates, actor, db, subject.key, not_told=not_told)
    return redirect(request, f"/-/notes/{subject.key}")


async def _after(
    request: Request,
    gates: Gates,
    actor: Actor,
    db: Database,
    subject: Subject,
    said: Said,
    undo: str | None = None,
) -> Response:
    """The part again with a word on what was done, or back to the page."""
    if not is_htmx(request):
        return redirect(request, f"/-/notes/{subject.key}", toast=said, undo=undo)
    return toast(await _show(request, gates, actor, db, subject.key), request, said, undo=undo)


@router.post("/-/note/{note_id}/edit")
async def edit(
    request: Request, note_id: int, actor: Caller, db: Db, clock: ClockOf, gates: GatesOf
) -> Response:
    async with db.read() as tx:
        note, subject = await service.get(tx, gates, actor, note_id)
    sent = await read_upload(request)
    try:
        async with db.write() as tx:
            saved = await service.edit(tx, gates, actor, note_id, sent.text, clock)
    except (Invalid, Conflict) as error:
        return await _refused(request, gates, actor, db, note.subject, error)
    return await _done(request, gates, actor, db, subject, saved)


async def _refused(
    request: Request, gates: Gates, actor: Actor, db: Database, key: str, error: BongsuError
) -> Response:
    return await _show(request, gates, actor, db, key, error.status, error=error)


@router.post("/-/note/{note_id}/delete")
async def delete(
    request: Request, note_id: int, actor: Caller, db: Db, clock: ClockOf, gates: GatesOf
) -> Response:
    async with db.write() as tx:
        note, subject = await service.remove(tx, gates, actor, note_id, clock)
    said, undo = say("The comment is removed."), f"/-/note/{note.id}/restore"
    return await _after(request, gates, actor, db, subject, said, undo)


@router.post("/-/note/{note_id}/restore")
async def restore(
    request: Request, note_id: int, actor: Caller, db: Db, clock: ClockOf, gates: GatesOf
) -> Response:
    async with db.write() as tx:
        _, subject = await service.restore(tx, gates, actor, note_id, clock)
    return await _after(request, gates, actor, db, subject, say("The comment is back."))


@router.post("/-/attachment/{attachment_id}/delete")
async def delete_file(
    request: Request, attachment_id: int, actor: Caller, db: Db, clock: ClockOf, gates: GatesOf
) -> Response:
    async with db.write() as tx:
        file, subject = await service_files.remove(tx, gates, actor, attachment_id, clock)
    said = say("{name} is removed.", name=file.name)
    return await _after(
        request, gates, actor, db, subject, said, f"/-/attachment/{file.id}/restore"
    )


@router.post("/-/attachment/{attachment_id}/restore")
async def restore_file(
    request: Request, attachment_id: int, actor: Caller, db: Db, clock: ClockOf, gates: GatesOf
) -> Response:
    async with db.write() as tx:
        file, subject = await service_files.restore(tx, gates, actor, attachment_id, clock)
    said = say("{name} is back.", name=file.name)
    return await _after(request, gates, actor, db, subject, said)

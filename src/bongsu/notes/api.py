"""/api/v1/notes and /api/v1/attachments: comments and files of anything that has them, by `subject=task/42`."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from bongsu.accounts.http import ApiCaller, ClockOf, Db, PartsOf
from bongsu.kit.clock import iso
from bongsu.kit.i18n import Said
from bongsu.notes import page_view, service, service_files, store, store_files
from bongsu.notes.http import GatesOf
from bongsu.notes.kinds import media_type, title
from bongsu.notes.model import TEXT_BYTES, Attachment, Note
from bongsu.notes.service import Saved
from bongsu.notes.store import Named
from bongsu.notes.upload import read_upload

router = APIRouter(prefix="/api/v1", tags=["notes"])
Subject = Annotated[
    str, Query(title="Subject", description="Such as task/42 or incident/12", max_length=64)
]
_FILES = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "text": {
                            "type": "string",
                            "description": "A comment that the files come with",
                        },
                    },
                }
            }
        },
    }
}


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(title="Text", description="Markdown", max_length=TEXT_BYTES)


@router.get("/notes")
async def list_notes(
    subject: Subject,
    actor: ApiCaller,
    db: Db,
    gates: GatesOf,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=store.LIST_LIMIT)] = 100,
) -> dict[str, Any]:
    """Oldest first; removed ones have no text. `next` is the `after` of the next page, null at the end."""
    async with db.read() as tx:
        found = await service.readable(tx, gates, actor, subject)
        notes = await store.listed(tx, found.key, after_id=after, limit=limit)
        people = await page_view.authors_of(tx, notes, ())
    last = notes[-1].id if len(notes) == limit else None
    return {"notes": [_note(one, people) for one in notes], "next": last}


@router.post("/notes", status_code=201)
async def write_note(
    subject: Subject, body: Words, actor: ApiCaller, db: Db, clock: ClockOf, gates: GatesOf
) -> dict[str, Any]:
    """`not_told` says who is named in it and does not hear of it, each with the reason."""
    async with db.write() as tx:
        saved = await service.add(tx, gates, actor, subject, body.text, clock)
        return _saved(saved, await page_view.authors_of(tx, [saved.note], ()))


@router.get("/notes/{note_id}")
async def get_note(note_id: int, actor: ApiCaller, db: Db, gates: GatesOf) -> dict[str, Any]:
    async with db.read() as tx:
        note, _ = await service.get(tx, gates, actor, note_id)
        return _note(note, await page_view.authors_of(tx, [note], ()))


@router.patch("/notes/{note_id}")
async def edit_note(
    note_id: int, body: Words, actor: ApiCaller, db: Db, clock: ClockOf, gates: GatesOf
) -> dict[str, Any]:
    """One's own."""
    async with db.write() as tx:
        saved = await service.edit(tx, gates, actor, note_id, body.text, clock)
        return _saved(saved, await page_view.authors_of(tx, [saved.note], ()))


@router.delete("/notes/{note_id}", status_code=204)
async def delete_note(
    note_id: int, actor: ApiCaller, db: Db, clock: ClockOf, gates: GatesOf
) -> Response:
    """One's own, or as manager of what it hangs on. The files that came with it go, too."""
    async with db.write() as tx:
        await service.remove(tx, gates, actor, note_id, clock)
    return Response(status_code=204)


@router.get("/attachments")
async def list_attachments(
    subject: Subject, actor: ApiCaller, db: Db, parts: PartsOf, gates: GatesOf
) -> dict[str, Any]:
    """All, oldest first."""
    async with db.read() as tx:
        found = await service.readable(tx, gates, actor, subject)
        files = await store_files.of_subject(tx, found.key)
        people = await page_view.authors_of(tx, (), files)
    return {"attachments": [_file(one, people, parts.settings.public) for one in files]}


@router.post("/attachments", status_code=201, openapi_extra=_FILES)
async def attach(
    request: Request,
    subject: Subject,
    actor: ApiCaller,
    db: Db,
    clock: ClockOf,
    parts: PartsOf,
    gates: GatesOf,
) -> dict[str, Any]:
    """All of them or none. They can be read at once; `picture` becomes `made` or `refused` soon after."""
    await service_files.check(db, gates, actor, subject)
    sent = await read_upload(request)
    done = await service_files.attach(
        db, parts.objects, gates, actor, subject, sent.files, clock, sent.text
    )
    async with db.read() as tx:
        people = await page_view.authors_of(
            tx, [done.comment.note] if done.comment else [], done.files
        )
    files = [_file(one, people, parts.settings.public) for one in done.files]
    return {"attachments": files, "note": _saved(done.comment, people) if done.comment else None}


@router.get("/attachments/{attachment_id}")
async def get_attachment(
    attachment_id: int, actor: ApiCaller, db: Db, parts: PartsOf, gates: GatesOf
) -> dict[str, Any]:
    """About it; the file itself is at its `url`."""
    async with db.read() as tx:
        file, _ = await service_files.get(tx, gates, actor, attachment_id)
        people = await page_view.authors_of(tx, (), [file])
    return _file(file, people, parts.settings.public)


@router.delete("/attachments/{attachment_id}", status_code=204)
async def delete_attachment(
    attachment_id: int, actor: ApiCaller, db: Db, clock: ClockOf, gates: GatesOf
) -> Response:
    """One's own, or as manager of what it hangs on."""
    async with db.write() as tx:
        await service_files.remove(tx, gates, actor, attachment_id, clock)
    return Response(status_code=204)


def _saved(saved: Saved, people: Mapping[int, Named]) -> dict[str, Any]:
    return _note(saved.note, people) | {"not_told": [str(one) for one in saved.not_told]}


def _note(one: Note, people: Mapping[int, Named]) -> dict[str, Any]:
    return {
        "id": one.id,
        "subject": one.subject,
        "author": _author(one.actor, one.author_id, people),
        "text": "" if one.removed else one.text,
        "mentions": [] if one.removed else list(one.mentions),
        "created_at": iso(one.created_at),
        "edited_at": iso(one.edited_at) if one.edited_at else None,
        "removed": one.removed,
    }


def _author(actor: str, author_id: int | None, people: Mapping[int, Named]) -> dict[str, Any]:
    name = page_view.author_of(actor, author_id, people)
    return {"id": author_id, "name": str(name) if isinstance(name, Said) else name}


def _file(one: Attachment, people: Mapping[int, Named], public: str) -> dict[str, Any]:
    small = f"{public}/attachments/{one.id}/" if one.picture == "made" else None
    return {
        "id": one.id,
        "subject": one.subject,
        "note": one.note_id,
        "author": _author(one.actor, one.author_id, people),
        "name": one.name,
        "size_bytes": one.size_bytes,
        "media_type": media_type(one.kind),
        "kind": str(title(one.kind)),
        "name_says": str(title(one.claimed)) if one.claimed else None,
        "picture": one.picture,
        "reason": str(one.refusal) if one.refusal else None,
        "width": one.width,
        "height": one.height,
        "created_at": iso(one.created_at),
        "url": f"{public}{one.href}",
        "thumb_url": f"{small}thumb" if small else None,
        "view_url": f"{small}view" if small else None,
    }

"""Attachments as files. Pictures are shown from here with their own type; everything else is only ever downloaded.

A file is a stranger's, and it comes from our own address: no answer of these may run, open or be taken for a page.
Programs get them with their token, as they get what the API says of them.
"""

from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from bongsu.accounts.http import ApiCaller, Db, PartsOf
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import say
from bongsu.notes import service_files
from bongsu.notes.http import GatesOf
from bongsu.notes.kinds import is_picture, media_type
from bongsu.notes.model import Attachment
from bongsu.objects.outbox import Outbox

router = APIRouter(include_in_schema=False)
GET_S = 60.0
_PIECE_BYTES = 256 << 10
_SMALL_TYPE = "image/webp"
_HEADERS = {
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, max-age=3600",
    "vary": "cookie",
}


@router.get("/attachments/{attachment_id}/thumb")
async def thumb(
    request: Request, attachment_id: int, actor: ApiCaller, db: Db, parts: PartsOf, gates: GatesOf
) -> Response:
    async with db.read() as tx:
        file, _ = await service_files.get(tx, gates, actor, attachment_id)
    return await _small(request, parts.objects, file, file.thumb_key)


@router.get("/attachments/{attachment_id}/view")
async def view(
    request: Request, attachment_id: int, actor: ApiCaller, db: Db, parts: PartsOf, gates: GatesOf
) -> Response:
    """The picture to look at: at most 2,048 pixels long, without what a camera writes beside it. `?download`
    saves it."""
    async with db.read() as tx:
        file, _ = await service_files.get(tx, gates, actor, attachment_id)
    return await _small(request, parts.objects, file, file.view_key)


@router.get("/attachments/{attachment_id}/{name}")
async def original(
    request: Request,
    attachment_id: int,
    name: str,  # noqa: ARG001 (for whoever reads the address, and as the name of what is saved)
    actor: ApiCaller,
    db: Db,
    parts: PartsOf,
    gates: GatesOf,
) -> Response:
    """`?download` saves a picture instead of showing it."""
    async with db.read() as tx:
        file = await service_files.get_original(tx, gates, actor, attachment_id)
    way = _way(request) if is_picture(file.kind) else "attachment"
    headers = {"content-disposition": f"{way}; {file_name(file.name)}"}
    return await _sent(request, parts.objects, file.key, media_type(file.kind), headers)


def _way(request: Request) -> str:
    return "attachment" if "download" in request.query_params else "inline"


async def _small(request: Request, objects: Outbox, file: Attachment, key: str) -> Response:
    if file.picture != "made":
        raise NotFound(say("There is no small picture of {name}.", name=file.name))
    name = f"{file.name.rpartition('.')[0] or file.name}.webp"
    headers = {"content-disposition": f"{_way(request)}; {file_name(name)}"}
    return await _sent(request, objects, key, _SMALL_TYPE, headers)


async def _sent(
    request: Request, objects: Outbox, key: str, kind: str, headers: Mapping[str, str]
) -> Response:
    tag = f'"{key.removeprefix("attachments/").replace("/", "-")}"'
    known = _HEADERS | {"etag": tag} | dict(headers)
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=known)
    body = await objects.get(key, GET_S)
    known["content-length"] = str(len(body))
    return StreamingResponse(_pieces(body), media_type=kind, headers=known)


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    """So that a slow reader does not make the server keep a second copy."""
    for start in range(0, len(body), _PIECE_BYTES):
        yield body[start : start + _PIECE_BYTES]


def file_name(name: str) -> str:
    """Both forms of RFC 6266: plain for old programs, in full for all others."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"

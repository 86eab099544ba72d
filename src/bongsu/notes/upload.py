"""What a request sent: files that were streamed to this disk, and words. Read only for those who may write."""

from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from bongsu.notes.service_files import Sent

MOST_FILES = 200  # read before they are counted and refused in words
MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Upload:
    text: str
    files: tuple[Sent, ...]


async def read_upload(request: Request) -> Upload:
    """Files larger than a megabyte lie in the system's folder for temporary files until the answer is given."""
    form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
    text = form.get("text", "")
    return Upload(text if isinstance(text, str) else "", _files(form))


def _files(form: FormData) -> tuple[Sent, ...]:
    """A browser sends an empty nameless part where nothing was chosen."""
    parts = [one for _, one in form.multi_items() if isinstance(one, UploadFile)]
    return tuple(
        Sent(one.filename or "", one.size or 0, one.file)
        for one in parts
        if one.filename or one.size
    )

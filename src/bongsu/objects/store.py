"""Opens an object store by its address."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.kit.redact import redact_url
from bongsu.objects.folder import FolderObjects
from bongsu.objects.model import ObjectStore, Stored
from bongsu.objects.s3 import S3Objects

__all__ = ["ObjectStore", "Stored", "open_objects"]


def open_objects(url: str) -> ObjectStore:
    """`file:///path` or `s3://bucket/prefix?region=…&endpoint=…`. Asks nobody yet. Raises Invalid."""
    address = urlsplit(url)
    if address.scheme == "s3":
        return S3Objects(address)
    if address.scheme == "file" and not address.netloc and address.path.startswith("/"):
        return FolderObjects(Path(unquote(address.path)))
    raise Invalid(
        say(
            "{url} is no address of an object store. Use file:///folder or s3://bucket/prefix.",
            url=redact_url(url),
        )
    )

"""AWS Lambda: a picture was put into an S3 bucket → a small one under a prefix of its own.

Handler: `bongsu.functions.thumbnail.handler`. Environment and rights: README.md beside this file.
"""

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from botocore.exceptions import BotoCoreError, ClientError

from bongsu.aws.clients import call
from bongsu.aws.faults import fault_of
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.notes.thumbs import Refused, Thumb, make_thumb

SOURCE_LIMIT_BYTES = 25 << 20  # as notes/model.py, which needs a database to be imported
TYPE, ENDING = "image/webp", ".webp"
TAGS_LIMIT = 10  # of S3, an object
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404"})
_NOT_IN_TAGS = re.compile(r"[^\w .:/=+@-]")
_logger = logging.getLogger("bongsu.functions.thumbnail")
_logger.setLevel(logging.INFO)
Outcome = dict[str, str]


@dataclass(frozen=True, slots=True)
class Put:
    """One object that arrived."""

    bucket: str
    key: str
    version: str | None
    size_bytes: int

    @property
    def named(self) -> dict[str, str]:
        version = {"VersionId": self.version} if self.version else {}
        return {"Bucket": self.bucket, "Key": self.key} | version


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where small pictures go."""

    bucket: str  # empty: where the picture is
    prefix: str

    @classmethod
    def of_environment(cls) -> "Shelf":
        """Raises Invalid for a prefix that all keys have: each small picture would be the next large one."""
        prefix = os.environ.get("BONGSU_THUMBNAIL_PREFIX", "thumbnails/")
        bucket = os.environ.get("BONGSU_THUMBNAIL_BUCKET", "")
        if not prefix and not bucket:
            raise Invalid(
                say("BONGSU_THUMBNAIL_PREFIX is empty. Give a prefix, or a bucket of its own.")
            )
        return cls(bucket, prefix)

    def holds(self, put: Put) -> bool:
        return self.bucket in {"", put.bucket} and put.key.startswith(self.prefix)

    def place(self, put: Put) -> dict[str, str]:
        return {"Bucket": self.bucket or put.bucket, "Key": f"{self.prefix}{put.key}{ENDING}"}


def handler(event: Mapping[str, Any], _context: object) -> dict[str, list[Outcome]]:
    """What became of each record. All are looked at before the first that failed is raised: Lambda then
    tries again with all of them, and what is made is made anew under the same key."""
    if event.get("Event") == "s3:TestEvent":
        _logger.info("passed over: S3 asked whether anybody is here")
        return {"records": []}
    shelf, outcomes, failed = Shelf.of_environment(), [], None
    for record in records_of(event):
        try:
            outcomes.append(_told(_outcome(record, shelf)))
        except (ClientError, BotoCoreError) as error:
            _logger.warning("tried again: %s", fault_of(error))
            failed = failed or error
    if failed is not None:
        raise failed
    return {"records": outcomes}


def _told(outcome: Outcome) -> Outcome:
    _logger.info("%s", outcome)
    return outcome


def _outcome(record: Mapping[str, Any], shelf: Shelf) -> Outcome:
    put, name = put_of(record), str(record.get("eventName", ""))
    outcome = {"bucket": put.bucket, "key": put.key}
    if not name.startswith("ObjectCreated:"):
        return outcome | {"passed_over": f"{name}: nothing was put"}
    if shelf.holds(put):
        return outcome | {"passed_over": "it is a small picture of ours"}
    if put.size_bytes > SOURCE_LIMIT_BYTES:
        return outcome | _refuse(put, f"it is larger than {SOURCE_LIMIT_BYTES >> 20} MiB")
    try:
        data = _data(put)
    except ClientError as error:
        if fault_of(error).code not in _GONE:
            raise
        return outcome | {"passed_over": "it is gone again"}
    made = make_thumb(data)
    if isinstance(made, Refused):
        return outcome | _refuse(put, str(made.reason))
    return outcome | _kept(put, made, shelf)


def records_of(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """As S3 itself sends them; EventBridge tells of one object, with its key as it is."""
    if event.get("detail-type") != "Object Created":
        return list(event["Records"])
    detail = event["detail"]
    one = detail["object"]
    named = {"key": quote_plus(str(one["key"])), "size": one.get("size", 0)}
    version = {"versionId": one["version-id"]} if one.get("version-id") else {}
    put = {"bucket": {"name": detail["bucket"]["name"]}, "object": named | version}
    return [{"eventName": "ObjectCreated:EventBridge", "s3": put}]


def put_of(record: Mapping[str, Any]) -> Put:
    """Keys come URL-encoded, with + for spaces."""
    one = record["s3"]["object"]
    bucket = str(record["s3"]["bucket"]["name"])
    key = unquote_plus(str(one["key"]))
    return Put(bucket, key, one.get("versionId"), int(one.get("size", 0)))


def _data(put: Put) -> bytes:
    """No more than may be: the event's size may be that of another version."""
    body = call("s3", "get_object", **put.named)["Body"]
    return bytes(body.read(SOURCE_LIMIT_BYTES))


def _kept(put: Put, made: Thumb, shelf: Shelf) -> Outcome:
    """Metadata of S3 is ASCII, so the key stands there as it came."""
    place = shelf.place(put)
    call(
        "s3",
        "put_object",
        **place,
        Body=made.webp,
        ContentType=TYPE,
        CacheControl="private, max-age=31536000, immutable" if put.version else "private",
        Metadata={
            "width": str(made.width),
            "height": str(made.height),
            "source": quote(put.key),
            "source-version": put.version or "",
        },
    )
    return {"made": place["Key"]}


def _refuse(put: Put, reason: str) -> Outcome:
    """The picture itself says why it has no small one; other tags of it stay."""
    try:
        known = call("s3", "get_object_tagging", **put.named)["TagSet"]
        ours = {"thumbnail": "refused", "thumbnail-reason": _NOT_IN_TAGS.sub(" ", reason)[:256]}
        kept = [one for one in known if one["Key"] not in ours]
        tags = [*kept, *({"Key": name, "Value": value} for name, value in ours.items())]
        if len(tags) <= TAGS_LIMIT:
            call("s3", "put_object_tagging", **put.named, Tagging={"TagSet": tags})
    except ClientError as error:
        _logger.warning("the reason is not tagged: %s", fault_of(error))
    return {"refused": reason}

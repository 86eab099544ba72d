"""What the archive of failed checks holds, read back: one service, one day."""

import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from bongsu.objects.model import ObjectStore

MAX_RECORDS = 10_000
_PART_BYTES = 64 << 20  # unpacked; ours are at most some 8 MiB, so more is not ours
_LINES: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])


async def failed_on(
    objects: ObjectStore, service: str, day: date, limit: int = 1000
) -> list[dict[str, Any]]:
    """The first `limit` records of the day (UTC), part by part. Raises ObjectsAway.

    Records of the last hour may still be in the files of the process that writes them.
    """
    wanted = min(limit, MAX_RECORDS)
    records: list[dict[str, Any]] = []
    for part in await objects.list(f"failed/{service}/{day:%Y/%m/%d}"):
        for record in _records(await objects.get(part.key)):
            if len(records) >= wanted:
                return records
            records.append(record)
    return records


def _records(body: bytes) -> Iterator[dict[str, Any]]:
    unpacked = zlib.decompressobj(wbits=31).decompress(body, _PART_BYTES)
    yield from _LINES.decode_lines(unpacked)

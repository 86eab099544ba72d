"""The spool's frames: pure. Rows on disk that are whole or recognisably not.

    magic 4 · size 4 · crc32 4 · schema version 2 · table's length 2 · group 8 · writer 16 · table · rows

The checksum covers everything behind itself. Frames of one `group` are one insert: its token is the
writer's id (made at start, never the pid) and the group's number, so a replay repeats it exactly.
"""

import struct
import uuid
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

MAGIC = b"\xb5\xf0B1"
_HEADER = struct.Struct(">4sIIHHQ16s")
_UNCHECKED_BYTES = 12  # magic, size, checksum


@dataclass(frozen=True, slots=True)
class Frame:
    table: str
    version: int
    writer: str
    group: int
    rows: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """All rows of one group for one table: one insert under one token."""

    table: str
    version: int
    token: str
    rows: bytes


@dataclass(frozen=True, slots=True)
class Scan:
    """`frames` with the offset behind each; `good_bytes` is where the last whole one ends."""

    frames: tuple[tuple[Frame, int], ...]
    good_bytes: int
    damaged_bytes: int


def encode(frame: Frame) -> bytes:
    table = frame.table.encode()
    size = _HEADER.size + len(table) + len(frame.rows)
    writer = uuid.UUID(frame.writer).bytes
    header = _HEADER.pack(MAGIC, size, 0, frame.version, len(table), frame.group, writer)
    checked = header[_UNCHECKED_BYTES:] + table + frame.rows
    return header[:8] + zlib.crc32(checked).to_bytes(4, "big") + checked


def scan(block: bytes) -> Scan:
    """Every whole frame. What is damaged in the middle is stepped over to the next frame, and counted."""
    frames: list[tuple[Frame, int]] = []
    position = good = damaged = 0
    while position < len(block):
        found = _frame_at(block, position)
        if found is None:
            position = block.find(MAGIC, position + 1)
            if position < 0:
                break
            continue
        damaged += position - good
        frames.append(found)
        position = good = found[1]
    return Scan(tuple(frames), good, damaged)


def _frame_at(block: bytes, start: int) -> tuple[Frame, int] | None:
    if len(block) - start < _HEADER.size:
        return None
    magic, size, checksum, version, name, group, writer = _HEADER.unpack_from(block, start)
    end, body = start + size, start + _HEADER.size
    if magic != MAGIC or end > len(block) or size < _HEADER.size + name:
        return None
    if zlib.crc32(memoryview(block)[start + _UNCHECKED_BYTES : end]) != checksum:
        return None
    table = block[body : body + name].decode()
    return Frame(table, version, str(uuid.UUID(bytes=writer)), group, block[body + name : end]), end


def groups(frames: Iterable[tuple[Frame, int]]) -> Iterator[tuple[list[Batch], int]]:
    """Consecutive frames of one writer's group: its batches, and the offset behind its last frame."""
    for (writer, group), members in groupby(frames, key=lambda f: (f[0].writer, f[0].group)):
        whole = list(members)
        yield list(_batches(writer, group, [frame for frame, _ in whole])), whole[-1][1]


def _batches(writer: str, group: int, frames: list[Frame]) -> Iterator[Batch]:
    """In order of first appearance, which is the same at every replay."""
    kinds = dict.fromkeys((frame.table, frame.version) for frame in frames)
    for number, (table, version) in enumerate(kinds):
        rows = b"".join(f.rows for f in frames if (f.table, f.version) == (table, version))
        yield Batch(table, version, f"{writer}-{group}-{number}", rows)

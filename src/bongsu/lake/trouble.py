"""What the spool and the shipper say about themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["torn", "dropped", "disk_full", "disk_back", "refused", "away", "back"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """For one event about ourselves.

    torn        a segment's damaged bytes, left by a crash or by the disk, were cut out
    dropped     the spool is at its cap: the oldest rows were deleted
    disk_full   the disk takes nothing; rows wait in memory · disk_back  it does again; what was lost meanwhile
    refused     the lake cannot read a row; it is kept in `refused.rows`
    away, back  the lake, once each
    """

    kind: Kind
    lost_bytes: int = 0
    why: str = ""


Report = Callable[[Trouble], None]


def silent(_trouble: Trouble) -> None:
    """For callers who read the counts instead."""


@dataclass(slots=True)
class Counts:
    """Since the start of this process."""

    frames: int = 0
    acked_groups: int = 0
    torn_bytes: int = 0
    dropped_bytes: int = 0
    full_bytes: int = 0
    refused_bytes: int = 0

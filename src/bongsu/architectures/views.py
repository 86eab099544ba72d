"""An architecture as people see it: its drawing, and how every part stands now."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bongsu.architectures import service
from bongsu.architectures.model import Kept, PartView, stand
from bongsu.db.session import Database
from bongsu.intake import store as intake
from bongsu.watch.board import Board

if TYPE_CHECKING:
    from bongsu.architectures.drawing import Drawn


@dataclass(frozen=True, slots=True)
class Seen:
    kept: Kept
    drawn: "Drawn"
    parts: tuple[PartView, ...]


async def seen(db: Database, board: Board, name: str, environment: str) -> Seen:
    """Drawn in a thread the first time. Raises NotFound; Invalid when a newer version reads the file otherwise."""
    async with db.read() as tx:
        kept = await service.get(tx, name, environment)
        wall = await board.wall(tx)
        reports = await intake.reports(tx, f"{kept.stem}-")
    found = await asyncio.to_thread(_drawn, kept)
    parts = stand(kept, found.parts, wall.services, wall.checks, reports)
    return Seen(kept, found, parts)


def _drawn(kept: Kept) -> "Drawn":
    from bongsu.architectures.drawing import drawn  # house: import no start waits for it

    return drawn(kept)

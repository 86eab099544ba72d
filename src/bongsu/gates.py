"""The gates of the rooms that are on: who may read, write and be told about what they own.

For `serve` (notes, telling) and `alarm` (telling); a room that is off is not imported.
"""

import importlib
from collections.abc import Collection, Mapping

from bongsu.accounts.sight import Sight
from bongsu.kit.settings import Settings
from bongsu.notes.gate import Gate
from bongsu.rooms import rooms_on

# By the family of the subject: the room, and where its gate stands.
_GATES = {
    "task": ("tasks", "bongsu.tasks.gate"),
    "incident": ("incidents", "bongsu.incidents.gate"),
}

# Whose things are not for everybody: the room, and what says which of them are hidden.
_SIGHTS = {"tasks": "bongsu.tasks.sight"}


def sights_of(rooms: Collection[str]) -> tuple[Sight, ...]:
    return tuple(
        importlib.import_module(module).hidden for room, module in _SIGHTS.items() if room in rooms
    )


def gates_of(settings: Settings) -> Mapping[str, Gate]:
    on = rooms_on(settings)
    return {
        family: importlib.import_module(module).GATE
        for family, (room, module) in _GATES.items()
        if room in on
    }

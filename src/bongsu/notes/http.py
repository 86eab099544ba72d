"""What routes of notes, and of rooms above, take from a request: the gates of the rooms that are on."""

from typing import Annotated

from fastapi import Depends, Request

from bongsu.notes.gate import naming
from bongsu.notes.service import Gates


def gates_of(request: Request) -> Gates:
    """`app.py` puts them there. What they name stands in `request.state.names` for the log of requests."""
    names = request.state.names = {}
    return naming(getattr(request.app.state, "gates", {}), names)


GatesOf = Annotated[Gates, Depends(gates_of)]

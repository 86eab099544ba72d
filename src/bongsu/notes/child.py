"""`python -m bongsu.notes.child`: makes pictures small for pool.py, one after the other, with little power.

In: eight bytes of length and a file. Out: a line of JSON, then the pictures that it names. What a hostile file
does to this process ends with it: it writes no files, knows no settings or secrets, and everything has a limit.
"""

import contextlib
import json
import math
import os
import resource
import sys
from typing import Any, BinaryIO

from bongsu.notes.thumbs import Pictures, Refused, make_pictures

MEMORY_BYTES = 1280 << 20  # the largest picture that is let through takes 1 GiB as WebP
CPU_S = 40
NICENESS = 10
OPEN_FILES = 16
HEAD_BYTES = 8


def limit() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    _lower(resource.RLIMIT_AS, MEMORY_BYTES)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)


def _lower(which: int, most: int) -> None:
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (most, most if hard == resource.RLIM_INFINITY else min(most, hard)))


def _more_time() -> None:
    """For the next picture: the limit counts all that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(
        resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime) + CPU_S, hard)
    )


def answer(data: bytes) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    """The line's content, and the pictures after it."""
    try:
        made = make_pictures(data)
    except MemoryError:
        return {"memory": True}, ()
    if isinstance(made, Refused):
        return {"refused": made.reason.stored()}, ()
    return _told(made), tuple(one.webp for one in made.sizes)


def _told(made: Pictures) -> dict[str, Any]:
    sizes = [[one.width, one.height, len(one.webp)] for one in made.sizes]
    return {"width": made.width, "height": made.height, "sizes": sizes}


def serve(read: BinaryIO, write: BinaryIO) -> None:
    """Until the other end is gone, or memory ran out: what is left then is in no good order."""
    while len(head := read.read(HEAD_BYTES)) == HEAD_BYTES:
        _more_time()
        told, bodies = answer(read.read(int.from_bytes(head)))
        write.write(json.dumps(told).encode() + b"\n" + b"".join(bodies))
        write.flush()
        if "memory" in told:
            return


if __name__ == "__main__":
    limit()
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)  # nothing here is worth tidying up

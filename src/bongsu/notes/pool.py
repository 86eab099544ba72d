"""One child process that makes pictures small, started when there is work and ended when there is none.

A file that makes the decoder fall, hang or eat memory takes the child with it and nobody else; the next picture
gets a new one. See docs/adr/0054-thumbnails.md.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Sequence

from bongsu.kit.i18n import Said, say
from bongsu.notes.child import HEAD_BYTES
from bongsu.notes.thumbs import Pictures, Refused, Thumb

TIMEOUT_S = 180.0  # of the clock, on a busy machine too; the child has its own limit on time of the processor
PICTURES_EACH = 200  # then a new child: what libraries lose of memory is lost with the old one
_LINE_BYTES = 64 << 10
_PASSED_ON = ("PATH", "PYTHONPATH", "VIRTUAL_ENV")
COMMAND = (sys.executable, "-P", "-m", "bongsu.notes.child")


class Fault(Exception):
    """The child did not answer. Another try may go better."""

    def __init__(self, reason: Said) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Pool:
    """Makes one picture at a time, however many ask: thumbnails give way to everything else."""

    def __init__(self, timeout_s: float = TIMEOUT_S, command: Sequence[str] = COMMAND) -> None:
        self.timeout_s, self.command = timeout_s, command
        self._child: asyncio.subprocess.Process | None = None
        self._made = 0
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    async def make(self, data: bytes) -> Pictures | Refused:
        """Raises Fault when the child fell, hung or ran out of memory."""
        async with self._turn:
            child = await self._ready()
            try:
                return await asyncio.wait_for(self._ask(child, data), self.timeout_s)
            except TimeoutError:
                await self._end()
                raise Fault(
                    say("Making it small took longer than {n} s.", n=round(self.timeout_s))
                ) from None
            except (asyncio.IncompleteReadError, ConnectionError, ValueError):
                await self._end()
                raise Fault(
                    say("The program that makes pictures small fell over this one.")
                ) from None
            except BaseException:
                await self._end()
                raise

    async def close(self) -> None:
        """Ends the child; the next picture starts another."""
        async with self._turn:
            await self._end()

    async def _ready(self) -> asyncio.subprocess.Process:
        if self._child and (self._child.returncode is not None or self._made >= PICTURES_EACH):
            await self._end()
        if self._child is None:
            self._made = 0
            self._child = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                limit=_LINE_BYTES,
            )
        self._made += 1
        return self._child

    async def _ask(self, child: asyncio.subprocess.Process, data: bytes) -> Pictures | Refused:
        if child.stdin is None or child.stdout is None:
            raise ConnectionError("the child has no pipes")
        child.stdin.write(len(data).to_bytes(HEAD_BYTES) + data)
        await child.stdin.drain()
        told = json.loads(await child.stdout.readuntil(b"\n"))
        if "refused" in told:
            return Refused(Said.load(told["refused"]))
        if "memory" in told:
            await self._end()
            raise Fault(say("Making it small would take more memory than is given to one picture."))
        sizes = [
            Thumb(await child.stdout.readexactly(size), width, height)
            for width, height, size in told["sizes"]
        ]
        return Pictures(tuple(sizes), told["width"], told["height"])

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()

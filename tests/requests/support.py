"""Requests as they are recorded, and the whole application that records them."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI

from bongsu.app import build_app
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.ids import uuid7
from bongsu.kit.settings import Settings
from bongsu.lake.client import LakeClient
from bongsu.requests.filter import Filter
from bongsu.requests.model import Seen
from bongsu.requests.recorder import TABLE
from tests.people import BASE

_ENCODER = msgspec.json.Encoder()


def seen(at: datetime, **values: Any) -> Seen:
    usual: dict[str, Any] = {
        "id": uuid7(int(at.timestamp() * 1000)), "person": 7, "name": "Bob", "token": 0,
        "via": "session", "method": "GET", "route": "/", "object": "", "outcome": "ok", "status": 200,
        "took_us": 12_000, "size_bytes": 900, "stream": False, "address": "203.0.113.7",
        "language": "en", "agent": "a test",
    }  # fmt: skip
    return Seen(at=at, **(usual | values))


async def put(lake: LakeClient, *requests: Seen) -> None:
    rows = b"".join(_ENCODER.encode(one.row()) + b"\n" for one in requests)
    await lake.insert(TABLE, rows, uuid7())


def around(at: datetime, hours: float = 12, **values: Any) -> Filter:
    span = timedelta(hours=hours)
    return Filter(since=at - span, until=at + span, **values)


@contextlib.asynccontextmanager
async def whole_app(
    template: Path, folder: Path, *, opened: bool = False, **settings: str
) -> AsyncIterator[FastAPI]:
    """The real one. Not `opened`, what was recorded stays in memory, to be looked at (`recorded`)."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, folder / "state.db")
    stop = asyncio.Event()
    app, context = build_app(Settings(data_dir=str(folder), public_url=BASE, **settings), stop)
    if opened:
        async with context:
            yield app
        return
    try:
        yield app
    finally:
        await app.state.history.close()
        await app.state.parts.db.close()


async def recorded(app: FastAPI) -> list[Seen]:
    """What was recorded so far, in order, whoever had to be looked up included."""
    recorder = app.state.requests
    await recorder.identify()
    return list(recorder._pending)


async def until(what: Any, wait_s: float = 60.0) -> Any:
    """The first true answer of `what()`, asked again and again."""
    end_s = SYSTEM_CLOCK.monotonic_s() + wait_s
    while True:
        answer = await what()
        if answer or SYSTEM_CLOCK.monotonic_s() > end_s:
            return answer
        await asyncio.sleep(0.05)

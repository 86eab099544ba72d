"""The log of requests as part of an application: its middleware, and what runs while it serves."""

from fastapi import FastAPI

from bongsu.accounts.http import Parts
from bongsu.requests.recorder import Recorder
from bongsu.requests.recording import Recording
from bongsu.requests.watcher import Watcher


def install(app: FastAPI, parts: Parts) -> None:
    """Before the headers of security, so that those are on the answer to a bug too."""
    folder = parts.settings.data / "requests"
    watcher = Watcher(parts.db, parts.clock)
    recorder = Recorder(folder, parts.db, parts.lake, parts.clock, watcher)
    app.state.requests = recorder  # to be opened with the application: `running`
    trusted = parts.settings.trusted_proxies
    app.add_middleware(Recording, recorder=recorder, clock=parts.clock, trusted=trusted)


"""The log of requests as part of an application: its middleware, and what runs while it serves."""

from fastapi import FastAPI

from bongsu.accounts.http import Parts
from bongsu.requests.people import Forgetting, Kept
from bongsu.requests.recorder import Recorder
from bongsu.requests.recording import Recording
from bongsu.requests.watcher import Watcher


def install(app: FastAPI, parts: Parts) -> None:
    """Before the headers of security, so that those are on the answer to a bug too."""
    beside = (Watcher(parts.db, parts.clock), Forgetting(parts.db, parts.lake, parts.clock))
    folder = parts.settings.data / "requests"
    recorder = Recorder(folder, parts.db, parts.lake, parts.clock, *beside)
    app.state.requests = recorder  # to be opened with the application: `running`
    trusted = parts.settings.trusted_proxies
    app.add_middleware(Recording, recorder=recorder, clock=parts.clock, trusted=trusted)
    kept = Kept(parts.lake, parts.clock)
    for hooks, hook in (("exports", kept.export), ("partings", kept.part)):
        getattr(app.state, hooks, {})["requests"] = hook

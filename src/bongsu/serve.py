"""The `serve` role: one uvicorn server around app.py, stopped by our own event within 2 s."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator

import uvicorn

from bongsu.app import build_app, workers
from bongsu.kit.roles import say_ready, together
from bongsu.kit.settings import Settings

_logger = logging.getLogger("bongsu.serve")


class Server(uvicorn.Server):
    """Signals belong to the role; streams end by the stop event before uvicorn waits for them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(settings: Settings, stop: asyncio.Event) -> None:
    app, opened = build_app(settings, stop)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=20,
        h11_max_incomplete_event_size=64 * 1024,
        ssl_certfile=settings.tls_cert or None,
        ssl_keyfile=settings.tls_key or None,
        lifespan="off",
        backlog=512,
    )
    server = Server(config)
    with contextlib.closing(bind(settings.host, settings.port)) as listening:
        async with opened:  # nothing begins to work for an address that cannot be had
            await together(
                stop,
                server.serve([listening]),
                _ready(server, stop),
                _ending(server, stop),
                *workers(app, settings, stop),
            )


def bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    return listening


async def _ready(server: uvicorn.Server, stop: asyncio.Event) -> None:
    # uvicorn offers no event for it
    while not server.started and not stop.is_set():
        await asyncio.sleep(0.01)
    say_ready()
    await stop.wait()


async def _ending(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True

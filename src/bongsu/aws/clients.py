"""boto3's clients, made in one place: one for each service, region, endpoint and pair of keys.

What is not given comes from AWS's own chain: keys or a role of the machine, `AWS_REGION`, a profile.
`AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` send all of it to an emulator.
"""

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from boto3.session import Session
from botocore.config import Config

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 4.0
ATTEMPTS = 2  # both, at their slowest, end before a delivery's deadline of 15 s
THREADS = 32
_CONFIG = Config(
    connect_timeout=CONNECT_TIMEOUT_S,
    read_timeout=READ_TIMEOUT_S,
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    max_pool_connections=THREADS,
)
# Threads of our own: a dead endpoint must not use up those that look up names for everybody.
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aws")
_making = threading.Lock()


@dataclass(frozen=True, slots=True)
class Keys:
    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is asked, and as whom; what is None is for AWS's own chain to find."""

    region: str | None = None
    endpoint: str | None = None
    keys: Keys | None = None


HERE = Place()


def client(service: str, place: Place = HERE) -> Any:
    """Kept for the next one who asks; boto3's clients may be shared by threads, but not made by several at
    once. Raises BotoCoreError for a region or an endpoint that cannot be."""
    with _making:
        return _made(service, place)


@lru_cache(maxsize=32)
def _made(service: str, place: Place) -> Any:
    """A session of its own: that of the library remembers the first credentials it ever saw."""
    return Session().client(
        service,
        region_name=place.region or os.environ.get("AWS_REGION"),
        endpoint_url=place.endpoint,
        aws_access_key_id=place.keys.access_key_id if place.keys else None,
        aws_secret_access_key=place.keys.secret_access_key if place.keys else None,
        config=_CONFIG,
    )


def call(service: str, operation: str, place: Place = HERE, /, **parameters: Any) -> Any:
    """The answer. Blocks. Raises what boto3 raises; `faults.fault_of` says what it means."""
    return getattr(client(service, place), operation)(**parameters)


async def ask(service: str, operation: str, place: Place = HERE, /, **parameters: Any) -> Any:
    """`call` in a thread."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(
        _threads, lambda: call(service, operation, place, **parameters)
    )

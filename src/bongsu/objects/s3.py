"""Objects in S3, or what speaks like it: `s3://bucket/prefix?region=…&endpoint=…`.

Credentials come from the surroundings as obstore finds them: AWS_* variables, a web identity, the
container's or the instance's role. Profiles in ~/.aws are not read.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, parse_qs

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from bongsu.kit.errors import Invalid, NotFound, ObjectsAway
from bongsu.kit.i18n import say
from bongsu.kit.redact import redact_text
from bongsu.kit.text import head, one_line
from bongsu.objects.model import BINARY, LIMIT_S, LIST_LIMIT, Stored, check_key, check_prefix

if TYPE_CHECKING:
    from obstore.store import S3Config

T = TypeVar("T")
_CONNECT_S = 1
_LONGEST_S = 120  # of one request; the caller's limit is shorter
_OPTIONS = frozenset({"region", "endpoint"})


class S3Objects:
    """Raises Invalid for a wrong address; nothing is asked before the first call."""

    def __init__(self, address: SplitResult) -> None:
        options = {name: values[0] for name, values in parse_qs(address.query).items()}
        if not address.hostname or set(options) - _OPTIONS:
            raise Invalid(
                say(
                    "{url} is no address of a bucket. Use s3://bucket/prefix?region=…&endpoint=….",
                    url=f"s3://{address.netloc}{address.path}",
                )
            )
        self._bucket = address.netloc
        self._store = S3Store(
            address.netloc,
            prefix=address.path.strip("/") or None,
            client_options={
                "connect_timeout": timedelta(seconds=_CONNECT_S),
                "timeout": timedelta(seconds=_LONGEST_S),
                "allow_http": options.get("endpoint", "").startswith("http://"),
            },
            retry_config={"max_retries": 1},
            config=_config(options),
        )

    def __repr__(self) -> str:
        return f"S3Objects({self._bucket})"

    async def put(
        self, key: str, body: bytes, content_type: str = BINARY, timeout_s: float = LIMIT_S
    ) -> None:
        attributes = {"Content-Type": content_type}
        putting = obstore.put_async(self._store, check_key(key), body, attributes=attributes)
        await self._in_time(putting, timeout_s)

    async def get(self, key: str, timeout_s: float = LIMIT_S) -> bytes:
        try:
            return await self._in_time(self._get(check_key(key)), timeout_s)
        except ObjectsAway as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise NotFound(say("There is no object {key}.", key=key)) from error
            raise

    async def list(self, prefix: str = "", limit: int = LIST_LIMIT) -> Sequence[Stored]:
        return await self._in_time(self._list(check_prefix(prefix), limit), LIMIT_S)

    async def delete(self, key: str) -> None:
        await self._in_time(obstore.delete_async(self._store, check_key(key)), LIMIT_S)

    async def _get(self, key: str) -> bytes:
        found = await obstore.get_async(self._store, key)
        return bytes(await found.bytes_async())

    async def _list(self, prefix: str, limit: int) -> Sequence[Stored]:
        found: list[Stored] = []
        async for batch in obstore.list(self._store, prefix=prefix or None):
            found += [Stored(one["path"], one["size"], one["last_modified"]) for one in batch]
            if len(found) >= limit:
                break
        return found[:limit]

    async def _in_time(self, work: Awaitable[T], timeout_s: float) -> T:
        try:
            return await asyncio.wait_for(work, timeout_s)
        except TimeoutError as error:
            raise ObjectsAway(f"no answer within {timeout_s:g} s") from error
        except (BaseError, OSError) as error:
            raise ObjectsAway(redact_text(head(one_line(str(error)), 300))) from error


def _config(options: dict[str, str]) -> "S3Config":
    """What the address leaves open comes from AWS_REGION and its like."""
    config: S3Config = {}
    if "region" in options:
        config["region"] = options["region"]
    if "endpoint" in options:
        config["endpoint"] = options["endpoint"]
    return config

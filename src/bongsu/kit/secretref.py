"""Secrets are references; this is where one is turned into its value, at the moment it is needed.

`env:NAME` · `file:/path` (one trailing newline is taken off) · `ssm:/parameter/name` ·
`secretsmanager:name` or `secretsmanager:name#key` (one key of a JSON secret). The AWS kinds use boto3's
own chain of credentials; the library is loaded when the first such reference is resolved.
"""

import asyncio
import importlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bongsu.kit.clock import Clock
from bongsu.kit.errors import Unavailable
from bongsu.kit.i18n import Said, say
from bongsu.kit.redact import Secret, is_reference

FILE_LIMIT_BYTES = 64 * 1024
CACHE_S = 60.0  # a burst of deliveries asks AWS once, a rotated secret is seen within a minute
AWS_TIMEOUT_S = 5


class SecretAway(Unavailable):
    """The reference cannot be resolved now; whoever runs the place can mend that without touching us."""

    code = "secret_away"


def resolve(reference: str, env: Mapping[str, str] | None = None) -> Secret:
    """The value behind a reference. Blocks on files and on AWS: call `Secrets.reveal` from a loop.

    Raises SecretAway, naming the reference and never the value.
    """
    if not is_reference(reference):
        raise SecretAway(
            say(
                "A secret is given as a reference such as env:NAME or file:/path, not in clear. "
                "Change it where it is set up."
            )
        )
    scheme, _, name = reference.partition(":")
    return Secret(_SCHEMES[scheme](name, os.environ if env is None else env))


def _from_env(name: str, env: Mapping[str, str]) -> str:
    value = env.get(name, "")
    if not value:
        raise SecretAway(
            say(
                "The environment variable {name} is not set. Set it for the Bongsu processes and restart them.",
                name=name,
            )
        )
    return value


def _from_file(name: str, _env: Mapping[str, str]) -> str:
    try:
        with Path(name).open("rb") as handle:
            raw = handle.read(FILE_LIMIT_BYTES + 1)
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SecretAway(_unreadable(name, type(error).__name__)) from error
    if len(raw) > FILE_LIMIT_BYTES or not text.strip():
        raise SecretAway(_unreadable(name, "empty or larger than 64 kB"))
    return text.removesuffix("\n").removesuffix("\r")


def _unreadable(name: str, why: str) -> Said:
    return say(
        "The secret file {name} cannot be read ({why}). Check that it exists and its owner.",
        name=name,
        why=why,
    )


def _from_ssm(name: str, _env: Mapping[str, str]) -> str:
    def ask(client: Any) -> Any:
        return client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]

    return _from_aws("ssm", name, ask)


def _from_secretsmanager(name: str, _env: Mapping[str, str]) -> str:
    secret_id, _, key = name.partition("#")

    def ask(client: Any) -> Any:
        text = client.get_secret_value(SecretId=secret_id)["SecretString"]
        return json.loads(text)[key] if key else text

    return _from_aws("secretsmanager", name, ask)


def _from_aws(service: str, name: str, ask: Callable[[Any], Any]) -> str:
    try:
        boto3: Any = importlib.import_module("boto3")
        config = importlib.import_module("botocore.config").Config(
            connect_timeout=AWS_TIMEOUT_S, read_timeout=AWS_TIMEOUT_S, retries={"max_attempts": 2}
        )
        return str(ask(boto3.client(service, config=config)))
    except Exception as error:  # the library makes its exceptions at run time
        code = getattr(error, "response", {}).get("Error", {}).get("Code") or type(error).__name__
        raise SecretAway(
            say(
                "AWS did not give the secret {reference} ({code}). "
                "Check its name, the region and the credentials of this machine.",
                reference=f"{service}:{name}",
                code=code,
            )
        ) from error


_SCHEMES: dict[str, Callable[[str, Mapping[str, str]], str]] = {
    "env": _from_env,
    "file": _from_file,
    "ssm": _from_ssm,
    "secretsmanager": _from_secretsmanager,
}


class Secrets:
    """Resolves in a thread and remembers values from AWS for a minute; one for each process."""

    def __init__(self, clock: Clock, find: Callable[[str], Secret] = resolve) -> None:
        self._clock, self._find = clock, find
        self._known: dict[str, tuple[float, Secret]] = {}

    async def reveal(self, reference: str) -> str:
        """The value in clear. Raises SecretAway."""
        if not reference.startswith(("ssm:", "secretsmanager:")):
            return self._find(reference).reveal()
        now_s = self._clock.monotonic_s()
        at_s, known = self._known.get(reference, (float("-inf"), Secret()))
        if now_s - at_s < CACHE_S:
            return known.reveal()
        found = await asyncio.to_thread(self._find, reference)
        self._known[reference] = (now_s, found)
        return found.reveal()

"""AWS as a deployment needs it: patient clients for each region, and its refusals as sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from bongsu.aws.faults import fault_of
from bongsu.kit.errors import Invalid, Unavailable
from bongsu.kit.i18n import say

# Reading a change set of hundreds of resources takes its time; those of the alarm line are far less patient.
CONFIG = Config(
    connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4}
)


class Clients(Protocol):
    def __call__(self, service: str, region: str) -> Any:
        """A client of boto3's."""


def clients(endpoint_url: str | None = None, profile: str | None = None) -> Clients:
    """By AWS's own chain of credentials. `endpoint_url`: of an emulator. Raises Invalid for an unknown profile."""
    try:
        session = Session(profile_name=profile)
    except BotoCoreError as error:
        raise Invalid(say("AWS cannot be used: {why}", why=str(error))) from error

    @cache
    def made(service: str, region: str) -> Any:
        return session.client(service, region_name=region, endpoint_url=endpoint_url, config=CONFIG)

    return made


@contextmanager
def asking(what: str) -> Iterator[None]:
    """`what`: the stack or the name that is asked about. Raises Unavailable for what may pass, else Invalid."""
    try:
        yield
    except ResponseParserError as error:  # a page for people instead of an answer, as proxies give
        said = say(
            "What answered about {what} does not speak as AWS does: a proxy, or an emulator that lacks this call.",
            what=what,
        )
        raise Unavailable(said) from error
    except (ClientError, BotoCoreError) as error:
        fault = fault_of(error)
        if fault.kind in ("slow", "away"):
            said = say(
                "AWS did not answer about {what}: {why}. Try again.", what=what, why=fault.text
            )
            raise Unavailable(said) from error
        said = say(
            "AWS refused {what}: {why} ({code}).", what=what, why=fault.text, code=fault.code
        )
        raise Invalid(said) from error


def code_of(error: Exception) -> str:
    """AWS's own code of a refusal that `asking` said; empty for others."""
    cause = error.__cause__
    return fault_of(cause).code if isinstance(cause, ClientError) else ""

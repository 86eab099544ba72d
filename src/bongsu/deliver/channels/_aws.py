"""What the channels of AWS share: options to reach it, one call, and the events that are copied there."""

import json
from collections.abc import Callable
from typing import Annotated, Any, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field

from bongsu.aws.clients import Keys, Place, ask
from bongsu.aws.faults import Fault, fault_of
from bongsu.deliver.channels._addresses import SecretReference
from bongsu.deliver.context import Context
from bongsu.deliver.model import DeliveryError
from bongsu.kit.errors import BongsuError
from bongsu.kit.i18n import Said, say

# A copy is worth as much tomorrow: about three days, steep at first for the sake of a short pause of theirs.
COPY_LADDER_S = (
    0.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 21_600.0, 43_200.0, 86_400.0, 86_400.0,
)  # fmt: skip

Region = Annotated[
    str | None,
    Field(
        title="Region",
        description="Empty: the one of this machine",
        pattern=r"^[a-z0-9-]{2,32}$",
        examples=["ap-northeast-2"],
    ),
]
Endpoint = Annotated[
    str | None,
    Field(
        title="Endpoint",
        description="Only for a VPC endpoint or an emulator",
        pattern=r"^https?://",
        max_length=500,
    ),
]
KeyId = Annotated[
    SecretReference | None,
    Field(
        title="Access key ID",
        description="A reference; empty: the role or the keys of this machine",
        examples=["env:COPY_KEY_ID"],
    ),
]
SecretKey = Annotated[
    SecretReference | None,
    Field(
        title="Secret access key",
        description="A reference; only together with the access key ID",
        examples=["env:COPY_SECRET_KEY"],
    ),
]


class Reach(Protocol):
    """The part of a kind's options that says where AWS is asked."""

    region: str | None
    endpoint: str | None
    access_key_id: str | None
    secret_access_key: str | None


Options = TypeVar("Options", bound=Reach)
Refusal = Callable[[Fault], Said]


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def both_keys_or_none(options: Options) -> Options:
    if (options.access_key_id is None) != (options.secret_access_key is None):
        raise ValueError(say("Give the access key ID and the secret access key, or neither."))
    return options


async def asked(
    ctx: Context,
    options: Reach,
    service: tuple[str, str],
    operation: str,
    refusal: Refusal,
    *,
    already: frozenset[str] = frozenset(),
    **parameters: Any,
) -> Any:
    """The answer; None where the refusal's code, one of `already`, says that it was done before.

    `service`: boto3's name and ours. `refusal` says which thing was refused and why. Raises DeliveryError.
    """
    place = Place(options.region, options.endpoint, await _keys(ctx, options))
    try:
        return await ask(service[0], operation, place, **parameters)
    except (ClientError, BotoCoreError) as error:
        fault = fault_of(error)
        if fault.code in already:
            return None
        raise failed(fault, service[1], refusal) from error


async def _keys(ctx: Context, options: Reach) -> Keys | None:
    if options.access_key_id is None or options.secret_access_key is None:
        return None
    try:
        return Keys(
            await ctx.secrets.reveal(options.access_key_id),
            await ctx.secrets.reveal(options.secret_access_key),
        )
    except BongsuError as error:
        raise DeliveryError(error.said) from error


def failed(fault: Fault, service: str, refusal: Refusal) -> DeliveryError:
    """The error that tells the worker whether to come back, and people why."""
    if fault.kind == "slow":
        said = say("{service} asks us to slow down ({code}).", service=service, code=fault.code)
        return DeliveryError(said, retry_after_s=fault.retry_after_s)
    if fault.kind == "away":
        said = say("{service} cannot be reached: {text}", service=service, text=fault.text)
        return DeliveryError(said, retry_after_s=fault.retry_after_s)
    return DeliveryError(refusal(fault), permanent=fault.permanent)

"""CloudEvents JSON by HTTP POST, signed as Standard Webhooks says."""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bongsu import __version__
from bongsu.deliver.channels._addresses import SecretReference
from bongsu.deliver.context import Context
from bongsu.deliver.model import DEADLINE_S, WEBHOOK_LADDER_S, DeliveryError, Message, Receipt
from bongsu.kit.clock import micros
from bongsu.kit.errors import BongsuError
from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.kit.redact import is_reference
from bongsu.kit.text import decode, head, one_line
from bongsu.net.model import Request, Response

LADDER_S = WEBHOOK_LADDER_S
ANSWER_LIMIT_BYTES = 2048
_GONE = 410
_PREFIX = "whsec_"


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        title="Address",
        description="https://…, or a reference such as env:NAME when the address itself is a secret",
        max_length=2000,
        examples=["https://hooks.example.com/bongsu", "env:OPS_WEBHOOK"],
    )
    secret: SecretReference | None = Field(
        None,
        title="Signing secret",
        description="A reference to a whsec_… value of 24 to 64 bytes; without it nothing is signed",
        examples=["env:OPS_WEBHOOK_SECRET"],
    )

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if is_reference(value):
            return value
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not value.isprintable():
            raise ValueError(say("Give an address such as https://hooks.example.com/bongsu."))
        if parts.password:
            raise ValueError(
                say("A password stands in the address. Give the whole address as env:NAME.")
            )
        return value


SPEC = Kind(
    id="webhook",
    label=say("Webhook"),
    options=Options,
    examples=({"url": "https://hooks.example.com/bongsu", "secret": "env:OPS_WEBHOOK_SECRET"},),
)


async def send(options: Options, message: Message, ctx: Context) -> Receipt:
    """Raises DeliveryError. Redirects are not followed; 410 turns the channel off."""
    try:
        url = await ctx.secrets.reveal(options.url) if is_reference(options.url) else options.url
        secret = await ctx.secrets.reveal(options.secret) if options.secret else None
    except BongsuError as error:
        raise DeliveryError(error.said) from error
    body = json.dumps(message.event, ensure_ascii=False, separators=(",", ":")).encode()
    request = Request(
        url=url,
        method="POST",
        headers=tuple(headers(message.key, body, secret, ctx.clock.now()).items()),
        body=body,
        timeout_s=DEADLINE_S,
        body_limit_bytes=ANSWER_LIMIT_BYTES,
    )
    return judge(await ctx.fetch(request), ctx.clock.now())


def headers(key: str, body: bytes, secret: str | None, at: datetime) -> dict[str, str]:
    """Standard Webhooks: the same id for every attempt, a fresh timestamp, one `v1` signature."""
    given = {
        "content-type": "application/cloudevents+json; charset=utf-8",
        "user-agent": f"Bongsu/{__version__}",
        "webhook-id": webhook_id(key),
        "webhook-timestamp": str(micros(at) // 1_000_000),
    }
    if secret is not None:
        signed = f"{given['webhook-id']}.{given['webhook-timestamp']}.".encode() + body
        digest = hmac.new(_key_of(secret), signed, hashlib.sha256).digest()
        given["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return given


def webhook_id(key: str) -> str:
    return "msg_" + hashlib.sha256(key.encode()).hexdigest()[:32]


def _key_of(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not 24 <= len(key) <= 64:
        raise DeliveryError(
            say(
                "The signing secret is not whsec_ and 24 to 64 bytes in base64. "
                "Make one and put it where the reference points."
            )
        )
    return key


def judge(answer: Response, now: datetime) -> Receipt:
    """2xx took it. Everything else is another try later, but for 410. Raises DeliveryError."""
    if answer.fault is not None:
        text = answer.fault.said or answer.fault.text
        said = say("The webhook gave no answer: {text}", text=text)
        raise DeliveryError(said, permanent=answer.fault.kind == "options")
    status = answer.status or 0
    words = head(one_line(decode(answer.body)), 200)
    if 200 <= status < 300:
        return Receipt(f"{status} {words}".strip(), answer.header("x-request-id"))
    if status == _GONE:
        said = say("The webhook answered 410: this address is gone for good.")
        raise DeliveryError(said, disable_channel=True)
    if 300 <= status < 400:
        said = say("The webhook answered {status}; redirects are not followed.", status=status)
        raise DeliveryError(said)
    said = say("The webhook answered {status}: {text}", status=status, text=words or "–")
    raise DeliveryError(said, retry_after_s=retry_after_s(answer.header("retry-after"), now))


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds or an HTTP date; None for anything else."""
    text = (value or "").strip()
    if text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())

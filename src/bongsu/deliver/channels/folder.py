"""Mail as .eml files in a folder: for demonstrations and for looking at what would be sent."""

import asyncio
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bongsu.deliver.context import Context
from bongsu.deliver.eml import write_eml
from bongsu.deliver.mime import compose
from bongsu.deliver.model import PAGE_LADDER_S, DeliveryError, Message, Receipt
from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind

LADDER_S = PAGE_LADDER_S


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str = Field(
        title="Folder",
        description="An absolute path that the alarm process may write to",
        max_length=1000,
        examples=["/var/spool/bongsu/mail"],
    )
    to: str = Field(
        "folder@localhost", title="To", description="Stands in the file", max_length=254
    )

    @field_validator("path")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if not Path(value).is_absolute() or "\0" in value or ".." in Path(value).parts:
            raise ValueError(
                say("Give an absolute path without .., such as /var/spool/bongsu/mail.")
            )
        return value


SPEC = Kind(
    id="folder",
    label=say("Folder of .eml files"),
    options=Options,
    examples=({"path": "/var/spool/bongsu/mail"},),
)


async def send(options: Options, message: Message, ctx: Context) -> Receipt:
    """Raises DeliveryError when the file cannot be written."""
    now = ctx.clock.now()
    mail = compose(message, ctx.mail.sender, (options.to,), now)
    try:
        path = await asyncio.to_thread(
            write_eml, Path(options.path), now, options.to, message.key, mail
        )
    except OSError as error:
        text = error.strerror or type(error).__name__
        raise DeliveryError(
            say("The folder {path} cannot be written: {text}.", path=options.path, text=text)
        ) from error
    return Receipt(f"written to {path.name}")

"""Mail through the server of the settings, or into its folder."""

import ssl

from pydantic import BaseModel, ConfigDict, Field

from bongsu.deliver.channels._addresses import MailAddress
from bongsu.deliver.context import Context
from bongsu.deliver.mime import compose
from bongsu.deliver.model import PAGE_LADDER_S, DeliveryError, Message, Receipt
from bongsu.deliver.smtp import SmtpLost, SmtpRefusal
from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.kit.text import head, one_line

LADDER_S = PAGE_LADDER_S


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: tuple[MailAddress, ...] = Field(
        title="To",
        description="Mail addresses; each sees the others",
        min_length=1,
        max_length=50,
        examples=[["ops@example.com"]],
    )


SPEC = Kind(
    id="mail",
    label=say("Mail"),
    options=Options,
    examples=({"to": ["ops@example.com"]},),
)


async def send(options: Options, message: Message, ctx: Context) -> Receipt:
    """Raises DeliveryError. A refused recipient is permanent, everything about the server is not."""
    mail = compose(message, ctx.mail.sender, options.to, ctx.clock.now())
    try:
        return Receipt(await ctx.mail.send(options.to, message.key, mail))
    except SmtpRefusal as refusal:
        said = say("The mail server answered {code}: {text}", code=refusal.code, text=refusal.text)
        raise DeliveryError(said, permanent=refusal.permanent) from refusal
    except SmtpLost as lost:
        raise DeliveryError(
            say("The conversation with the mail server broke: {text}.", text=str(lost))
        ) from lost
    except ssl.SSLError as error:
        text = getattr(error, "verify_message", "") or error.reason or type(error).__name__
        raise DeliveryError(
            say("The mail server’s TLS cannot be trusted: {text}.", text=text)
        ) from error
    except OSError as error:
        text = head(one_line(error.strerror or str(error) or type(error).__name__), 200)
        raise DeliveryError(say("The mail server cannot be reached: {text}.", text=text)) from error

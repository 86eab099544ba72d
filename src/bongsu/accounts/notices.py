"""Mails to a person about the ways into their account. They always come: no preference stops them."""

from bongsu.accounts.model import Actor, User
from bongsu.accounts.visit import Visit
from bongsu.db.session import Tx
from bongsu.deliver import outbox
from bongsu.deliver.model import Message
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said, say
from bongsu.kit.ids import uuid7

SUBJECT = say("Ways into your account")


async def tell_person(tx: Tx, user: Actor | User, what: Said, visit: Visit, clock: Clock) -> None:
    """Queued in the same transaction as what it tells of."""
    language = user.language or visit.language
    key = f"account/{user.id}/{uuid7()}"
    message = Message(
        key=key,
        thread=f"account/{user.id}",
        list_id="account",
        subject=SUBJECT.to(language),
        lead=what.to(language),
        because=say("You get this because it is about your own account.").to(language),
        link=f"{visit.public_url}/me" if visit.public_url else "",
        severity=2,
        language=language,
    )
    await outbox.enqueue(
        tx,
        key=key,
        kind="mail",
        options={"to": [user.email]},
        recipient=user.email,
        message=message,
        subject=f"user/{user.id}",
        event_id=None,
        clock=clock,
    )

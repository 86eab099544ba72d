"""What must leave is a row in the caller's transaction; the worker does the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bongsu.db.session import Tx
from bongsu.deliver import store
from bongsu.deliver.model import STATE_WORDS, Message, lane_of
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.errors import Conflict, NotFound
from bongsu.kit.i18n import say

KEY_LIMIT = 255
RECIPIENT_LIMIT = 254
COPY = "copy/"


@dataclass(frozen=True, slots=True)
class Post:
    """One message to one recipient, before it is in the outbox."""

    key: str
    kind: str
    options: dict[str, Any]
    recipient: str
    message: Message
    subject: str
    event_id: str | None
    channel: str | None = None

    def row(self, now: datetime) -> dict[str, Any]:
        return {
            "key": self.key[:KEY_LIMIT],
            "kind": self.kind,
            "channel": self.channel,
            "lane": lane_of(self.kind, self.channel),
            "options": self.options,
            "recipient": self.recipient[:RECIPIENT_LIMIT],
            "message": self.message.stored(),
            "secret_link": self.message.secret_link or None,
            "subject": self.subject,
            "event_id": self.event_id,
            "state": store.WAITING,
            "attempts": 0,
            "next_attempt_at": now,
            "created_at": now,
        }


async def enqueue(
    tx: Tx,
    *,
    key: str,
    kind: str,
    options: dict[str, Any],
    recipient: str,
    message: Message,
    subject: str,
    event_id: str | None,
    channel: str | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> int | None:
    """Queues one message to one recipient; None when `key` was queued before: nothing is said twice.

    `options` are those of the channel kind, secrets as references. `recipient` is what people read.
    """
    post = Post(key, kind, options, recipient, message, subject, event_id, channel)
    return (await enqueue_all(tx, [post], clock)).get(key[:KEY_LIMIT])


async def enqueue_all(tx: Tx, posts: Sequence[Post], clock: Clock = SYSTEM_CLOCK) -> dict[str, int]:
    """The same for many at once; ids by key of what was not queued before."""
    return await store.insert_all(tx, [post.row(clock.now()) for post in posts])


def copy_key(event_id: str, channel: str) -> str:
    """Of the copy of an event: one for a channel, however many rules ask for it."""
    return f"{COPY}{event_id}/{channel}"


def is_copy(key: str) -> bool:
    return key.startswith(COPY)


async def again(tx: Tx, delivery_id: int, actor: str, clock: Clock) -> None:
    """Sends a dead or waiting delivery now, ladder from the start. The caller has asked who may.

    Raises NotFound; Conflict when it is under way or has arrived, or held a link that is wiped by now.
    """
    row = await store.get(tx, delivery_id)
    if row is None:
        raise NotFound(
            say("There is no delivery {id}. It may have been cleared away.", id=delivery_id)
        )
    recipient = row.delivery.recipient
    if row.state == store.DEAD and row.delivery.message.without_its_link:
        said = say(
            "The mail to {recipient} held a one-time link, which is kept for one sending only. "
            "Have a new link made.",
            recipient=recipient,
        )
        raise Conflict(said)
    if not await store.again(tx, delivery_id, clock.now()):
        said = say(
            "The delivery to {recipient} is {state}; only what waits or was given up can be sent again.",
            recipient=recipient,
            state=STATE_WORDS[row.state],
        )
        raise Conflict(said)
    draft = Draft(
        type="delivery.replayed",
        source="bongsu.deliver",
        subject=f"delivery/{delivery_id}",
        resources=(row.delivery.subject,),
        data={"delivery": delivery_id, "recipient": recipient, "was": row.state},
        actor=actor,
    )
    record(tx, draft, clock)

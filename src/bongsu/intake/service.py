"""Use cases of the intake: who may send, and what becomes of a message that was sent."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bongsu.accounts.model import Actor, require
from bongsu.db.session import Database, Tx
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.intake import store
from bongsu.intake.concerned import concerned
from bongsu.intake.model import SHELF, Message, Source, SourceDraft
from bongsu.intake.outside import Outside
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, NotAllowed, NotFound
from bongsu.kit.i18n import say
from bongsu.kit.ids import new_token, token_hash
from bongsu.services import store as services

KEEP_TAKEN = timedelta(days=1)  # SNS sends a message again for an hour


async def get(tx: Tx, name: str) -> Source:
    """Raises NotFound."""
    found = await store.by_name(tx, name)
    if found is None:
        raise NotFound(say("There is no source {name}. It may have been deleted.", name=name))
    return found


async def create(tx: Tx, actor: Actor, draft: SourceDraft, clock: Clock) -> tuple[Source, str]:
    """The source, and the token that is shown once. Raises NotAllowed, Conflict."""
    require(actor, "intake.create")
    token = new_token("bin")
    values = {
        "name": draft.name,
        "kind": draft.kind,
        "token_hash": token_hash(token),
        "created_at": clock.now(),
    }
    if not await store.insert(tx, values):
        raise Conflict(
            say("A source named {name} already exists. Choose another name.", name=draft.name)
        )
    made = await get(tx, draft.name)
    _tell(tx, actor, "intake.created", made, clock)
    return made, token


async def renew(tx: Tx, actor: Actor, name: str, clock: Clock) -> tuple[Source, str]:
    """Another token: the address that was given out before leads nowhere from now on."""
    require(actor, "intake.renew")
    found, token = await get(tx, name), new_token("bin")
    await store.update(tx, found.id, token_hash=token_hash(token), last_refusal=None)
    _tell(tx, actor, "intake.renewed", found, clock)
    return found, token


async def delete(tx: Tx, actor: Actor, name: str, clock: Clock) -> None:
    require(actor, "intake.delete")
    found = await get(tx, name)
    await store.delete(tx, found.id)
    _tell(tx, actor, "intake.deleted", found, clock)


def address(public_url: str, source: Source, token: str) -> str:
    return f"{public_url}/in/{source.kind}/{token}"


# --- messages


async def accept(
    db: Database, outside: Outside, kind: str, token: str, body: bytes, clock: Clock
) -> bool:
    """Takes one message; False for one that was taken before.

    Raises NotFound for an unknown address, NotAllowed for what is not proven, Unavailable when the proof cannot be
    fetched now: the sender tries again.
    """
    async with db.read() as tx:
        source = await store.by_token(tx, kind, token_hash(token))
    if source is None:
        raise NotFound(say("Nothing is taken at this address. It may have been renewed."))
    try:
        message = await _proven(outside, source, body, clock)
    except NotAllowed as error:
        async with db.write() as tx:
            await store.update(tx, source.id, last_refusal=error.said.stored())
        raise
    if message.confirm:
        await outside.confirm(message.confirm)
    async with db.write() as tx:
        return await _take(tx, source, message, clock)


async def _proven(outside: Outside, source: Source, body: bytes, clock: Clock) -> Message:
    module, now = SHELF.module(source.kind), clock.now()
    proof = await outside.proof(module.certificate_url(body, now))
    message: Message = module.parse(body, proof, now)
    if source.sender is None and message.confirm is None:
        raise NotAllowed(say("Nobody has subscribed yet: the first message is the subscription."))
    if source.sender not in (None, message.sender):
        raise NotAllowed(
            say(
                "{other} sends here, but {known} subscribed first.",
                other=message.sender,
                known=str(source.sender),
            )
        )
    return message


async def _take(tx: Tx, source: Source, message: Message, clock: Clock) -> bool:
    now = clock.now()
    if not await store.take(tx, source.id, message.key, now):
        return False
    if not await store.pin(tx, source.id, message.sender):
        raise Conflict(say("Somebody else subscribed at the same moment. Send it again."))
    await store.update(tx, source.id, last_at=now, last_refusal=None)
    await store.forget_taken(tx, now - KEEP_TAKEN)
    await _record(tx, source, message, clock)
    return True


async def _record(tx: Tx, source: Source, message: Message, clock: Clock) -> None:
    """What comes later than newer news is kept as news, but moves no state."""
    report, data = message.report, {"object": message.subject, **message.data}
    resources: tuple[str, ...] = ()
    if report and (service := concerned(await services.every(tx), report)):
        names = ("id", "name", "title", "group")
        data["service"] = {name: getattr(service, name) for name in names}
        resources = (f"service/{service.id}",)
    if report and not await store.put_report(tx, source.id, report):
        data = {name: value for name, value in data.items() if name not in ("before", "after")}
        data["late"] = True
    draft = Draft(
        type=message.type,
        source=message.source,
        subject=message.subject,
        resources=resources,
        data=data,
        severity=message.severity,
        actor=f"intake/{source.name}",
        dedup_key=message.subject,
        time=message.time,
        site=message.site,
    )
    event_id = record(tx, draft, clock)
    if report and "late" not in data:
        await store.note_event(tx, source.id, replace(report, event_id=event_id))


def _tell(tx: Tx, actor: Actor, type_: str, source: Source, clock: Clock) -> None:
    data: dict[str, Any] = {"object": f"intake/{source.name}", **source.shown()}
    data["actor"] = actor.email or actor.name
    draft = Draft(
        type=type_,
        source="bongsu.intake",
        subject=f"intake/{source.name}",
        data=data,
        actor=actor.ref,
    )
    record(tx, draft, clock)

"""Use cases: an administrator has an architecture drawn; everybody who sees services sees it."""

import asyncio

from bongsu.accounts.model import Actor, require
from bongsu.architectures import store
from bongsu.architectures.model import ArchitectureDraft, Kept
from bongsu.db.session import Database, Tx
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.kit.clock import Clock
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import say


async def get(tx: Tx, name: str, environment: str) -> Kept:
    """Raises NotFound."""
    found = await store.one(tx, name, environment)
    if found is None:
        raise NotFound(
            say(
                "No architecture {name} ({environment}) is kept here.",
                name=name,
                environment=environment,
            )
        )
    return found


async def keep(
    db: Database, actor: Actor, draft: ArchitectureDraft, clock: Clock
) -> tuple[Kept, bool]:
    """The file under its own name, and whether anything is new. It is read before anything is kept.

    Raises NotAllowed, Invalid with every mistake and its line, NotFound for an environment that the file has not.
    """
    require(actor, "architecture.keep")
    name, environment = await asyncio.to_thread(_named, draft)
    async with db.write() as tx:
        before = await store.one(tx, name, environment)
        same = before is not None and (before.text, before.lock) == (draft.text, draft.lock)
        if not same:
            await store.put(tx, name, environment, draft.text, draft.lock, clock.now())
        after = await get(tx, name, environment)
        if not same:
            _tell(tx, actor, "updated" if before else "created", after, clock)
    return after, not same


async def delete(tx: Tx, actor: Actor, name: str, environment: str, clock: Clock) -> None:
    """Its services and checks stay."""
    require(actor, "architecture.delete")
    found = await get(tx, name, environment)
    await store.delete(tx, name, environment)
    _tell(tx, actor, "deleted", found, clock)


def _named(draft: ArchitectureDraft) -> tuple[str, str]:
    from bongsu.architectures.drawing import planned  # house: import no start waits for it

    found = planned(draft.text, draft.lock, draft.environment).architecture
    return found.name, found.environment


def _tell(tx: Tx, actor: Actor, what: str, kept: Kept, clock: Clock) -> None:
    draft = Draft(
        type=f"architecture.{what}",
        source="bongsu.architectures",
        subject=kept.topic,
        data={
            "object": kept.topic,
            "name": kept.name,
            "environment": kept.environment,
            "actor": actor.email or actor.name,
        },
        actor=actor.ref,
    )
    record(tx, draft, clock)

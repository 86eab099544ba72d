"""Second factors, other sessions and people of a provider, in the house of house.py."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bongsu.accounts import store, store_factors, store_identities, store_keys, totp
from bongsu.accounts.model import Actor
from bongsu.accounts.sessions import Visit, begin_session
from bongsu.accounts.vault import Vault
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.secretref import Secrets
from bongsu.kit.settings import Settings
from tests.accounts.provider import CLIENT, running_provider

_provider: list[str] = []


@contextmanager
def a_provider() -> Iterator[None]:
    """While it runs, the settings of every house name it."""
    with running_provider() as issuer:
        _provider.append(issuer)
        yield
        _provider.pop()


def provider_settings() -> dict[str, str]:
    if not _provider:
        return {}
    return {
        "oidc_issuer": _provider[-1],
        "oidc_client_id": CLIENT,
        "outward_may_reach": "loopback",
    }


async def furnish(
    db: Database, settings: Settings, ids: dict[str, Any], people: dict[str, Actor]
) -> None:
    """The viewer and Erin have a second factor; the viewer is about to move it, has another session, and is
    linked to somebody at the provider, as Erin is."""
    ring = await Vault(settings, Secrets(SYSTEM_CLOCK)).keyring()
    for name in ("viewer", "erin"):
        actor, now = people[name], SYSTEM_CLOCK.now()
        sealed, pending = (ring.seal(actor.id, totp.new_secret()) for _ in range(2))
        secret, codes = ring.open(actor.id, pending), totp.new_recovery_codes()
        async with db.write() as tx:
            await store_factors.keep_pending(tx, actor.id, sealed, now)
            await store_factors.confirm(tx, actor.id, sealed, 0, now)
            await store_factors.keep_pending(tx, actor.id, pending, now)
            hashes = [totp.recovery_hash(one) for one in codes]
            await store_factors.replace_codes(tx, actor.id, hashes)
            ids[f"identity_{name}"] = await _identity(tx, actor)
        ids[f"recovery_{name}"], ids[f"pending_{name}"] = codes[0], secret
    async with db.write() as tx:
        user = await store.user_by_id(tx, people["viewer"].id)
        assert user is not None
        await begin_session(tx, user, Visit("203.0.113.8"), SYSTEM_CLOCK, "password totp")
        await tx.execute(
            # strong enough for a person with a second factor
            store_keys.session.update()
            .where(store_keys.session.c.user_id == user.id)
            .values(opened_by="password totp")
        )


async def _identity(tx: Tx, actor: Actor) -> int:
    now = SYSTEM_CLOCK.now()
    values = {"user_id": actor.id, "issuer": "https://id.example.com", "subject": actor.name}
    more = {"email": actor.email, "strong": False, "created_at": now, "used_at": now}
    await store_identities.insert_identity(tx, values | more)
    return (await store_identities.identities(tx, actor.id))[0].id


def code_now(ids: dict[str, Any], name: str) -> str:
    """Of what waits for its first code."""
    secret = ids.get(f"pending_{name}")
    return totp.code_at(secret, totp.step_at(SYSTEM_CLOCK.now())) if secret else ""

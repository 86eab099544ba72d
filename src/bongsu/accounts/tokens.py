"""API tokens: shown once, kept hashed, narrower than their owner, never for ever."""

from datetime import timedelta

from bongsu.accounts import store_keys
from bongsu.accounts.audit import audit
from bongsu.accounts.inputs import NewToken
from bongsu.accounts.keys import TOKEN_PREFIX, ApiToken
from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, NotFound
from bongsu.kit.i18n import say
from bongsu.kit.ids import new_token, token_hash


async def create(tx: Tx, actor: Actor, form: NewToken, clock: Clock) -> tuple[ApiToken, str]:
    """The token's row, and the token itself for the only time. Raises Conflict at 100 of them."""
    require(actor, "token.own")
    if len(await store_keys.tokens_of(tx, actor.id)) >= store_keys.TOKENS_A_PERSON:
        raise Conflict(
            say(
                "You have {n} tokens, which is the most. Revoke one first.",
                n=store_keys.TOKENS_A_PERSON,
            )
        )
    token, now = new_token(TOKEN_PREFIX), clock.now()
    until, scopes = now + timedelta(days=form.days), tuple(dict.fromkeys(form.scopes))
    values = {
        "user_id": actor.id,
        "name": form.name,
        "scopes": list(scopes),
        "created_at": now,
        "expires_at": until,
        "token_hash": token_hash(token),
    }
    token_id = await store_keys.insert_token(tx, values)
    made = ApiToken(token_id, actor.id, form.name, scopes, now, until, None, None)
    what, owner = f"token/{token_id}", _owner(actor)
    audit(tx, actor, "token.created", what, clock, after=made.shown(), resources=owner)
    return made, token


async def own_tokens(tx: Tx, actor: Actor) -> list[ApiToken]:
    """Those that are not revoked, newest first; expired ones stay in sight. At most 100."""
    require(actor, "token.own")
    return await store_keys.tokens_of(tx, actor.id)


async def revoke(tx: Tx, actor: Actor, token_id: int, clock: Clock) -> None:
    """One of the actor's own. Raises NotFound for anybody else's, as for one that never was."""
    require(actor, "token.own")
    if not await store_keys.revoke_token(tx, actor.id, token_id, clock.now()):
        raise NotFound(
            say("There is no token {id} of yours. It may be revoked already.", id=token_id)
        )
    audit(tx, actor, "token.revoked", f"token/{token_id}", clock, resources=_owner(actor))


def _owner(actor: Actor) -> tuple[str, ...]:
    return (f"user/{actor.id}",)

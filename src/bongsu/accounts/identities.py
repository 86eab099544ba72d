"""Accounts here and people over there: made, linked, unlinked."""

from bongsu.accounts import policy, store, store_identities
from bongsu.accounts.audit import audit
from bongsu.accounts.inputs import mail_address
from bongsu.accounts.model import SYSTEM, Actor, User, as_actor, require
from bongsu.accounts.notices import tell_person
from bongsu.accounts.oidc_claims import Claims, decide
from bongsu.accounts.oidc_model import Provider, ProviderRefused
from bongsu.accounts.store_identities import Flow, Identity
from bongsu.accounts.visit import Visit
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, NotAllowed, NotFound
from bongsu.kit.i18n import Said, say


async def again(tx: Tx, identity: Identity, claims: Claims, clock: Clock) -> User:
    """Whoever has come this way before. Raises NotAllowed where the account is disabled."""
    user = await person(tx, identity.user_id)
    held = await store.hold_user(tx, user.email)
    if held is None or held.disabled:
        raise NotAllowed(
            say(
                "The account {email} is disabled. Ask an administrator of this place.",
                email=user.email,
            )
        )
    await store_identities.note_used(
        tx, identity.id, claims.email, clock.now(), strong=claims.strong
    )
    return held


async def first_time(
    tx: Tx, provider: Provider, claims: Claims, visit: Visit, clock: Clock
) -> User:
    known = await store.hold_user(tx, claims.email) if claims.email else None
    what = decide(claims, known, await policy.load(tx), provider)
    user = known if known is not None and what == "link" else await _create(tx, claims, clock)
    await _keep(tx, user, claims, clock)
    if what == "link":
        await _tell_linked(tx, user, provider, visit, clock)
    return user


async def _create(tx: Tx, claims: Claims, clock: Clock) -> User:
    """Their address is verified, over there; they have no password here."""
    values = {
        "email": _own_address(claims),
        "name": claims.name or claims.email.partition("@")[0],
        "role": (await policy.load(tx)).role,
        "created_at": clock.now(),
        "verified_at": clock.now(),
    }
    user_id = await store.insert_user(tx, values)
    if user_id is None:
        raise Conflict(say("The account was changed at this very moment. Sign in again."))
    user = await person(tx, user_id)
    audit(tx, SYSTEM, "user.created", f"user/{user_id}", clock, after=user.shown())
    return user


def _own_address(claims: Claims) -> str:
    try:
        return mail_address(claims.email)
    except ValueError:
        raise NotAllowed(
            say(
                "The mail address that the provider gives cannot be used here. Have it corrected there."
            )
        ) from None


async def _keep(tx: Tx, user: User, claims: Claims, clock: Clock) -> None:
    values = {
        "user_id": user.id,
        "issuer": claims.issuer,
        "subject": claims.subject,
        "email": claims.email,
        "strong": claims.strong,
        "created_at": clock.now(),
        "used_at": clock.now(),
    }
    if not await store_identities.insert_identity(tx, values):
        raise Conflict(_taken())
    more = {"issuer": claims.issuer, "email": claims.email}
    subject = f"user/{user.id}"
    audit(tx, as_actor(user), "user.identity_linked", subject, clock, severity=2, more=more)


def _taken() -> Said:
    return say(
        "That account over there is linked already. Unlink it where it is, then link it here."
    )


async def link(
    tx: Tx,
    provider: Provider,
    claims: Claims,
    flow: Flow,
    actor: Actor | None,
    visit: Visit,
    clock: Clock,
) -> None:
    """To the account that is signed in here. Raises ProviderRefused where another one set out, Conflict."""
    if actor is None or actor.id != flow.user_id:
        raise ProviderRefused(
            say(
                "Somebody else is signed in here than when this began. Nothing was linked; begin again."
            )
        )
    if len(await store_identities.identities(tx, actor.id)) >= store_identities.IDENTITIES_A_PERSON:
        raise Conflict(say("You have linked as many as can be. Unlink one first."))
    user = await person(tx, actor.id)
    await _keep(tx, user, claims, clock)
    await _tell_linked(tx, user, provider, visit, clock)


async def _tell_linked(tx: Tx, user: User, provider: Provider, visit: Visit, clock: Clock) -> None:
    said = say(
        "Your account can now be opened through {provider}. If it was not you, unlink it on your own page.",
        provider=provider.title,
    )
    await tell_person(tx, user, said, visit, clock)


# --- what is linked


async def linked(tx: Tx, actor: Actor) -> list[Identity]:
    require(actor, "factor.own")
    return await store_identities.identities(tx, actor.id)


async def unlink(tx: Tx, actor: Actor, identity_id: int, clock: Clock) -> None:
    """Raises NotFound for anybody else's; Conflict for the only way in that there is."""
    require(actor, "factor.own")
    user = await person(tx, actor.id)
    gone = await store_identities.delete_identity(tx, actor.id, identity_id)
    if gone is None:
        raise NotFound(say("There is no such link of yours. It may be gone already."))
    if not user.has_password and not await store_identities.identities(tx, actor.id):
        raise Conflict(
            say("This is your only way in. Have a new password sent first, then unlink it.")
        )
    more = {"issuer": gone.issuer, "email": gone.email}
    subject = f"user/{actor.id}"
    audit(tx, actor, "user.identity_unlinked", subject, clock, severity=2, more=more)


async def person(tx: Tx, user_id: int) -> User:
    """Raises NotFound."""
    found = await store.user_by_id(tx, user_id)
    if found is None:
        raise NotFound(say("There is no person with the number {id}.", id=user_id))
    return found

"""Use cases of the provider: the way there, the way back, linking and unlinking. See docs/adr/0053-oidc.md."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bongsu.accounts import identities, store_identities, tries
from bongsu.accounts.inputs_factors import LinkIdentity
from bongsu.accounts.keys import SignedIn, limits_for_back, limits_for_start
from bongsu.accounts.model import Actor, require
from bongsu.accounts.oidc_claims import Claims
from bongsu.accounts.oidc_client import OidcClient
from bongsu.accounts.oidc_model import (
    Provider,
    ProviderRefused,
    check_speaker,
    derived,
    refusal,
    way_there,
)
from bongsu.accounts.passwords import PASSWORDS, Passwords
from bongsu.accounts.sessions import come_in, prove
from bongsu.accounts.store_identities import Flow
from bongsu.accounts.visit import Visit, note_refused
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Invalid, NotAllowed, Problem
from bongsu.kit.i18n import Said, say
from bongsu.kit.ids import new_token, token_hash

FLOW_LENGTH = timedelta(minutes=10)
AFTER_LIMIT = 1000
BACK = "/sign-in/oidc/back"


@dataclass(frozen=True, slots=True)
class Way:
    """`address` is where the browser goes; `cookie` is what it must bring back."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """`cookie` is that of a session, or a HalfCookie; None after linking, where the session stays."""

    cookie: str | None
    after: str


def back_address(visit: Visit) -> str:
    """What has to be registered at the provider as redirect URI."""
    return f"{visit.public_url}{BACK}"


# --- there


async def set_out(
    db: Database,
    client: OidcClient,
    after: str,
    visit: Visit,
    clock: Clock,
    *,
    cookie: str = "",
    language: str = "en",
    user_id: int | None = None,
) -> Way:
    """`cookie` of a way that is still open in this browser goes on to serve: several tabs may set out.

    Raises ProviderAway, TooMany.
    """
    metadata = await client.metadata()
    state, held = new_token("state"), cookie or new_token("way")
    async with db.write() as tx:
        await tries.count(tx, limits_for_start(visit.address), clock.now())
        flow = Flow(
            state_hash=token_hash(state),
            browser_hash=token_hash(held),
            issuer=client.provider.issuer,
            user_id=user_id,
            after=after if len(after) <= AFTER_LIMIT else "/",
            expires_at=clock.now() + FLOW_LENGTH,
        )
        await store_identities.insert_flow(tx, flow, clock.now())
    back = back_address(visit)
    return Way(way_there(metadata, client.provider, back, state, held, language), held)


async def set_out_to_link(
    db: Database,
    client: OidcClient,
    signed_in: SignedIn,
    form: LinkIdentity,
    visit: Visit,
    clock: Clock,
    *,
    cookie: str = "",
    language: str = "en",
    passwords: Passwords = PASSWORDS,
) -> Way:
    """The password is asked for: a stolen session must not get itself a way in of its own.

    Raises Invalid, TooMany, ProviderAway.
    """
    actor = signed_in.actor
    require(actor, "factor.own")
    async with db.read() as tx:
        has_password = (await identities.person(tx, actor.id)).has_password
    if has_password:
        await prove(db, actor.email, form.password.get_secret_value(), visit, clock, passwords)
    elif not signed_in.session.is_fresh(clock.now()):
        what = say("You have no password here, and it is a while since you signed in.")
        todo = say("Sign out, sign in again and repeat it.")
        raise Invalid(say("Nothing was changed."), (Problem("password", what, todo),))
    return await set_out(
        db, client, "/me", visit, clock, cookie=cookie, language=language, user_id=actor.id
    )


# --- and back


async def come_back(
    db: Database,
    client: OidcClient,
    given: Mapping[str, str],
    cookie: str,
    actor: Actor | None,
    visit: Visit,
    clock: Clock,
) -> Arrival:
    """`given` is the query that the provider sent the browser with; `actor` whoever is signed in there.

    Raises ProviderRefused, ProviderAway, NotAllowed with whom to ask, Conflict, TooMany.
    """
    async with db.write() as tx:  # what follows may be written down, and is for anybody to ask for
        await tries.count(tx, limits_for_back(visit.address), clock.now())
    try:
        flow = await _flow(db, given.get("state", ""), cookie, client.provider, clock)
        claims = await _claims(client, given, cookie, visit)
        async with db.write() as tx:
            if flow.user_id is None:
                return Arrival(await _enter(tx, client.provider, claims, visit, clock), flow.after)
            await identities.link(tx, client.provider, claims, flow, actor, visit, clock)
            return Arrival(None, flow.after)
    except (ProviderRefused, NotAllowed) as error:
        async with db.write() as tx:
            reason = "provider" if isinstance(error, ProviderRefused) else "provider_account"
            note_refused(tx, "user/unknown", reason, None, visit, clock)
        raise


async def _flow(db: Database, state: str, cookie: str, provider: Provider, clock: Clock) -> Flow:
    """Once for each state, only in the browser that set out, and not for another provider meanwhile."""
    async with db.write() as tx:
        flow = await store_identities.take_flow(tx, token_hash(state))
    own = flow is not None and hmac.compare_digest(flow.browser_hash, token_hash(cookie))
    if flow is None or not own or clock.now() >= flow.expires_at:
        raise ProviderRefused(
            say(
                "This way from {provider} was used already, took too long, or began in another browser. "
                "Begin again.",
                provider=provider.title,
            )
        )
    if flow.issuer != provider.issuer:
        raise ProviderRefused(_another())
    return flow


def _another() -> Said:
    return say("The answer came from another provider than the one that was asked. Sign in again.")


async def _claims(
    client: OidcClient, given: Mapping[str, str], cookie: str, visit: Visit
) -> Claims:
    check_speaker(given.get("iss"), await client.metadata())
    if "error" in given or not given.get("code"):
        raise ProviderRefused(refusal(given.get("error", ""), client.provider))
    state = given["state"]
    verifier, nonce = derived(cookie, state, "verifier"), derived(cookie, state, "nonce")
    return await client.who(given["code"], verifier, nonce, back_address(visit))


async def _enter(tx: Tx, provider: Provider, claims: Claims, visit: Visit, clock: Clock) -> str:
    for limits in (limits_for_start(visit.address), limits_for_back(visit.address)):
        await tries.forgive(tx, limits, clock.now())
    identity = await store_identities.identity_of(tx, claims.issuer, claims.subject)
    user = await (
        identities.first_time(tx, provider, claims, visit, clock)
        if identity is None
        else identities.again(tx, identity, claims, clock)
    )
    first = "oidc mfa" if claims.strong else "oidc"
    return await come_in(tx, user, visit, clock, first)

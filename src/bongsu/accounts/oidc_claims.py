"""Who somebody is at the provider, and who that is here: what is believed of an ID token. Pure."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bongsu.accounts.joining import closed as joining_closed
from bongsu.accounts.model import User
from bongsu.accounts.oidc_model import Provider, ProviderRefused, not_for_us
from bongsu.accounts.policy import Policy
from bongsu.kit.errors import NotAllowed
from bongsu.kit.i18n import say
from bongsu.kit.text import one_line

LEEWAY_S = 60  # between two clocks
STRONG_AMR = frozenset({"mfa", "otp", "hwk"})  # RFC 8176
TEXT_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Claims:
    """Who somebody is over there. `strong`: the provider says that it asked for a second factor."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str
    strong: bool


def check_claims(
    claims: Mapping[str, Any], provider: Provider, nonce: str, now: datetime
) -> Claims:
    """Of an ID token whose signature is right. Raises ProviderRefused with what is wrong."""
    why = (
        _wrong_place(claims, provider)
        or _wrong_time(claims, now.timestamp())
        or _wrong_person(claims, nonce)
    )
    if why:
        raise ProviderRefused(not_for_us(provider, why))
    return _read(claims)


def _wrong_place(claims: Mapping[str, Any], provider: Provider) -> str:
    if claims.get("iss") != provider.issuer:
        return "iss"
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    if provider.client_id not in listed:
        return "aud"
    azp = claims.get("azp")
    if azp is None:
        return "azp" if len(listed) > 1 else ""
    return "" if azp == provider.client_id else "azp"


def _wrong_time(claims: Mapping[str, Any], now_s: float) -> str:
    for name, required in (("exp", True), ("iat", True), ("nbf", False)):
        value = claims.get(name)
        if value is None and not required:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            return name
        late = value + LEEWAY_S <= now_s if name == "exp" else value - LEEWAY_S > now_s
        if late:
            return name
    return ""


def _wrong_person(claims: Mapping[str, Any], nonce: str) -> str:
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        return "nonce"
    subject = claims.get("sub")
    return "" if isinstance(subject, str) and 0 < len(subject) <= TEXT_LIMIT else "sub"


def _read(claims: Mapping[str, Any]) -> Claims:
    amr = claims.get("amr")
    ways = {one for one in amr if isinstance(one, str)} if isinstance(amr, list) else set()
    return Claims(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=_text(claims, "email").strip().lower(),
        email_verified=claims.get("email_verified") is True,
        name=one_line(_text(claims, "name"))[:120],
        strong=not ways.isdisjoint(STRONG_AMR),
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) and len(value) <= TEXT_LIMIT else ""


def with_userinfo(claims: Claims, said: Mapping[str, Any]) -> Claims:
    """Where the ID token holds no address. Only about the very same person; else it is passed over."""
    if said.get("sub") != claims.subject:
        return claims
    found = _read({**said, "iss": claims.issuer})
    return Claims(
        claims.issuer,
        claims.subject,
        claims.email or found.email,
        claims.email_verified if claims.email else found.email_verified,
        claims.name or found.name,
        claims.strong,
    )


# --- who that is here


def decide(claims: Claims, known: User | None, rules: Policy, provider: Provider) -> str:
    """`link` or `create`, at the first time somebody comes from there. Raises NotAllowed with whom to ask.

    An address that the provider has not verified says nothing, not even whether it is known here. One that
    was never verified *here* may have been typed in by anybody, who would then share the account.
    """
    title = provider.title
    if not claims.email or not claims.email_verified:
        raise NotAllowed(
            say(
                "{provider} gives no verified mail address for you. Have it verified there; or sign in "
                "here in another way and link {provider} on your own page.",
                provider=title,
            )
        )
    if known is None:
        return _may_join(claims, rules)
    if known.disabled:
        raise NotAllowed(
            say(
                "The account {email} is disabled. Ask an administrator of this place.",
                email=known.email,
            )
        )
    if known.verified_at is None:
        raise NotAllowed(
            say(
                "There is an account {email} here whose address was never verified. Open the link in the "
                "mail about it first, then link {provider} on your own page.",
                email=known.email,
                provider=title,
            )
        )
    return "link"


def _may_join(claims: Claims, rules: Policy) -> str:
    if rules.join != "open":
        raise NotAllowed(joining_closed(rules))
    if not rules.takes(claims.email):
        raise NotAllowed(
            say(
                "People join here with an address at {domains}. Ask an administrator to invite you.",
                domains=", ".join(rules.domains),
            )
        )
    return "create"

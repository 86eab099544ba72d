"""The OpenID Connect provider: as the settings name it, what it says of itself, the way there and back. Pure."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from bongsu.kit.errors import Invalid, NotSignedIn, Unavailable
from bongsu.kit.i18n import Said, say
from bongsu.kit.settings import Settings
from bongsu.kit.text import head, one_line

# Asymmetric only: with a shared secret the client could make its own tokens, and `none` is no signature.
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519",
)  # fmt: skip
SCOPES = "openid profile email"
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderRefused(NotSignedIn):
    """What came back from the provider lets nobody in."""

    code = "provider_refused"


class ProviderAway(Unavailable):
    """The provider did not answer, or not as one does."""

    code = "provider_away"


@dataclass(frozen=True, slots=True)
class Provider:
    """As the settings name it. `secret` is a reference; empty for a public client."""

    issuer: str
    client_id: str
    secret: str
    title: str

    @classmethod
    def of(cls, settings: Settings) -> "Provider | None":
        """None when none is set up. Raises Invalid for one that cannot be."""
        issuer = settings.oidc_issuer.rstrip("/") if settings.oidc_issuer else ""
        if not issuer:
            return None
        parts = urlsplit(issuer)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not safe or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
            raise Invalid(
                say(
                    "{issuer} in oidc_issuer is no provider. Write its https:// address, as in its "
                    "/.well-known/openid-configuration.",
                    issuer=issuer,
                )
            )
        if not settings.oidc_client_id:
            raise Invalid(
                say(
                    "oidc_client_id is missing. The provider gave it when this was registered there."
                )
            )
        title = settings.oidc_title or parts.hostname
        return cls(
            settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, title
        )

    @property
    def discovery(self) -> str:
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the provider says of itself."""

    issuer: str
    authorization: str
    token: str
    jwks: str
    userinfo: str
    auth_methods: tuple[str, ...]
    names_itself: bool  # it puts `iss` into what it sends back (RFC 9207)

    @classmethod
    def read(cls, said: Mapping[str, Any], issuer: str) -> "Metadata":
        """Raises ProviderAway for another issuer or a missing address."""
        if said.get("issuer") != issuer:
            raise ProviderAway(
                say(
                    "The provider says that it is {other}, not {issuer}. Correct oidc_issuer.",
                    other=shown(said.get("issuer")),
                    issuer=issuer,
                )
            )
        userinfo = said.get("userinfo_endpoint")
        methods = said.get("token_endpoint_auth_methods_supported")
        return cls(
            issuer=issuer,
            authorization=_address(said, "authorization_endpoint", issuer),
            token=_address(said, "token_endpoint", issuer),
            jwks=_address(said, "jwks_uri", issuer),
            userinfo=str(userinfo) if _is_address(userinfo, issuer) else "",
            auth_methods=tuple(map(str, methods))
            if isinstance(methods, list)
            else ("client_secret_basic",),
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        )


def _address(said: Mapping[str, Any], name: str, issuer: str) -> str:
    found = said.get(name)
    if not _is_address(found, issuer):
        raise ProviderAway(
            say("The provider {issuer} names no {what} that can be used.", issuer=issuer, what=name)
        )
    return str(found)


def _is_address(value: object, issuer: str) -> bool:
    """Nothing in clear where the provider itself is not in clear."""
    scheme = urlsplit(issuer).scheme
    return isinstance(value, str) and value.startswith(("https://", f"{scheme}://"))


def shown(value: object) -> str:
    """A word of somebody else's, fit for a sentence of ours."""
    return head(one_line(str(value)), 120)


# --- the way there


def derived(cookie: str, state: str, what: str) -> str:
    """Nonce and verifier come from what only this browser holds: nothing in our database opens anything."""
    digest = hmac.new(cookie.encode(), f"{what}:{state}".encode(), "sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def challenge(verifier: str) -> str:
    """PKCE, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def way_there(
    metadata: Metadata, provider: Provider, back: str, state: str, cookie: str, language: str
) -> str:
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": SCOPES,
        "state": state,
        "nonce": derived(cookie, state, "nonce"),
        "code_challenge": challenge(derived(cookie, state, "verifier")),
        "code_challenge_method": "S256",
        "ui_locales": language,
    }
    joint = "&" if urlsplit(metadata.authorization).query else "?"
    return f"{metadata.authorization}{joint}{urlencode(asked)}"


# --- and back


def refusal(error: str, provider: Provider) -> Said:
    """Its own code at most: a description is anybody's text."""
    if error == "access_denied":
        return say(
            "{provider} was told not to let you in here. Nothing was changed.",
            provider=provider.title,
        )
    code = error if _ERROR_CODE.fullmatch(error) else "error"
    return say(
        "{provider} did not sign you in ({code}). Try again, or tell your administrator.",
        provider=provider.title,
        code=code,
    )


def check_speaker(iss: str | None, metadata: Metadata) -> None:
    """Against a mix-up of two providers. Raises ProviderRefused when another one answered."""
    if iss != metadata.issuer and (iss is not None or metadata.names_itself):
        raise ProviderRefused(
            say("The answer came from another provider than the one that was asked. Sign in again.")
        )


def not_for_us(provider: Provider, why: str) -> Said:
    """`why` is a word for whoever runs the place; no value of the token."""
    return say(
        "What {provider} sent is not valid here ({why}). Sign in again; if it stays, tell your administrator.",
        provider=provider.title,
        why=why,
    )

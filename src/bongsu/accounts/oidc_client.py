"""Talks to the provider: what it says of itself, its keys, a code for an ID token. Every request goes through
the egress guard; no answer of it and no token is ever logged or put into a sentence."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from bongsu.accounts.oidc_claims import Claims, check_claims, with_userinfo
from bongsu.accounts.oidc_model import (
    ALGORITHMS,
    Metadata,
    Provider,
    ProviderAway,
    ProviderRefused,
    not_for_us,
    refusal,
)
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said, say
from bongsu.kit.secretref import Secrets
from bongsu.net.model import Request, Response
from bongsu.net.outward import Outward

TIMEOUT_S = 8.0
BODY_LIMIT_BYTES = 256 * 1024
KNOWN_FOR_S = 3600.0  # metadata and keys; an unknown key is looked for at once
LOOK_AGAIN_S = 5.0  # but not more often, whatever tokens say
_RSA_LEAST = 342  # letters of a modulus of 2,048 bits
_KINDS: Mapping[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {
    "RSA": RSAKey,
    "EC": ECKey,
    "OKP": OKPKey,
}
_FORM = ("content-type", "application/x-www-form-urlencoded")


@dataclass(slots=True)
class _Known:
    """What was read of the provider, and when."""

    metadata: Metadata | None = None
    metadata_at_s: float = float("-inf")
    keys: tuple[Key, ...] = ()
    keys_at_s: float = float("-inf")


class OidcClient:
    """One for each process."""

    def __init__(self, provider: Provider, out: Outward, secrets: Secrets, clock: Clock) -> None:
        self.provider = provider
        self._out, self._secrets, self._clock = out, secrets, clock
        self._known = _Known()

    async def metadata(self) -> Metadata:
        """Raises ProviderAway."""
        now_s = self._clock.monotonic_s()
        if self._known.metadata is None or now_s - self._known.metadata_at_s >= KNOWN_FOR_S:
            said = await self._get(self.provider.discovery)
            self._known.metadata = Metadata.read(said, self.provider.issuer)
            self._known.metadata_at_s = now_s
        return self._known.metadata

    async def who(self, code: str, verifier: str, nonce: str, back: str) -> Claims:
        """Whose code it is. Raises ProviderAway, ProviderRefused, SecretAway."""
        metadata = await self.metadata()
        tokens = await self._exchange(metadata, code, verifier, back)
        id_token, access = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str):
            raise ProviderRefused(not_for_us(self.provider, "id_token"))
        claims = check_claims(await self._signed(id_token), self.provider, nonce, self._clock.now())
        if claims.email or not metadata.userinfo or not isinstance(access, str):
            return claims
        return with_userinfo(claims, await self._get(metadata.userinfo, access))

    async def count_keys(self) -> int:
        """How many of its keys can check a signature. Raises ProviderAway."""
        await self._read_keys()
        return len(self._known.keys)

    # --- a code for tokens

    async def _exchange(
        self, metadata: Metadata, code: str, verifier: str, back: str
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        headers, own = await self._credentials(metadata)
        body = urlencode(form | own).encode()
        request = self._request(metadata.token, method="POST", body=body, headers=(_FORM, *headers))
        response = await self._ask(request)
        said = _json(response)
        if response.status == 200 and said is not None:
            return said
        if said is not None and isinstance(said.get("error"), str):
            raise ProviderRefused(refusal(said["error"], self.provider))
        raise ProviderAway(self._answered(response))

    async def _credentials(
        self, metadata: Metadata
    ) -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
        """Headers and fields that say who we are."""
        client_id = self.provider.client_id
        if not self.provider.secret:
            return (), {"client_id": client_id}
        secret = await self._secrets.reveal(self.provider.secret)
        if "client_secret_basic" not in metadata.auth_methods:
            return (), {"client_id": client_id, "client_secret": secret}
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()
        return (("authorization", f"Basic {base64.b64encode(pair).decode()}"),), {}

    # --- signatures

    async def _signed(self, id_token: str) -> dict[str, Any]:
        """The claims, when one of the provider's keys signed them. Raises ProviderRefused."""
        try:
            header = jws.extract_compact(id_token.encode()).headers()
            algorithm = header.get("alg")
            if algorithm not in ALGORITHMS:
                raise ProviderRefused(not_for_us(self.provider, "alg"))
            key = await self._key(header)
            return dict(jwt.decode(id_token, key, algorithms=[algorithm]).claims)
        except (JoseError, ValueError, TypeError) as error:
            why = type(error).__name__.removesuffix("Error")
            raise ProviderRefused(not_for_us(self.provider, why)) from None

    async def _key(self, header: Mapping[str, Any]) -> Key:
        """An unknown one is looked for once: providers change their keys."""
        now_s = self._clock.monotonic_s()
        if now_s - self._known.keys_at_s >= KNOWN_FOR_S:
            await self._read_keys()
        key = _fitting(self._known.keys, header)
        if key is None and now_s - self._known.keys_at_s >= LOOK_AGAIN_S:
            await self._read_keys()
            key = _fitting(self._known.keys, header)
        if key is None:
            raise ProviderRefused(not_for_us(self.provider, "kid"))
        return key

    async def _read_keys(self) -> None:
        said = await self._get((await self.metadata()).jwks)
        listed = said.get("keys")
        found = [_public_key(one) for one in listed] if isinstance(listed, list) else []
        self._known.keys = tuple(key for key in found if key is not None)
        self._known.keys_at_s = self._clock.monotonic_s()

    # --- requests

    async def _get(self, url: str, access: str = "") -> dict[str, Any]:
        headers = (("authorization", f"Bearer {access}"),) if access else ()
        response = await self._ask(self._request(url, headers=headers))
        said = _json(response)
        if response.status != 200 or said is None:
            raise ProviderAway(self._answered(response))
        return said

    def _request(
        self,
        url: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Request:
        return Request(
            url=url,
            method=method,
            body=body,
            headers=(("accept", "application/json"), *headers),
            timeout_s=TIMEOUT_S,
            body_limit_bytes=BODY_LIMIT_BYTES,
        )

    async def _ask(self, request: Request) -> Response:
        response = await self._out(request)
        if response.fault is not None:
            raise ProviderAway(
                say(
                    "{provider} cannot be reached: {why} Try again, or sign in with your password.",
                    provider=self.provider.title,
                    why=response.fault.said or f"{response.fault.text}.",
                )
            )
        return response

    def _answered(self, response: Response) -> Said:
        return say(
            "{provider} answered {status} and nothing that can be read. Try again, or tell your administrator.",
            provider=self.provider.title,
            status=response.status,
        )


def _json(response: Response) -> dict[str, Any] | None:
    if response.body_truncated:
        return None
    try:
        said = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _public_key(one: object) -> Key | None:
    """None for what is no public key that signs, or is too short to be believed."""
    if not isinstance(one, dict) or one.get("use", "sig") != "sig":
        return None
    kind = _KINDS.get(str(one.get("kty")))
    short = one.get("kty") == "RSA" and len(str(one.get("n"))) < _RSA_LEAST
    if kind is None or short:
        return None
    try:
        return kind.import_key({name: value for name, value in one.items() if name != "d"})
    except (JoseError, ValueError, TypeError, KeyError, binascii.Error):
        return None


def _fitting(keys: Sequence[Key], header: Mapping[str, Any]) -> Key | None:
    """By its name; a token without one fits only where there is no choice."""
    name, algorithm = header.get("kid"), header.get("alg")
    fitting = [key for key in keys if key.get("alg", algorithm) == algorithm]
    if name is None:
        return fitting[0] if len(fitting) == 1 else None
    return next((key for key in fitting if key.kid == name), None)

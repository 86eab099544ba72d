"""AWS Lambda: POST /api/v1/session behind API Gateway, by the same steps as the server's.

Handler: `bongsu.functions.sign_in.handler`. Environment and rights: README.md beside this file.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError

from bongsu.accounts import wire
from bongsu.accounts.failure_json import body_of, headers_of
from bongsu.accounts.inputs_factors import SignInAtOnce
from bongsu.accounts.opened import enter
from bongsu.accounts.vault import Vault
from bongsu.accounts.visit import Visit
from bongsu.db.session import Database
from bongsu.functions._environment import needed
from bongsu.functions._proxy import Answer, Request, json_of, request_of, shown
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import NOT_KEPT, BongsuError, Invalid, NotAllowed
from bongsu.kit.i18n import choose_language, say
from bongsu.kit.origins import answer_headers, is_preflight, preflight_headers
from bongsu.kit.problems import problems_of
from bongsu.kit.redact import is_reference
from bongsu.kit.secretref import Secrets, resolve
from bongsu.kit.settings import Settings

_logger = logging.getLogger("bongsu.functions.sign_in")
_logger.setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class House:
    """What is kept from one request to the next; its connections belong to `loop`."""

    settings: Settings
    origins: frozenset[str]
    db: Database
    vault: Vault
    loop: asyncio.Runner


@cache
def _house() -> House:
    """Raises Invalid when the environment says too little or something wrong, SecretAway without its secret."""
    url = needed("BONGSU_DATABASE_URL")
    settings = Settings.load()
    return House(
        settings,
        settings.allowed_origins,
        Database.open(resolve(url).reveal() if is_reference(url) else url),
        Vault(settings, Secrets(SYSTEM_CLOCK)),
        asyncio.Runner(),
    )


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """An answer for API Gateway in the format of its question. A fault of ours is raised: Lambda counts it."""
    request, house = request_of(event), _house()
    origin = request.headers.get("origin")
    if is_preflight(request.method, request.headers):
        answer = Answer(204, preflight_headers(origin, house.origins))
    elif request.method != "POST":
        answer = Answer(405, {"allow": "POST, OPTIONS"})
    else:
        answer = house.loop.run(_answer(house, request))
    granted = answer_headers(origin, house.origins)
    headers = answer.headers | granted | ({"vary": "Origin"} if house.origins else {})
    return shown(request, Answer(answer.status, headers, answer.body, answer.cookie))


async def _answer(house: House, request: Request) -> Answer:
    language = choose_language(None, request.headers.get("accept-language"))
    try:
        return await _sign_in(house, request)
    except UnicodeEncodeError:
        error: BongsuError = Invalid(NOT_KEPT)
    except BongsuError as refused:
        error = refused
    _logger.info("refused: %s", error.code)
    return Answer(error.status, headers_of(error, language), body_of(error, language))


async def _sign_in(house: House, request: Request) -> Answer:
    """The address of the visitor is API Gateway's own word for it: X-Forwarded-For can be sent by anybody."""
    _check_origin(house, request)
    settings, name = house.settings, wire.cookie_name(https=True)
    visit = Visit(
        request.address,
        request.headers.get("user-agent", ""),
        request.cookies.get(name, ""),
        settings.public,
        settings.language,
    )
    cookie, made = await enter(house.db, _form(request), visit, SYSTEM_CLOCK, house.vault)
    elsewhere = wire.names_another_site(settings.public, house.origins)
    attributes = f"HttpOnly; Path=/; SameSite={'none' if elsewhere else 'lax'}; Secure"
    headers = {"cache-control": "no-store"}
    return Answer(200, headers, made.model_dump(mode="json"), f"{name}={cookie}; {attributes}")


def _check_origin(house: House, request: Request) -> None:
    """Raises NotAllowed for a page of any other site, as the server does."""
    own = wire.is_own_origin(request.headers, https=True, public=house.settings.public)
    if not own and not wire.is_listed_origin("/api/", request.headers, house.origins):
        raise NotAllowed(
            say("Another site asked for this change. Nothing was changed; use the buttons here.")
        )


def _form(request: Request) -> SignInAtOnce:
    """Raises Invalid with each place, TooLarge."""
    given = json_of(request)
    try:
        return SignInAtOnce.model_validate(given)
    except ValidationError as error:
        said = say("The request to {path} is not right.", path=request.path)
        found = problems_of(error.errors(include_url=False, include_input=False))
        raise Invalid(said, found) from error

"""Requests and answers of API Gateway, payload formats 1.0 and 2.0: pure."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any

from bongsu.kit.errors import Invalid, TooLarge
from bongsu.kit.i18n import say

BODY_LIMIT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """Header names are in lower case. `address` is what API Gateway saw, never what a header says."""

    method: str
    path: str
    address: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: str = field(repr=False)
    encoded: bool
    second: bool  # of the format 2.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any = field(default=None, repr=False)
    cookie: str = field(default="", repr=False)


def request_of(event: Mapping[str, Any]) -> Request:
    """Raises KeyError, TypeError for an event that is none of API Gateway's."""
    second = event.get("version") == "2.0"
    about = event["requestContext"]
    source = about["http"] if second else about["identity"]
    headers = {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    return Request(
        method=str(about["http"]["method"] if second else event["httpMethod"]).upper(),
        path=str(event["rawPath"] if second else event["path"]),
        address=str(source["sourceIp"]),
        headers=headers,
        cookies=_cookies("; ".join(event.get("cookies") or ()) or headers.get("cookie", "")),
        body=str(event.get("body") or ""),
        encoded=bool(event.get("isBase64Encoded")),
        second=second,
    )


def _cookies(text: str) -> dict[str, str]:
    jar = SimpleCookie()
    try:
        jar.load(text)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def json_of(request: Request) -> Any:
    """Raises TooLarge, Invalid."""
    if len(request.body) > BODY_LIMIT_BYTES:
        limit = BODY_LIMIT_BYTES >> 10
        raise TooLarge(say("The body is larger than {limit} KiB. Send less at once.", limit=limit))
    try:
        text = base64.b64decode(request.body, validate=True) if request.encoded else request.body
        return json.loads(text)
    except (ValueError, binascii.Error, RecursionError) as error:
        raise Invalid(
            say("The body cannot be read. Send JSON in UTF-8, not nested too deeply.")
        ) from error


def shown(request: Request, answer: Answer) -> dict[str, Any]:
    """Cookies stand apart: a header of an answer has one value only."""
    body = "" if answer.body is None else json.dumps(answer.body, ensure_ascii=False)
    kind = {} if answer.body is None else {"content-type": "application/json"}
    made: dict[str, Any] = {
        "statusCode": answer.status,
        "headers": kind | answer.headers,
        "body": body,
        "isBase64Encoded": False,
    }
    if not answer.cookie:
        return made
    if request.second:
        return made | {"cookies": [answer.cookie]}
    return made | {"multiValueHeaders": {"Set-Cookie": [answer.cookie]}}

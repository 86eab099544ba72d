"""A push in the words of each platform: pure.

APNS as Apple has it, FCM in the form of its HTTP v1 interface, which SNS takes under the name GCM.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PAYLOAD_LIMIT_BYTES = 4096  # Apple's and Google's limit alike
DEVICES_LIMIT = 100
DAY_S = 24 * 3600
LONGEST_S = 28 * DAY_S  # that Google keeps one for a phone that is off


class Unfit(ValueError):
    """A message that no further try makes right."""


@dataclass(frozen=True, slots=True)
class Push:
    """`to`: ARNs of devices (endpoints) or topics. `data`: text for the program, beside what people read."""

    to: tuple[str, ...]
    title: str = ""
    body: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    badge: int | None = None
    collapse: str = ""  # a newer one with the same word takes the place of an older one
    ttl_s: int = DAY_S

    @property
    def silent(self) -> bool:
        """Nothing for people to read: the program is woken up."""
        return not (self.title or self.body)


def push_of(text: str) -> Push:
    """Raises Unfit with what is wrong."""
    try:
        given = json.loads(text)
    except ValueError:
        raise Unfit("it is no JSON") from None
    if not isinstance(given, dict):
        raise Unfit("it is no object")
    if unknown := given.keys() - {"to", "title", "body", "data", "badge", "collapse", "ttl_s"}:
        raise Unfit(f"it has unknown fields: {', '.join(sorted(unknown))}")
    ttl_s = _number(given, "ttl_s", 0, LONGEST_S)
    made = Push(
        _devices(given.get("to")),
        _text(given, "title"),
        _text(given, "body"),
        _data(given.get("data", {})),
        _number(given, "badge", 0, 99_999),
        _text(given, "collapse"),
        DAY_S if ttl_s is None else ttl_s,
    )
    if made.silent and not made.data:
        raise Unfit("it says nothing: title, body or data is needed")
    return made


def _devices(given: Any) -> tuple[str, ...]:
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or not listed or len(listed) > DEVICES_LIMIT:
        raise Unfit(f"to is one ARN or a list of at most {DEVICES_LIMIT}")
    if not all(isinstance(one, str) and one.startswith("arn:") for one in listed):
        raise Unfit("to has an entry that is no ARN")
    return tuple(dict.fromkeys(listed))


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise Unfit(f"{name} is no text")
    return value


def _number(given: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Unfit(f"{name} is no whole number from {least} to {most}")
    return value


def _data(given: Any) -> dict[str, str]:
    """Google takes text only, so that is what both get."""
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise Unfit("data is no object of texts")
    if "aps" in given:
        raise Unfit("data.aps is Apple's own name")
    return dict(given)


def message(push: Push) -> str:
    """For every platform at once: SNS takes the one of the device. Raises Unfit where one is too long."""
    apple, google = json.dumps(_apns(push)), json.dumps(_fcm(push))
    for payload in (apple, google):
        if len(payload.encode()) > PAYLOAD_LIMIT_BYTES:
            raise Unfit(f"it is longer than {PAYLOAD_LIMIT_BYTES} bytes")
    plain = push.body or push.title or "-"  # SNS asks for it, and no phone shows it
    return json.dumps(
        {"default": plain, "APNS": apple, "APNS_SANDBOX": apple, "GCM": google},
    )


def attributes(push: Push) -> dict[str, dict[str, str]]:
    """What Apple reads from headers; others pass over it."""
    values = {
        "APNS.PUSH_TYPE": "background" if push.silent else "alert",
        "APNS.PRIORITY": "5" if push.silent else "10",
        "APNS.COLLAPSE_ID": push.collapse,
        "APNS.TTL": str(push.ttl_s),
        "APNS_SANDBOX.TTL": str(push.ttl_s),
    }
    return {
        f"AWS.SNS.MOBILE.{name}": {"DataType": "String", "StringValue": value}
        for name, value in values.items()
        if value
    }


def _apns(push: Push) -> dict[str, Any]:
    if push.silent:
        return {**push.data, "aps": {"content-available": 1}}
    aps: dict[str, Any] = {
        "alert": {"title": push.title, "body": push.body},
        "sound": "default",
    }
    if push.badge is not None:
        aps["badge"] = push.badge
    return {**push.data, "aps": aps}


def _fcm(push: Push) -> dict[str, Any]:
    android: dict[str, Any] = {
        "priority": "normal" if push.silent else "high",
        "ttl": f"{push.ttl_s}s",
    }
    if push.collapse:
        android["collapse_key"] = push.collapse
    inner: dict[str, Any] = {"data": dict(push.data), "android": android}
    if not push.silent:
        inner["notification"] = {"title": push.title, "body": push.body}
    return {"fcmV1Message": {"validate_only": False, "message": inner}}

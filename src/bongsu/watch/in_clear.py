"""Secrets that stand in a check's options as they are, instead of references to them. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from bongsu.kit.errors import Problem
from bongsu.kit.i18n import Said, say
from bongsu.kit.problems import DEPTH_LIMIT, TOO_DEEP
from bongsu.kit.redact import is_reference, is_secret_name


def secrets_in_clear(place: str, value: Any, name: str = "") -> Iterator[Problem]:
    """Secrets are references. A password inside an address counts as one in clear."""
    if place.count(".") + place.count("[") > DEPTH_LIMIT:
        yield Problem(place[:80], TOO_DEEP)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from secrets_in_clear(f"{place}.{key}", inner, str(key))
    elif isinstance(value, list | tuple):
        yield from _in_pairs(place, value, name)
    elif isinstance(value, str) and value:
        if is_secret_name(name) and not is_reference(value):
            what = say("{name} holds a secret in clear.", name=name)
            yield Problem(place, what, _reference(name))
        elif "://" in value and "@" in value and _has_password(value):
            what = say("The address carries a password in clear.")
            yield Problem(place, what, _reference("Authorization"))


def _in_pairs(place: str, value: list[Any] | tuple[Any, ...], name: str) -> Iterator[Problem]:
    """Headers may come as `[[name, value], …]`."""
    for number, inner in enumerate(value):
        pair = isinstance(inner, list | tuple) and len(inner) == 2 and isinstance(inner[0], str)
        yield from secrets_in_clear(
            f"{place}[{number}]", inner[1] if pair else inner, inner[0] if pair else name
        )


def _has_password(url: str) -> bool:
    authority = url.split("://", 1)[1].split("/", 1)[0]
    user, at, _ = authority.rpartition("@")
    return bool(at) and ":" in user


def _reference(name: str) -> Said:
    return say(
        "Give {name} as a reference: env:NAME, file:/path, ssm:/name or secretsmanager:name.",
        name=name,
    )

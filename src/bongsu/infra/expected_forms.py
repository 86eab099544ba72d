"""What would be right in a place of a file: the fields that are known there, and how a value is written. Pure."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from bongsu.infra.model.architecture import Architecture
from bongsu.kit.i18n import Said, say

# A value of each form that the model knows: people read an example more easily than an expression.
EXAMPLES = {
    r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$": "web-1",
    r"^[A-Z]{2,5}[0-9]{2,3}$": "HA001",
    r"^[A-Z]+-[0-9A-Za-z-]{4,40}$": "CVE-2026-1111",
    r"^[^@\s]{1,64}@[^@\s]+\.[^@\s.]+$": "ops@example.com",
    r"^https://[^\s]+$": "https://watch.example.com/in/abc",
    r"^/[\x21-\x7e]*$": "/healthz",
    r"^[A-Za-z0-9.-]{1,155}$": "com.example.shop",
    r"^[A-Za-z0-9/_+=.@-]{1,512}$": "shop/key",
    r"^[a-z]{2}(-[a-z]+)+-\d$": "ap-northeast-2",
    r"^cache\.[a-z0-9]+\.(micro|small|medium|large|\d{0,3}xlarge)$": "cache.t4g.small",
    r"^db\.[a-z0-9]+\.(micro|small|medium|large|\d{0,3}xlarge)$": "db.t4g.small",
    r"^dms\.[a-z0-9]+\.(micro|small|medium|large|\d{0,3}xlarge)$": "dms.t3.medium",
    r"^[a-z0-9-]+\.(nano|micro|small|medium|large|\d{0,3}xlarge|metal(-\d+xl)?)$": "t4g.small",
    r"^1\.\d{2}$": '"1.36"',
    r"^v\d+\.\d+\.\d+-eksbuild\.\d+$": "v1.23.2-eksbuild.1",
    r"^https?://[a-z0-9.-]+(:\d{1,5})?$": "https://www.example.com",
    r"^[A-Za-z0-9-]{1,64}$": "x-request-id",
    r"^(\*\.)?([a-z0-9-]{1,63}\.)+[a-z]{2,63}$": "shop.example.com",
    r"^([a-z0-9-]{1,63}\.)+[a-z]{2,63}$": "example.com",
    r"^arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+$": "arn:aws:iam::123456789012:role/admins",
    r"^[A-Za-z_][\w.]*\.\w+$": "thumbnail.handler",
    r"^[A-Za-z][A-Za-z0-9_]{1,127}$": "TABLE_NAME",
    r"^[A-Za-z_][A-Za-z0-9_]*$": "DATABASE_HOST",
    r"^(MON|TUE|WED|THU|FRI|SAT|SUN)(-(MON|TUE|WED|THU|FRI|SAT|SUN))?$": "MON-FRI",
    r"^([01]\d|2[0-3]):[0-5]\d$": '"08:00"',
    r"^\d{1,5}(-\d{1,5})?$": '"8080"',
    r"^[a-f]$": "a",
    r"^\d{12}$": '"123456789012"',
    r"^\d{1,20}$": '"1234567"',
    r"^[\w.-]+(/[\w.-]+)+$": "team/shop",
    r"^[\w./*-]+$": "main",
    r"^https://[a-z0-9.-]+$": "https://gitlab.example.com",
    r"^[\w.-]+$": "docker-host",
    r"^[\w.=/:@+-]+$": "bongsu==1.0",
    r"^[A-Za-z0-9_.-]{1,255}$": "pk",
    r"^/[A-Za-z0-9/_.-]+$": "/data",
}
NAME = next(iter(EXAMPLES))
WRITTEN = {
    "string_type": say("Put it in quotes."),
    "tuple_type": say("Write a list, such as [one, two]."),
    "dict_type": say("Write a mapping, a name and a colon on each line."),
    "model_type": say("Write its fields below it, or an empty mapping."),
    "int_parsing": say(
        "Write the number alone; its unit stands in the name of the field or in the documentation."
    ),
}  # fmt: skip


def form(pattern: str) -> Said:
    """How a value of this form is written."""
    example = EXAMPLES.get(pattern)
    if pattern == NAME:
        return say("Small letters, digits and hyphens, a letter first, 2 to 32 in all, such as {example}.",
                   example=example)  # fmt: skip
    if example is None:
        return say("Its form is {form}.", form=pattern)
    return say("Write it like {example}.", example=example)


def fields(path: Sequence[Any]) -> Said | None:
    """For a field that is not known: which one may be meant, and all that there are."""
    blocks = [Architecture]
    for word in path[:-1]:
        blocks = [block for one in blocks for block in _below(one, word)]
    known = list(
        dict.fromkeys(name for block in blocks for name in getattr(block, "model_fields", {}))
    )
    if not known:
        return None
    near = get_close_matches(str(path[-1]), known, 1, 0.6)
    names = ", ".join(known)
    if near:
        return say("Is {near} meant? Known here: {values}.", near=near[0], values=names)
    return say("Known here: {values}.", values=names)


def _below(annotation: Any, word: Any) -> Iterator[Any]:
    """What may stand under a word: a field of a block, an entry of a mapping or of a list."""
    for kind in _kinds(annotation):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(word)
            yield from _kinds(field.annotation) if field else ()
        elif get_origin(kind) is dict:
            yield from _kinds(get_args(kind)[1])
        elif get_origin(kind) is tuple:
            yield from _kinds(get_args(kind)[0])


def _kinds(annotation: Any) -> Iterator[Any]:
    """The alternatives of an annotation, without what is said about them."""
    if get_origin(annotation) is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif get_origin(annotation) in (None, dict, tuple):
        yield annotation
    else:
        for one in get_args(annotation):
            yield from _kinds(one)

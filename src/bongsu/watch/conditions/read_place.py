"""Reads a placeholder: `[STATUS]`, `[BODY].items[0]`, `[BODY]["a.b"]`, `[HEADER].Server`."""

import re
from difflib import get_close_matches

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.watch.conditions.grammar import PathStep, Place
from bongsu.watch.conditions.source import Source

PLACES = (
    "STATUS",
    "BODY",
    "RESPONSE_TIME",
    "CONNECTED",
    "CERTIFICATE_EXPIRATION",
    "HEADER",
    "IP",
    "DNS_RCODE",
    "DOMAIN_EXPIRATION",
    "CONTEXT",
)
_NAME = re.compile(r"\[([A-Za-z_]+)\]")
_KEY = re.compile(r"\.([^\s.\[\](),=<>!\"']+)")
_INDEX = re.compile(r"\.?\[(-?[0-9]{1,18})\]")
_QUOTED_KEY = re.compile(r"\.?\[(?=[\"'])")
_HEADER_NAME = re.compile(r"\.([^\s(),=<>!\"'\[\]]+)")


def read_place(source: Source) -> Place | None:
    """None where there is none, as before `[ok]` or `[1 2]`, which are texts."""
    start = source.position
    name = source.match(_NAME)
    if name is None or (known := _known(source, name)) is None:
        return None
    source.position = name.end()
    path = (_header_name(source),) if known == "HEADER" else _path(source)
    if known == "CONTEXT" and not path:
        raise _no_name(source, "[CONTEXT]", "[CONTEXT].user")
    if path and known not in ("BODY", "HEADER", "CONTEXT"):
        raise source.fail(
            name.end(),
            say("[{name}] has no parts.", name=known),
            say("Write [{name}] alone; paths go with [BODY] and [CONTEXT].", name=known),
        )
    return Place(source.since(start), known, path)


def _known(source: Source, name: re.Match[str]) -> str | None:
    """What is written in capitals, or nearly is a placeholder, was meant as one."""
    upper = name[1].upper()
    if upper in PLACES:
        return upper
    near = get_close_matches(upper, PLACES, 1, 0.75)
    if not near and name[1] != upper:
        return None
    if near:
        todo = say("Write {fixed}; put it in quotes if it is a text.", fixed=f"[{near[0]}]")
    else:
        known = ", ".join(f"[{place}]" for place in PLACES)
        todo = say("Known are {known}. Put it in quotes if it is a text.", known=known)
    raise source.fail(name.start(), say("{name} is not known.", name=name[0]), todo)


def _header_name(source: Source) -> str:
    if source.take(_QUOTED_KEY):
        return _quoted_key(source).lower()
    name = source.take(_HEADER_NAME)
    if name is None:
        raise _no_name(source, "[HEADER]", "[HEADER].Content-Type")
    return name[1].lower()


def _path(source: Source) -> tuple[PathStep, ...]:
    steps: list[PathStep] = []
    while source.here in (".", "["):
        if source.take(_QUOTED_KEY):
            steps.append(_quoted_key(source))
        elif index := source.take(_INDEX):
            steps.append(int(index[1]))
        elif key := source.take(_KEY):
            steps.append(key[1])
        else:
            raise _no_name(
                source, f"“{source.here}”", '[BODY].name, [BODY][0], [BODY]["first name"]'
            )
    return tuple(steps)


def _quoted_key(source: Source) -> str:
    key = source.quoted()
    if source.here != "]":
        raise source.fail(
            source.position,
            say("A name in brackets is not closed."),
            say("Write ] after the quote."),
        )
    source.position += 1
    return key


def _no_name(source: Source, after: str, example: str) -> Invalid:
    return source.fail(
        source.position,
        say("No name follows {after}.", after=after),
        say("Write for example {example}.", example=example),
    )

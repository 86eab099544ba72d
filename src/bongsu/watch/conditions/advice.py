"""Finds out what was probably meant, for conditions that cannot be read. Each function gives the error."""

import re

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said, say
from bongsu.watch.conditions.grammar import Call, Literal, Operand, Place
from bongsu.watch.conditions.read_place import PLACES
from bongsu.watch.conditions.source import Source

_SIGNS = re.compile(r"[=!<>~]+")
_TOKEN = re.compile(r"\S+")
_LOOSE_OPERATOR = re.compile(r"(?<=\s)(?:=|===|!==|=>|=<|<>|=~)(?=\s)|[=!<>]=|(?<=\S)[=<>](?=\S)")
_OPERATOR_LATER = re.compile(r"[^\s=!<>~]+\s+(?:==|!=|<=|>=|<|>)(?=\s|$)")
_MEANT = {
    "=": "==",
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "ne": "!=",
    "=>": ">=",
    "ge": ">=",
    "gte": ">=",
    "=<": "<=",
    "le": "<=",
    "lte": "<=",
    "gt": ">",
    "lt": "<",
    "==": "==",
    "!=": "!=",
    "<=": "<=",
    ">=": ">=",
    "<": "<",
    ">": ">",
}
_EXAMPLES = {
    "STATUS": "== 200",
    "CONNECTED": "== true",
    "RESPONSE_TIME": "< 500",
    "CERTIFICATE_EXPIRATION": "> 14d",
    "DOMAIN_EXPIRATION": "> 30d",
    "IP": "== 192.0.2.1",
    "DNS_RCODE": "== NOERROR",
    "has": "== true",
    "len": "> 0",
    "age": "< 1h",
}


def no_operator(source: Source, start: int, left: Operand) -> Invalid:
    """After `left` comes something that is no operator, or nothing."""
    if isinstance(left, Literal) and not left.quoted:
        loose = _LOOSE_OPERATOR.search(source.text, start)
        source.position = loose.start() if loose else source.position
    rest = source.text[source.position :]
    if not rest or rest[0] == ")":
        return _nothing_follows(source, left)
    if isinstance(left, Place) and left.path and _OPERATOR_LATER.match(rest):
        return _name_with_space(source, left)
    before = source.text[: source.position].rstrip()
    signs = _SIGNS.match(rest)
    token = signs or _TOKEN.match(rest)
    word = token[0] if token else rest
    repaired = f"{before} {_repair(word, rest[len(word) :].strip())}"
    what = (
        say("“{token}” needs a space on each side.", token=word)
        if word in ("==", "!=", "<=", ">=", "<", ">")
        else say("“{token}” is not known here.", token=word)
    )
    return source.fail(source.position, what, say("Write {fixed}.", fixed=repaired))


def _name_with_space(source: Source, left: Place) -> Invalid:
    words = source.text[source.position :].split()[0]
    name = f'["{left.path[-1]} {words}"]'
    return source.fail(
        source.position,
        say("“{token}” is not expected here.", token=words),
        say("Write a name that holds a space in brackets and quotes: {name}.", name=name),
    )


def _nothing_follows(source: Source, left: Operand) -> Invalid:
    if not left.text:
        return no_condition(source)
    return source.fail(
        source.position,
        say("{operand} is not compared with anything.", operand=left.text),
        say("Write for example {example}.", example=_example(left)),
    )


def no_condition(source: Source) -> Invalid:
    return source.fail(
        source.position,
        say("A condition is missing here."),
        say("Write for example {example}.", example="[STATUS] == 200"),
    )


def _example(left: Operand) -> str:
    if isinstance(left, Place | Call):
        return f"{left.text} {_EXAMPLES.get(left.name, '== ok')}"
    return f"[STATUS] == {left.text}" if left.text.isdigit() else f"[BODY] == {left.text}"


def _repair(word: str, rest: str) -> str:
    if word in ("contains", "like", "includes"):
        return f"== pat(*{rest}*)"
    if word in ("=~", "~", "~=", "matches", "match"):
        return f'== re("{rest}")'
    if word == "in":
        return f"== any({rest.strip('()[]')})"
    return f"{_MEANT.get(word, '==')} {rest.lstrip('=!<>~ ')}".rstrip()


def leftover(source: Source) -> Invalid:
    """The condition was complete, and yet something follows."""
    token = _TOKEN.match(source.text, source.position)
    word = token[0] if token else ""
    if word in ("==", "!=", "<=", ">=", "<", ">"):
        return source.fail(
            source.position,
            say("A second “{token}” follows.", token=word),
            say(
                "Write “and” or “or” between two conditions; put a text with “{token}” in quotes.",
                token=word,
            ),
        )
    return source.fail(
        source.position,
        say("“{token}” is not expected here.", token=word),
        _after_quote(source)
        or say("Write “and” or “or” between two conditions; put a text with spaces in quotes."),
    )


def _after_quote(source: Source) -> Said | None:
    """A backslash before a quote does not keep it from ending the text."""
    if source.text[: source.position].rstrip()[-2:] not in ('\\"', "\\'"):
        return None
    return say("Write a quote inside quotes twice, or use the other kind of quote around it.")


def forgotten_brackets(
    source: Source, start: int, left: Literal, sign: str, right: Literal
) -> None:
    """Two texts say the same for ever. Raises Invalid where one of them names a placeholder."""
    for side, other in ((left, right), (right, left)):
        head, dot, tail = side.value.partition(".")
        if side.quoted or head.upper() not in PLACES:
            continue
        fixed = f"[{head.upper()}]{dot}{tail}"
        whole = (fixed, sign, other.text) if side is left else (other.text, sign, fixed)
        raise source.fail(
            start,
            say("{text} without brackets is only a text.", text=side.text),
            say("Write {fixed}.", fixed=" ".join(whole)),
        )

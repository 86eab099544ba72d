"""Reads one side of a comparison: a literal, a placeholder or a function."""

import re
from collections.abc import Callable
from difflib import get_close_matches

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.kit.text import head
from bongsu.watch.conditions.glob import BadPattern, compile_glob
from bongsu.watch.conditions.grammar import Call, Choice, Literal, Match, Operand, Place, Value
from bongsu.watch.conditions.read_place import PLACES, read_place
from bongsu.watch.conditions.regex import (
    PATTERN_LIMIT_CHARS,
    BadRegex,
    TooCostly,
    compile_search,
)
from bongsu.watch.conditions.source import QUOTES, Source

OPERATOR = r"(?:==|!=|<=|>=|<|>)(?=\s|$)"
CONNECTIVE = r"(?:and|or)(?=[\s(]|$)"
# A literal ends before an operator or a connective that has space around it, and at the end of its group.
_LITERAL_END = re.compile(rf"(?<=\s)(?:{OPERATOR}|{CONNECTIVE})")
_LITERAL_END_IN_GROUP = re.compile(rf"(?<=\s)(?:{OPERATOR}|{CONNECTIVE})|\)")
_AFTER_CALL = re.compile(rf"\s*$|\s+(?:{OPERATOR}|{CONNECTIVE})")
_AFTER_CALL_IN_GROUP = re.compile(rf"\s*(?:$|\))|\s+(?:{OPERATOR}|{CONNECTIVE})")
_PLACE_INSIDE = re.compile(rf"\[(?:{'|'.join(PLACES)})\]")
_LOUD_WORD = re.compile(r"(?<=\s)(AND|OR|&&|\|\|)(?=\s+(?:[(\[]|len\(|has\(|age\())")
_FUNCTION = re.compile(r"([A-Za-z_]+)\(")
_FUNCTIONS = ("len", "has", "age", "pat", "any", "re")
_OTHERS_SAY = {
    "regex": "re",
    "regexp": "re",
    "match": "re",
    "matches": "re",
    "glob": "pat",
    "pattern": "pat",
    "contains": "pat",
    "like": "pat",
    "in": "any",
    "length": "len",
    "size": "len",
    "count": "len",
    "exists": "has",
}


def read_operand(source: Source) -> Operand:
    if source.here in QUOTES:
        return _quoted(source)
    place = read_place(source)
    if place:
        return place
    function = source.match(_FUNCTION)
    if function and _known(source, function):
        return _function(source, function)
    return _literal(source)


def _literal(source: Source) -> Literal:
    start = source.position
    pattern = _LITERAL_END_IN_GROUP if source.depth else _LITERAL_END
    end = pattern.search(source.text, start)
    source.position = end.start() if end else len(source.text)
    return _plain(source, start)


def _plain(source: Source, start: int) -> Literal:
    """A text without quotes. What was most likely meant otherwise is refused."""
    text = source.since(start).strip()
    loud = _LOUD_WORD.search(text)
    if loud:
        word = "and" if loud[1] in ("AND", "&&") else "or"
        raise source.fail(
            start + source.since(start).find(loud[1]),
            say("“{token}” is not known here.", token=loud[1]),
            say("Write “{fixed}”; put it in quotes if it is a text.", fixed=word),
        )
    place = _PLACE_INSIDE.search(text)
    if place:
        raise source.fail(
            start + source.since(start).find(place[0]),
            say("{place} inside a text is not replaced.", place=place[0]),
            say("Let it stand alone on one side; put the text in quotes if it is meant so."),
        )
    if text.endswith(")") and "(" not in text:
        raise source.fail(
            start + len(text) - 1,
            say("This parenthesis was not opened."),
            say("Leave it out; put the text in quotes if it is meant so."),
        )
    return Literal(text, text)


def _quoted(source: Source) -> Literal:
    start = source.position
    value = source.quoted()
    return Literal(source.since(start), value, quoted=True)


def _known(source: Source, function: re.Match[str]) -> bool:
    """False where it is a text such as `OK(3)`."""
    name = function[1]
    if name in _FUNCTIONS:
        return True
    lower = name.lower()
    near = get_close_matches(lower, _FUNCTIONS, 1, 0.75)
    meant = lower if lower in _FUNCTIONS else _OTHERS_SAY.get(lower) or (near and near[0])
    if not meant:
        return False
    raise source.fail(
        function.start(),
        say("{name} is not known.", name=f"{name}()"),
        say("Write {fixed}; put it in quotes if it is a text.", fixed=f"{meant}(…)"),
    )


def _function(source: Source, function: re.Match[str]) -> Operand:
    start, name = source.position, function[1]
    source.position = function.end()
    if name in ("len", "has", "age"):
        place = _inner_place(source, name)
        return Call(source.since(start), name, place)
    if name == "any":
        options = _options(source)
        return Choice(source.since(start), options)
    pattern_start = source.position
    pattern = _argument(source, name)
    text = source.since(start)
    return Match(text, _compile(source, pattern_start, name, pattern))


def _inner_place(source: Source, name: str) -> Place:
    source.skip_space()
    start = source.position
    place = read_place(source)
    if place is None:
        raise source.fail(
            start,
            say("{name} takes a placeholder.", name=f"{name}()"),
            say("Write for example {example}.", example=f"{name}([BODY].items)"),
        )
    source.skip_space()
    if source.here != ")":
        raise _not_closed(source, name, start)
    source.position += 1
    return place


def _argument(source: Source, name: str) -> str:
    """One text in quotes, or everything up to the parenthesis that ends the function."""
    start = source.position
    source.skip_space()
    if source.here in QUOTES:
        text = source.quoted()
        source.skip_space()
        if source.here == ")":
            source.position += 1
            return text
        source.position = start  # quotes inside a pattern, as in pat("a"*)
    source.position = start
    end = _closing(source, name)
    source.position = end + 1
    return source.text[start:end]


def _closing(source: Source, name: str) -> int:
    """The first parenthesis after which the condition can go on or end."""
    after = _AFTER_CALL_IN_GROUP if source.depth else _AFTER_CALL
    end = source.text.find(")", source.position)
    while end >= 0 and not after.match(source.text, end + 1):
        end = source.text.find(")", end + 1)
    if end < 0:
        raise _not_closed(source, name, source.position)
    return end


def _options(source: Source) -> tuple[Value, ...]:
    options: list[Value] = []
    while True:
        source.skip_space()
        start = source.position
        option = _option(source)
        if not option.text:
            raise source.fail(
                start,
                say("A value is missing in any()."),
                say("Write for example {example}.", example="any(200, 204)"),
            )
        options.append(option)
        source.skip_space()
        if source.here not in (",", ")"):
            raise _not_closed(source, "any", start)
        source.position += 1
        if source.text[source.position - 1] == ")":
            return tuple(options)


def _option(source: Source) -> Value:
    if source.here in QUOTES:
        return _quoted(source)
    place = read_place(source)
    if place:
        return place
    start, end = source.position, _closing(source, "any")
    comma = source.text.find(",", start, end)
    source.position = end if comma < 0 else comma
    if source.since(start).startswith(("pat(", "re(", "any(", "len(", "has(", "age(")):
        raise source.fail(
            start,
            say("any() takes plain values."),
            say("Write two conditions with or between them."),
        )
    return _plain(source, start)


def _compile(source: Source, start: int, name: str, pattern: str) -> Callable[[str], bool]:
    try:
        return compile_search(pattern) if name == "re" else compile_glob(pattern)
    except BadPattern:
        raise source.fail(
            start,
            say("The pattern {pattern} is not well formed.", pattern=pattern),
            say(r"Close every [ with ]; write \[ or \\ for the sign itself."),
        ) from None
    except BadRegex as error:
        raise source.fail(
            start,
            say(
                "RE2 does not take the expression {pattern}: {reason}.",
                pattern=pattern,
                reason=str(error),
            ),
            say("Write it in RE2's syntax, which has no look-around and no back-references."),
        ) from None
    except TooCostly:
        raise source.fail(
            start,
            say("The pattern {pattern} is too large.", pattern=head(pattern, 40)),
            say(
                "Use at most {limit} characters and smaller counts in braces.",
                limit=PATTERN_LIMIT_CHARS,
            ),
        ) from None


def _not_closed(source: Source, name: str, position: int) -> Invalid:
    return source.fail(
        position,
        say("{name} is not closed.", name=f"{name}("),
        say("Write ) after its last value; put values that hold parentheses in quotes."),
    )

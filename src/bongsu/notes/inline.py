"""What Markdown does not know and our texts do: bare addresses, mentions, task keys, ticks. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

Names = Sequence[
    tuple[str, int]
]  # a name or mail address as `casefold` gives it, and the person's number

MENTIONS = 50
MENTION_CHARS = 80
INCIDENT = "INC"
# Looks like a task and is the name of a standard.
NOT_TASKS = re.compile(
    "AES|BASE|COVID|CRC|CVE|EC|ECMA|HTTP|IEEE|IPV|ISO|KS|MD|PCI|PEP|RFC|RSA|SHA|SSL|TLS|UCS|UTC|UTF"
)
_THING = re.compile(
    r"(?P<url>https?://[^\s<>\"`]{1,2000})"
    r"|(?<![\w@./-])@(?=\w)"
    r"|(?<![\w@./-])(?P<key>[A-Z][A-Z0-9]{1,9})-(?P<number>[1-9][0-9]{0,8})(?![\w-])"
)
_ADDRESS = re.compile(r"@(?P<address>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")
_TICK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")
_TAIL = ".,:;!?'*_~"


def link_things(state: StateCore) -> None:
    """A core rule, after the inline ones: only text that is in no link and no code is looked at."""
    people: Names = state.env.get("people", ())
    for at, token in enumerate(state.tokens):
        if token.type == "inline" and token.children:
            _tick(state.tokens, at)
            token.children = list(_linked(token.children, people))


def _tick(tokens: list[Token], at: int) -> None:
    """`- [x] words`: the first words of a list's item."""
    children = tokens[at].children or []
    if at < 2 or tokens[at - 2].type != "list_item_open" or children[0].type != "text":
        return
    found = _TICK.match(children[0].content)
    if found is None:
        return
    children[0].content = children[0].content[found.end() :]
    children.insert(0, Token("tick", "", 0, meta={"done": found[1] != " "}))
    tokens[at - 2].attrSet("class", "ticked")


def _linked(children: Iterable[Token], people: Names) -> Iterator[Token]:
    depth = 0
    for token in children:
        depth += token.nesting if token.type in {"link_open", "link_close"} else 0
        if token.type != "text" or depth:
            yield token
        else:
            yield from _split(token.content, people)


def _split(text: str, people: Names) -> Iterator[Token]:
    done = at = 0
    while found := _THING.search(text, at):
        begin = found.start()
        end, href, kind = _read(text, found, people)
        at = max(end, begin + 1)
        if href is None:
            continue
        if begin > done:
            yield _text(text[done:begin])
        yield from _as_link(text[begin:end], href, kind)
        done = end
    if done < len(text):
        yield _text(text[done:])


def _read(text: str, found: re.Match[str], people: Names) -> tuple[int, str | None, str]:
    """Where it ends, where it leads (None: nowhere), and what it is."""
    if found["url"]:
        url = _trimmed(found["url"])
        return found.start() + len(url), url if len(url) > len("https://") else None, ""
    if found["key"]:
        return found.end(), _task(found["key"], found["number"]), "key"
    name, number = _person(text[found.end() : found.end() + MENTION_CHARS], people)
    return found.end() + len(name), f"/people#user-{number}" if number else None, "mention"


def _trimmed(url: str) -> str:
    """Without the punctuation of the sentence around it; a bracket stays where its other half is inside."""
    while url:
        if url[-1] in _TAIL or (url[-1] == ")" and url.count("(") < url.count(")")):
            url = url[:-1]
        else:
            break
    return url


def _task(key: str, number: str) -> str | None:
    if key == INCIDENT:
        return f"/incidents/{number}"
    return None if NOT_TASKS.fullmatch(key) else f"/tasks/{key}-{number}"


def _person(after: str, people: Names) -> tuple[str, int]:
    """The longest name that stands right after an `@`, with the person's number; 0 for nobody's."""
    best = ("", 0)
    for name, number in people:
        if len(name) > len(best[0]) and starts_with(after, name):
            best = (after[: len(name)], number)
    return best


def starts_with(after: str, name: str) -> bool:
    """`name` is casefolded. A name ends where no letter or digit goes on, but Korean particles follow at once."""
    if after[: len(name)].casefold() != name:
        return False
    tail = after[len(name) : len(name) + 1]
    return not (tail.isalnum() or tail == "_") or (tail >= "가" and not name[-1].isascii())


def found_mentions(tokens: Sequence[Token]) -> list[str]:
    """What follows each `@`; for whoever knows the people."""
    found: list[str] = []
    for token in tokens:
        depth = 0
        for child in token.children or ():
            depth += child.nesting if child.type in {"link_open", "link_close"} else 0
            if child.type == "text" and not depth:
                found += _after_at(child.content)
    return found[:MENTIONS]


def _after_at(text: str) -> Iterator[str]:
    for match in _THING.finditer(text):
        if match[0] == "@":
            yield text[match.end() : match.end() + MENTION_CHARS]


def address_of(after: str) -> str:
    """The mail address that stands right after an `@`, lower case; empty where there is none."""
    found = _ADDRESS.match("@" + after)
    return found["address"].rstrip(".-").lower() if found else ""


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _as_link(words: str, href: str, kind: str) -> Iterator[Token]:
    attrs: dict[str, str | int | float] = {"href": href}
    if kind:
        attrs["class"] = kind
    yield Token("link_open", "a", 1, attrs=attrs, meta={"ours": bool(kind)})
    yield _text(words)
    yield Token("link_close", "a", -1)

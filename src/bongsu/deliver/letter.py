"""A message as plain text: what a terminal, a watch and a screen reader show. Pure."""

from collections.abc import Callable, Iterator

from bongsu.deliver.diff import GONE, NEW, is_long, lines
from bongsu.deliver.model import Group, Message
from bongsu.kit.i18n import translate

_MARKS = {GONE: "- ", NEW: "+ "}
Translate = Callable[[str], str]


def translator(language: str) -> Translate:
    return lambda text: translate(language, text)


def plain(message: Message) -> str:
    t = translator(message.language)
    reasons = [f"- {reason}" for reason in message.reasons]
    parts = [
        [message.lead],
        list(_quoted(message.quote)) if message.quote else [],
        list(_changes(message)),
        *(list(_group(group)) for group in message.groups),
        list(_facts(message, t)),
        [t("Why we think so") + ":", *reasons] if reasons else [],
        _link(message, t),
        list(_foot(message)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _facts(message: Message, t: Translate) -> Iterator[str]:
    """What is true now is told from what changed."""
    if message.facts and message.changes:
        yield t("Now") + ":"
    yield from (f"{name}: {value}" for name, value in message.facts)


def _quoted(text: str) -> Iterator[str]:
    yield from (f"> {line}".rstrip() for line in text.splitlines())


def _changes(message: Message) -> Iterator[str]:
    for name, before, after in message.changes:
        if is_long(before, after):
            yield f"{name}:"
            yield from (f"  {_MARKS.get(one.kind, '  ')}{one.text}" for one in lines(before, after))
        else:
            yield f"{name}: {before} → {after}" if before else f"{name}: {after}"


def _group(group: Group) -> Iterator[str]:
    yield group.heading
    for at, what in group.lines:
        first, *rest = what.splitlines() or [""]
        yield f"  {at}  {first}" if at else f"  {first}"
        yield from (f"    {line}" for line in rest)
    if group.link:
        yield f"  {group.link}"


def _link(message: Message, t: Translate) -> list[str]:
    """A secret one is said to be there, wherever it is not shown."""
    if message.without_its_link:
        return [t("(A one-time link, which only the recipient gets to see)")]
    link = message.secret_link or message.link
    return [f"{message.act}:", link] if message.act else [link] if link else []


def _foot(message: Message) -> Iterator[str]:
    if message.because or message.ways_out:
        yield "-- "
    if message.because:
        yield message.because
    yield from (f"{words}: {address}" for words, address in message.ways_out)

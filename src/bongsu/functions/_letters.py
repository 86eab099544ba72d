"""An event as a mail: in the words of the server's own mails, with each change from before to after. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bongsu.deliver.model import Message
from bongsu.events.envelope import Event
from bongsu.functions._mail_rules import Recipient
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import head
from bongsu.tell import news, wording
from bongsu.tell.event_message import event_message
from bongsu.tell.model import Defaults, Deliver, Listener, zone_of

VALUE_LIMIT = 300
NOBODY = 0  # the words are for whoever reads them, not for one of the people
_WHY = say("this address stands in the rules of the function that mails")


def letter(event: Event, to: Recipient, key: str, defaults: Defaults) -> Message:
    read = news.read(event)
    if read is not None:
        seen = read.seen_in(zone_of(defaults.time_zone))
        return _of_news(seen, event, to, key, defaults)
    listener = Listener(
        key=to.address,
        person=to.address,
        reason=_WHY,
        language=to.language,
        time_zone=defaults.time_zone,
    )
    made = event_message(event, Deliver(listener, "event", event.severity, _WHY), key, defaults)
    return replace(made, changes=tuple(_changes(event.data)))


def _of_news(read: news.News, event: Event, to: Recipient, key: str, defaults: Defaults) -> Message:
    thing, language = read.thing, to.language
    return Message(
        key=key,
        thread=thing.subject,
        list_id=thing.project_key or thing.subject.partition("/")[0],
        subject=thing.heading,
        heading=thing.heading,
        lead=wording.lead(read, NOBODY, names_of(event)).to(language),
        quote=head(read.text.strip(), wording.QUOTE_LIMIT),
        changes=wording.rows(read, language),
        facts=tuple((name.to(language), value) for name, value in _facts(thing, language)),
        because=say("You get this because: {reason}.", reason=_WHY).to(language),
        link=f"{defaults.public_url}{thing.path}" if defaults.public_url else "",
        severity=event.severity,
        language=language,
        event={"id": event.id, "type": event.type, "subject": event.subject},
    )


def _facts(thing: news.Thing, language: str) -> Iterator[tuple[Said, str]]:
    column = wording.column_word(thing.column)
    values = (
        ("column", column.to(language) if isinstance(column, Said) else column),
        ("due", wording.day_text(thing.due, language) if thing.due else ""),
        ("project", thing.project_title),
    )
    yield from ((wording.FIELDS[name], value) for name, value in values if value)


def names_of(event: Event) -> dict[int, str]:
    """Of those whom the event names: a function has no table of people."""
    found: dict[int, str] = {}
    for side in ("before", "after"):
        values = event.data.get(side)
        for field in ("assignees", "watchers"):
            listed = values.get(field) if isinstance(values, Mapping) else None
            for one in listed or ():
                if isinstance(one, Mapping) and isinstance(one.get("id"), int):
                    found[one["id"]] = str(one.get("name", ""))
    return found


def _changes(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Of any other event: the fields as the event names them."""
    before, after = data.get("before"), data.get("after")
    was = before if isinstance(before, Mapping) else {}
    now = after if isinstance(after, Mapping) else {}
    named = data.get("changed")
    names = [str(one) for one in named] if isinstance(named, list) else [*was, *now]
    for name in dict.fromkeys(names):
        if was.get(name) != now.get(name):
            yield name, _text(was.get(name)), _text(now.get(name))


def _text(value: Any) -> str:
    if value is None:
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return head(text, VALUE_LIMIT)

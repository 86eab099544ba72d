"""Mails about news: one piece in the thread of its thing, or a digest of many. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bongsu.deliver.diff import is_long
from bongsu.deliver.model import Group, Message
from bongsu.kit.i18n import Said, say, say_n
from bongsu.kit.text import head, one_line
from bongsu.tell.concerned import TIES, Concerned
from bongsu.tell.links import WayOut, address
from bongsu.tell.model import Listener, stamp, zone_of
from bongsu.tell.news import News, Thing
from bongsu.tell.preferences import KINDS
from bongsu.tell.wording import (
    FIELDS,
    PRIORITIES,
    QUOTE_LIMIT,
    column_word,
    day_text,
    lead,
    rows,
    value_text,
)

NORMAL = 2
DIGEST_THINGS = 20
PREFERENCES = "/me/telling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What letters are written with: names of people, the subjects of threads, keys that sign."""

    public_url: str
    now: datetime
    names: Mapping[int, str]
    headings: Mapping[str, str]  # by thing: as its thread began
    keys: Mapping[int, str]

    def way_out(self, user_id: int, scope: str, target: str = "") -> str:
        return address(self.public_url, WayOut(user_id, scope, target), self.keys[user_id])


def letter(desk: Desk, news: News, to: Concerned, listener: Listener, key: str) -> Message:
    """One piece of news, in the recipient's language."""
    language, news = listener.language, news.seen_in(zone_of(listener.time_zone))
    thing = news.thing
    return Message(
        key=key,
        thread=thing.subject,
        list_id=thing.project_key or thing.subject.partition("/")[0],
        subject=desk.headings.get(thing.subject, thing.heading),
        heading=thing.heading,
        lead=lead(news, to.user_id, desk.names).to(language),
        quote=_quote(news),
        changes=rows(news, language),
        facts=tuple((name.to(language), value) for name, value in _facts(desk, news, language)),
        because=say("You get this because {reason}.", reason=TIES[to.ties[0]][1]).to(language),
        link=f"{desk.public_url}{thing.path}{f'#note-{news.note_id}' if news.note_id else ''}",
        ways_out=tuple(_ways_out(desk, thing, to, language)),
        unsubscribe=desk.way_out(to.user_id, "thing", thing.subject),
        severity=news.severity,
        language=language,
        event={"id": news.event_id, "type": news.type, "subject": thing.subject},
    )


def _quote(news: News) -> str:
    if news.type == "task.created":
        return head(str(news.after.get("description") or "").strip(), QUOTE_LIMIT)
    said = news.type in {"task.commented", "incident.commented", "incident.comment_edited"}
    return head(news.text.strip(), QUOTE_LIMIT) if said else ""


def _facts(desk: Desk, news: News, language: str) -> Iterator[tuple[Said, str]]:
    """How it stands now; empty ones are left out."""
    thing = news.thing
    column = column_word(thing.column)
    people = ", ".join(desk.names[one] for one in thing.assignees if one in desk.names)
    priority = PRIORITIES.get(thing.priority or NORMAL)
    facts = (
        ("column", column.to(language) if isinstance(column, Said) else column),
        ("assignees", people),
        ("due", day_text(thing.due, language) if thing.due else ""),
        ("priority", priority.to(language) if priority and thing.priority != NORMAL else ""),
        ("labels", value_text("labels", news.after.get("labels"), language)
         if news.type == "task.created" else ""),
        ("project", thing.project_title),
        ("attachment", ", ".join(news.files)),
    )  # fmt: skip
    yield from ((FIELDS[name], value) for name, value in facts if value)


def _ways_out(desk: Desk, thing: Thing, to: Concerned, language: str) -> Iterator[tuple[str, str]]:
    mute = say("Mute {thing}", thing=thing.name)
    yield mute.to(language), desk.way_out(to.user_id, "thing", thing.subject)
    if thing.project:
        project = say("Mute the project {project}", project=head(thing.project_title, 40))
        yield project.to(language), desk.way_out(to.user_id, "project", thing.project)
    kind = say("No more of “{what}”", what=KINDS[to.kinds[0]])
    yield kind.to(language), desk.way_out(to.user_id, "kind", to.kinds[0])
    yield say("Choose what I get").to(language), f"{desk.public_url}{PREFERENCES}"


# --- digests


@dataclass(frozen=True, slots=True)
class Piece:
    news: News
    to: Concerned


def digest(desk: Desk, pieces: Sequence[Piece], listener: Listener, key: str) -> Message:
    """Newest first, grouped by thing; at most DIGEST_THINGS pieces, the rest is counted."""
    language, user_id = listener.language, pieces[0].to.user_id
    ordered = sorted(pieces, key=lambda one: one.news.at, reverse=True)
    counted = _counted([one.news.thing.subject for one in pieces], language)
    return Message(
        key=key,
        thread=key,
        list_id="digest",
        subject=counted.subject,
        lead=counted.lead,
        groups=tuple(_groups(desk, ordered, listener)),
        because=say("You get this because you asked for a digest, or were not to be disturbed.").to(language),
        link=f"{desk.public_url}/tasks",
        ways_out=tuple(_ways_out_of_digest(desk, user_id, language)),
        unsubscribe=desk.way_out(user_id, "all"),
        severity=max(one.news.severity for one in pieces),
        language=language,
        event={"id": key, "type": "digest"},
    )  # fmt: skip


def left_of(message: Message, subjects: Sequence[str]) -> Message:
    """A digest with what is about these things, one for each change of it, counted anew."""
    kept = [one for one in message.groups if one.about in set(subjects)]
    rest = len(subjects) - sum(len(one.lines) for one in kept)
    counted = _counted(subjects, message.language)
    groups = (*kept, *_earlier(rest, message.language))
    return replace(message, subject=counted.subject, lead=counted.lead, groups=groups)


@dataclass(frozen=True, slots=True)
class _Counted:
    subject: str
    lead: str


def _counted(subjects: Sequence[str], language: str) -> _Counted:
    n, things = len(subjects), len(set(subjects))
    subject = say_n("{n} change to your tasks", "{n} changes to your tasks", n)
    lead_ = say("{n} changes to {things} tasks.", n=n, things=things)
    if things == 1:
        lead_ = say_n("{n} change to one task.", "{n} changes to one task.", n)
    return _Counted(subject.to(language), lead_.to(language))


def _groups(desk: Desk, ordered: Sequence[Piece], listener: Listener) -> Iterator[Group]:
    language = listener.language
    shown, rest = ordered[:DIGEST_THINGS], ordered[DIGEST_THINGS:]
    by_thing: dict[str, list[Piece]] = {}
    for one in shown:
        by_thing.setdefault(one.news.thing.subject, []).append(one)
    for group in by_thing.values():
        thing = group[0].news.thing
        lines = tuple(_line(desk, one, listener) for one in group)
        yield Group(thing.heading, f"{desk.public_url}{thing.path}", lines, thing.subject)
    yield from _earlier(len(rest), language)


def _earlier(rest: int, language: str) -> Iterator[Group]:
    if rest > 0:
        more = say_n("and {n} more, on the pages of the tasks",
                     "and {n} more, on the pages of the tasks", rest)  # fmt: skip
        yield Group(say("Earlier").to(language), "", (("", more.to(language)),))


def _line(desk: Desk, one: Piece, listener: Listener) -> tuple[str, str]:
    language, zone = listener.language, zone_of(listener.time_zone)
    news = one.news.seen_in(zone)
    at = stamp(news.at, desk.now, zone, language)
    text = [lead(news, one.to.user_id, desk.names).to(language)]
    if news.type != "task.status_changed":
        text += [_short(*row) for row in rows(news, language)]
    quote = _quote(news)
    return at, "\n".join([*text, *([f"“{head(one_line(quote), 160)}”"] if quote else [])])


def _short(name: str, before: str, after: str) -> str:
    """A long text is only named: it stands on the page."""
    return f"{name}: …" if is_long(before, after) else f"{name}: {before} → {after}"


def _ways_out_of_digest(desk: Desk, user_id: int, language: str) -> Iterator[tuple[str, str]]:
    yield say("No more mails about tasks").to(language), desk.way_out(user_id, "all")
    yield say("Choose what I get").to(language), f"{desk.public_url}{PREFERENCES}"

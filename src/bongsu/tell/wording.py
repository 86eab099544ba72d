"""What a piece of news says: who did what in one sentence, and each change from before to after. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bongsu.deliver.diff import excerpt, is_long
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import head, one_line
from bongsu.tell.news import News
from bongsu.web.format import date

VALUE_LIMIT = 300  # of a value that is no text of its own
QUOTE_LIMIT = 4000
FIELDS: dict[str, Said] = {
    "project": say("Project"),
    "title": say("Title"),
    "column": say("Status"),
    "status": say("Status"),
    "assignees": say("Assigned to"),
    "due": say("Due"),
    "priority": say("Priority"),
    "labels": say("Labels"),
    "description": say("Description"),
    "checklist": say("Checklist"),
    "links": say("Links"),
    "comment": say("Comment"),
    "attachment": say("Attachments"),
    "watchers": say("Watched by"),
}
STATUSES = {
    "waiting": say("Waiting"),
    "in_progress": say("In progress"),
    "done": say("Done"),
}
PRIORITIES = {1: say("Low"), 2: say("Normal"), 3: say("High"), 4: say("Urgent")}
_COLUMNS = {str(word): word for word in STATUSES.values()}  # as a new project is delivered
_PLAIN = {
    "task.created": say("{who} created it."),
    "task.deleted": say("{who} deleted it."),
    "task.restored": say("{who} brought it back."),
    "task.commented": say("{who} commented."),
    "task.comment_edited": say("{who} changed a comment."),
    "task.comment_deleted": say("{who} deleted a comment."),
    "task.attached": say("{who} attached {files}."),
    "task.detached": say("{who} removed {files}."),
}
_CHANGED = {
    "title": say("{who} renamed it."),
    "description": say("{who} changed the description."),
    "checklist": say("{who} changed the checklist."),
    "labels": say("{who} changed the labels."),
    "priority": say("{who} changed the priority."),
    "due": say("{who} changed the due date."),
    "links": say("{who} changed the links."),
    "project": say("{who} moved it to another project."),
    "watchers": say("{who} changed who watches it."),
}
# Not shown as rows of their own: a comment is quoted, files stand among the facts.
_NO_ROWS = frozenset({"task.created", "task.commented", "task.comment_deleted", "task.attached",
                      "task.detached", "task.due", "task.deleted", "task.restored"})  # fmt: skip


def who(news: News, names: Mapping[int, str]) -> Said:
    """Of whom it is said; Korean takes its particle here."""
    if news.by is None:
        return say("Bongsu itself")
    return say("{colleague}", colleague=names.get(news.by, news.actor))


def lead(news: News, person: int, names: Mapping[int, str]) -> Said:
    """`Alice moved it from Waiting to In progress.`"""
    doer = who(news, names)
    named = _to_the_person(news, person, doer)
    if named is not None:
        return named
    if news.type in _PLAIN:
        files = ", ".join(news.files) or say("a file")
        return Said(_PLAIN[news.type].text, {"who": doer, "files": files})
    if news.type == "task.assigned" or person in _moved_people(news):
        return _assigned(news, person, names, doer)
    if news.type == "task.status_changed":
        return _moved(news, doer)
    return _edited(news, doer)


def _to_the_person(news: News, person: int, doer: Said) -> Said | None:
    if person in news.mentions and news.note_id is not None:
        return say("{who} mentioned you in a comment.", who=doer)
    if news.type == "task.due":
        return say("It is due now.") if news.reminder == "due" else say("It is due soon.")
    if news.type == "task.created" and person in news.thing.assignees and person != news.by:
        return say("{who} created it and assigned it to you.", who=doer)
    if person in news.mentions and person not in _moved_people(news):
        return say("{who} mentioned you in the description.", who=doer)
    return None


def _moved_people(news: News) -> frozenset[int]:
    had, have = news.people("assignees")
    return had ^ have


def _assigned(news: News, person: int, names: Mapping[int, str], doer: Said) -> Said:
    had, have = news.people("assignees")
    came, went = have - had, had - have
    if person in came:
        taken = say("{who} took it.", who=doer)
        return taken if person == news.by else say("{who} assigned it to you.", who=doer)
    if person in went and person != news.by:
        return say("{who} took you off it.", who=doer)
    if came and not went:
        return say("{who} assigned it to {people}.", who=doer, people=_named(came, names))
    if went and not came:
        return say("{who} took {people} off it.", who=doer, people=_named(went, names))
    values = {"before": _named(went, names), "after": _named(came, names)}
    return say("{who} handed it from {before} to {after}.", who=doer, **values)


def _moved(news: News, doer: Said) -> Said:
    before, after = _standing(news.before), _standing(news.after)
    if before and after:
        return say("{who} moved it from {before} to {after}.", who=doer, before=before, after=after)
    return say(
        "{who} moved it to {after}.", who=doer, after=after or column_word(news.thing.column)
    )


def _standing(values: Mapping[str, Any]) -> Said | str:
    if values.get("column"):
        return column_word(str(values["column"]))
    return STATUSES.get(str(values.get("status") or ""), "")


def column_word(name: str) -> Said | str:
    """The columns of a new project in the reader's language; others as people named them."""
    return _COLUMNS.get(name, name)


def _edited(news: News, doer: Said) -> Said:
    changed = [name for name in news.changed if name != "status"]
    if len(changed) == 1 and changed[0] in _CHANGED:
        return Said(_CHANGED[changed[0]].text, {"who": doer})
    return say("{who} changed {n} details.", who=doer, n=len(changed))


def _named(people: frozenset[int], names: Mapping[int, str]) -> str:
    return ", ".join(names.get(one, f"#{one}") for one in sorted(people))


# --- before → after


def rows(news: News, language: str) -> tuple[tuple[str, str, str], ...]:
    """Field, before, after, in the order of FIELDS; texts cut to what differs."""
    if news.type in _NO_ROWS:
        return ()
    hidden = {"status"} if "column" in news.changed else set()
    shown = [name for name in FIELDS if name in news.changed and name not in hidden]
    return tuple(_row(news, name, language) for name in shown)


def _row(news: News, name: str, language: str) -> tuple[str, str, str]:
    before = value_text(name, news.before.get(name), language)
    after = value_text(name, news.after.get(name), language)
    label, none = FIELDS[name].to(language), say("none").to(language)
    if is_long(before, after):
        before, after = excerpt(before, after)
        blank = say("only spaces and empty lines").to(language)
        return (label, before, after) if before or after else (label, "", blank)
    return label, before or none, after or none


def value_text(name: str, value: Any, language: str) -> str:
    """One value as text; lists of texts line by line where each may be long."""
    if value in (None, "", []):
        return ""
    if name in {"title", "description", "comment"}:
        return str(value)
    if name == "checklist":
        return "\n".join(_point(one) for one in value)
    if name == "due":
        return day_text(str(value), language)
    words = {"priority": PRIORITIES.get(value) if name == "priority" else None,
             "status": STATUSES.get(str(value)), "column": column_word(str(value))}  # fmt: skip
    word = words.get(name)
    return word.to(language) if isinstance(word, Said) else _listed(value)


def _point(one: Any) -> str:
    if not isinstance(one, Mapping):
        return str(one)
    return f"[{'x' if one.get('done') else ' '}] {one.get('text', '')}"


def _listed(value: Any) -> str:
    items: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    return head(one_line(", ".join(_item(one) for one in items)), VALUE_LIMIT)


def _item(one: Any) -> str:
    """People and files have a name, links a title."""
    if isinstance(one, Mapping):
        return str(one.get("name") or one.get("title") or one.get("target") or "")
    return str(one)


def day_text(due: str, language: str) -> str:
    """`2026-11-30 14:00` as people say it; what is no date stays as it is."""
    day, _, hour = due.partition(" ")
    try:
        at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError:
        return due
    joint = " " if language == "ko" else ", "
    return date(at, UTC, language) + (f"{joint}{hour}" if hour else "")

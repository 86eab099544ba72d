"""Whom a piece of news concerns, why, and what it is to each of them: pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from bongsu.kit.i18n import Said, say
from bongsu.tell.news import News

# Strongest first: the words of the page, and those of the mail to the person.
TIES: dict[str, tuple[Said, Said]] = {
    "assigned": (say("assigned"), say("you are assigned")),
    "creator": (say("created it"), say("you created it")),
    "was_assigned": (say("assigned until now"), say("you were assigned until now")),
    "mentioned": (say("mentioned"), say("you were mentioned")),
    "watches": (say("watches it"), say("you watch it")),
    "follows": (say("follows the project"), say("you follow the project")),
}
_BY_TYPE = {
    "task.created": "created",
    "task.deleted": "created",
    "task.restored": "created",
    "task.status_changed": "status",
    "task.commented": "commented",
    "task.comment_edited": "commented",
    "task.comment_deleted": "commented",
    "incident.commented": "commented",
    "incident.comment_edited": "commented",
    "task.attached": "attached",
    "task.detached": "attached",
    "task.due": "due",
}
_STATUS = frozenset({"status", "column"})


@dataclass(frozen=True, slots=True)
class Concerned:
    user_id: int
    ties: tuple[str, ...]  # strongest first
    kinds: tuple[str, ...]  # most telling first


def concerned(news: News, followers: Collection[int] = ()) -> tuple[Concerned, ...]:
    """Everybody once, in the order of their numbers. `followers` want to hear of the whole project."""
    ties = _ties(news, frozenset(followers))
    found = (Concerned(one, ties[one], tuple(_kinds(news, one))) for one in sorted(ties))
    return tuple(one for one in found if one.kinds)


def _ties(news: News, followers: frozenset[int]) -> Mapping[int, tuple[str, ...]]:
    thing = news.thing
    had, have = news.people("assignees")
    watched, watch = news.people("watchers")
    groups: dict[str, Collection[int]] = {
        "assigned": have,
        "creator": () if thing.creator is None else (thing.creator,),
        "was_assigned": had - have,
        "mentioned": news.mentions,
        "watches": watched | watch,
        "follows": followers,
    }
    if not news.type.startswith("task."):  # others are told of incidents by their own rules
        groups = {"mentioned": news.mentions}
    people = {one for group in groups.values() for one in group}
    return {one: tuple(tie for tie, group in groups.items() if one in group) for one in people}


def _kinds(news: News, person: int) -> Iterator[str]:
    """Empty for a change that is nothing to this person: that somebody else begins to watch."""
    had, have = news.people("assignees")
    if news.type == "task.created":
        had = frozenset()
        have = frozenset(news.thing.assignees)
    if person in had ^ have and (news.type == "task.created" or "assignees" in news.changed):
        yield "assigned"
    if person in news.mentions:
        yield "mentioned"
    named = _BY_TYPE.get(news.type)
    if named is not None:
        yield named
        return
    changed = set(news.changed) - {"watchers"}
    if _STATUS & changed:
        yield "status"
    if changed - _STATUS:
        yield "changed"
    before, after = news.people("watchers")
    if not changed and person in before ^ after and person != news.by:
        yield "changed"

"""Which tasks a list shows, as words of its address: read, written and explained in one place. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.tasks.model import STATUSES

SORTS = ("updated", "created", "due", "priority", "number", "title")
STATES = (*STATUSES, "open", "all")
DUES = ("late", "today", "week", "none")
TEXT_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Empty words ask for nothing. `assignee`, `creator` and `watcher`: a number, `me` or `nobody`."""

    project: str = ""
    q: str = ""
    assignee: str = ""
    creator: str = ""
    watcher: str = ""
    status: str = ""
    column: str = ""
    label: str = ""
    priority: str = ""
    due: str = ""
    incident: str = ""
    sort: str = ""

    def words(self) -> dict[str, str]:
        """What was asked for, in the order of the fields."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in named.items() if value}

    def address(self, **other: str) -> str:
        """As the part of an address after `?`."""
        return urlencode(replace(self, **other).words())

    @property
    def statuses(self) -> tuple[str, ...]:
        if self.status in STATUSES:
            return (self.status,)
        return STATUSES if self.status in {"", "all"} else ("waiting", "in_progress")

    @property
    def order(self) -> str:
        return self.sort.removeprefix("-") or "updated"


def read(values: Mapping[str, str]) -> Query:
    """Raises Invalid and names the words that nobody understands; unknown names are passed over."""
    names = [field.name for field in fields(Query)]
    asked = Query(**{name: str(values.get(name, "")).strip()[:TEXT_LIMIT] for name in names})
    problems = tuple(_problems(asked))
    if problems:
        raise Invalid(say("The list cannot be made as asked."), problems)
    return replace(asked, project=asked.project.upper())


def _problems(asked: Query) -> list[Problem]:
    known = {
        "status": (asked.status, STATES),
        "due": (asked.due, DUES),
        "sort": (asked.sort.removeprefix("-"), SORTS),
        "priority": (asked.priority, ("1", "2", "3", "4")),
    }
    found = [
        Problem(name, say("Use one of {known}.", known=", ".join(words)))
        for name, (word, words) in known.items()
        if word and word not in words
    ]
    for name in ("assignee", "creator", "watcher"):
        word = getattr(asked, name)
        if word and word not in {"me", "nobody"} and not _is_number(word):
            found.append(Problem(name, say("Use a person’s number, me or nobody.")))
    for name in ("column", "incident"):
        word = getattr(asked, name)
        if word and word != "any" and not _is_number(word):
            found.append(Problem(name, say("Use a number.")))
    return found


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 19

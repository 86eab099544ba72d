"""What people may send about projects and tasks: each form names its fields, and no other gets in."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from bongsu.accounts.inputs import Form, Number
from bongsu.kit.i18n import say
from bongsu.kit.text import one_line
from bongsu.tasks.due import parse_due

DESCRIPTION_LIMIT = 64 * 1024
PEOPLE_LIMIT = 50
LABELS_LIMIT = 20
CHECKLIST_LIMIT = 100
COLUMNS_LIMIT = 12
_KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_TARGET = re.compile(
    r"(?:task|incident|check|deployment)/[1-9][0-9]{0,17}|[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,8}"
)


def _line(text: str) -> str:
    plain = one_line(text)
    if not plain:
        raise ValueError(say("Write at least one character."))
    return plain


def _key(text: str) -> str:
    plain = text.strip().upper()
    if _KEY.fullmatch(plain) is None:
        raise ValueError(say("Use 2 to 10 of A–Z and 0–9, a letter first, such as SHOP."))
    return plain


def _due(text: str) -> str:
    try:
        parse_due(text, "UTC")
    except ValueError as error:
        raise ValueError(
            say(
                "This is no day. Write it like 2026-11-30, 2026-11-30 14:00 or 2026-11-30T14:00+09:00."
            )
        ) from error
    return text.strip()


def _target(text: str) -> str:
    plain = text.strip()
    if _TARGET.fullmatch(plain) is None:
        raise ValueError(say("Write what it is linked to like TSK-42, incident/12 or check/3."))
    return plain


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


Title = Annotated[str, Field(max_length=200), AfterValidator(_line)]
Text = Annotated[str, Field(max_length=DESCRIPTION_LIMIT)]
Key = Annotated[str, Field(max_length=10), AfterValidator(_key)]
Due = Annotated[str, Field(max_length=40), AfterValidator(_due)]
OptionalDue = Annotated[Due | None, BeforeValidator(_empty_is_none)]
LabelName = Annotated[str, Field(max_length=40), AfterValidator(_line)]
ColumnName = Annotated[str, Field(max_length=60), AfterValidator(_line)]
People = Annotated[list[Number], Field(max_length=PEOPLE_LIMIT)]
Labels = Annotated[list[LabelName], Field(max_length=LABELS_LIMIT)]
Priority = Annotated[int, Field(ge=1, le=4)]
Status = Literal["waiting", "in_progress", "done"]
ProjectRole = Literal["viewer", "member", "manager"]
Everyone = Literal["none", "viewer", "member"]
# A column's number, its name, or a status, which means the first column of it.
ColumnRef = int | Annotated[str, Field(max_length=60)]


class Point(BaseModel):
    text: Annotated[str, Field(max_length=200), AfterValidator(_line)]
    done: bool = False


class LinkTo(Form):
    kind: Literal["blocks", "duplicates", "relates", "from"] = "relates"
    target: Annotated[str, Field(max_length=64), AfterValidator(_target)]
    closes: bool = False


class NewTask(Form):
    project: Key
    title: Title
    description: Text = ""
    column: ColumnRef | None = None
    status: Status | None = None
    assignees: People = Field(default_factory=list)
    watchers: People = Field(default_factory=list)
    priority: Priority = 2
    labels: Labels = Field(default_factory=list)
    due: OptionalDue = None
    checklist: list[Point] = Field(default_factory=list, max_length=CHECKLIST_LIMIT)
    links: list[LinkTo] = Field(default_factory=list, max_length=20)


class TaskChange(Form):
    """What is left out stays. `version` is the one that was looked at; somebody faster wins."""

    title: Title | None = None
    description: Text | None = None
    column: ColumnRef | None = None
    status: Status | None = None
    assignees: People | None = None
    watchers: People | None = None
    priority: Priority | None = None
    labels: Labels | None = None
    due: OptionalDue = None
    checklist: list[Point] | None = Field(default=None, max_length=CHECKLIST_LIMIT)
    version: int | None = Field(default=None, ge=1)

    def says(self, name: str) -> bool:
        """`due: null` takes the day away; every other null means: as it is."""
        return name in self.model_fields_set and (name == "due" or getattr(self, name) is not None)

    @property
    def hangs(self) -> bool:
        """Whether it says something that stands in tables of its own."""
        return any(self.says(name) for name in ("assignees", "watchers", "labels"))


class Move(Form):
    """`after`: the key of the card above, null for the top; left out: at the end."""

    column: ColumnRef
    after: str | None = Field(default=None, max_length=24)
    version: int | None = Field(default=None, ge=1)

    @property
    def at_the_end(self) -> bool:
        return "after" not in self.model_fields_set


class NewProject(Form):
    key: Key
    title: Annotated[str, Field(max_length=120), AfterValidator(_line)]
    description: Annotated[str, Field(max_length=2000)] = ""
    everyone: Everyone = "none"


class ProjectChange(Form):
    """What is left out stays; the key never changes, it stands in mails and links."""

    title: Annotated[str, Field(max_length=120), AfterValidator(_line)] | None = None
    description: Annotated[str, Field(max_length=2000)] | None = None
    everyone: Everyone | None = None
    archived: bool | None = None


class NewColumn(Form):
    name: ColumnName
    status: Status


class ColumnChange(Form):
    name: ColumnName | None = None
    position: int | None = Field(default=None, ge=0, lt=COLUMNS_LIMIT)


class NewLabel(Form):
    name: LabelName


class Membership(Form):
    role: ProjectRole


class SaveView(Form):
    name: Annotated[str, Field(max_length=60), AfterValidator(_line)]
    query: Annotated[str, Field(max_length=2000)] = ""
    shared_with: Key | None = None


class Bulk(Form):
    """One change to many tasks; those that may not or cannot be changed are named in the answer."""

    tasks: Annotated[
        list[Annotated[str, Field(max_length=24)]], Field(min_length=1, max_length=200)
    ]
    status: Status | None = None
    column: ColumnRef | None = None
    assign: People | None = None  # added to those who have it
    unassign: People | None = None
    priority: Priority | None = None
    add_labels: Labels | None = None
    remove_labels: Labels | None = None
    due: OptionalDue = None
    delete: bool = False
    restore: bool = False  # what was deleted; nothing else is changed then

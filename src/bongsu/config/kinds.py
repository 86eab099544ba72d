"""What each section of a file may hold, as plain values that can be compared with what is stored."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bongsu.accounts.inputs import Mail, Title
from bongsu.deliver.kinds import SHELF
from bongsu.deliver.kinds import problems_of as channel_problems
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.kit.problems import problems_of
from bongsu.rules.model import RuleDraft
from bongsu.rules.model import check as check_rule
from bongsu.watch.drafts import read_check


class TeamEntry(BaseModel):
    """Members are mail addresses; who is not known yet is added as a viewer without a password."""

    model_config = ConfigDict(extra="forbid")

    title: Title = ""
    members: tuple[Mail, ...] = Field((), max_length=1000)


def check_values(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """Raises Invalid with places inside the check."""
    return read_check(value, name).row()


def rule_values(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """Raises Invalid with places inside the rule."""
    try:
        draft = RuleDraft.model_validate(value | {"name": name})
    except ValidationError as error:
        raise Invalid(_cannot("rule", name), problems_of(error.errors())) from error
    check_rule(draft)
    return {
        "when": draft.when,
        "do": [dict(action) for action in draft.do],
        "enabled": draft.enabled,
    }


def channel_values(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """`{slack: {…}}` or `{kind: slack, options: {…}}`. Raises Invalid with places inside the channel."""
    short = [key for key in value if key in SHELF.ids()]
    if len(value) == 1 and short:
        kind, options, place = short[0], value[short[0]] or {}, short[0]
    else:
        kind, options, place = str(value.get("kind", "")), value.get("options") or {}, "options"
        unknown = [key for key in value if key not in {"kind", "options"}]
        if unknown:
            what = say("There is no such field here.")
            todo = say("Known kinds: {known}.", known=", ".join(SHELF.ids()))
            raise Invalid(_cannot("channel", name), (Problem(unknown[0], what, todo),))
    problems = channel_problems(kind, options, place)
    if problems:
        raise Invalid(_cannot("channel", name), problems)
    return {"kind": kind, "options": options}


def _cannot(section: str, name: str) -> Any:
    return say("The {section} {name} cannot be saved.", section=section, name=name)

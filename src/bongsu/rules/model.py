"""A rule: which events it takes, and what it does with them. Pure."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bongsu.events.envelope import Event
from bongsu.events.pattern import Explanation, Pattern, compile_pattern, explain
from bongsu.kit.errors import Invalid, NotFound, Problem
from bongsu.kit.i18n import Said, say
from bongsu.kit.kind import Shelf
from bongsu.kit.problems import problems_of
from bongsu.kit.text import slug

ACTIONS = Shelf("bongsu.rules.actions")
ACTION_LIMIT = 10
# An event about a cut loop must not begin the next round of the loop.
NEVER_ACTED_ON = frozenset({"own.loop_cut"})


@dataclass(frozen=True, slots=True)
class Rule:
    id: int
    name: str
    enabled: bool
    pattern: dict[str, Any]
    actions: tuple[dict[str, Any], ...]
    builtin: bool
    defined_in: str | None

    def shown(self) -> dict[str, Any]:
        """What events and the API say of a rule; the same keys as in a file."""
        return {
            "name": self.name,
            "enabled": self.enabled,
            "when": self.pattern,
            "do": [dict(action) for action in self.actions],
        }


class RuleDraft(BaseModel):
    """What a person may say about a rule; `when` and `do` as in a configuration file."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(title="Name", description="a-z, 0-9 and hyphens")
    when: dict[str, Any] = Field(
        title="Event pattern", description="Which events, as in EventBridge"
    )
    do: tuple[dict[str, Any], ...] = Field(
        title="Actions", description="What happens, in order", min_length=1, max_length=ACTION_LIMIT
    )
    enabled: bool = Field(default=True, title="On")

    @field_validator("name")
    @classmethod
    def _name_is_a_slug(cls, value: str) -> str:
        return slug(value, "tell-owner")


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a rule, its options parsed."""

    kind: str
    options: Any


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule ready to be matched and acted on."""

    rule: Rule
    pattern: Pattern
    steps: tuple[Step, ...]


def compiled(rule: Rule) -> Compiled:
    """Raises Invalid when the stored rule cannot be used (any more)."""
    check(RuleDraft(name=rule.name, when=rule.pattern, do=rule.actions, enabled=rule.enabled))
    pairs = (next(iter(action.items())) for action in rule.actions)
    steps = (Step(kind, ACTIONS.spec(kind).options.model_validate(o)) for kind, o in pairs)
    return Compiled(rule, compile_pattern(rule.pattern), tuple(steps))


def may_act(event: Event) -> bool:
    return event.type not in NEVER_ACTED_ON


def because(one: Compiled, event: Event) -> Said:
    """Why the rule matched, for timelines and messages."""
    return most_telling(explain(one.pattern, event.match_view()))


def most_telling(explanation: Explanation) -> Said:
    """What the event carries says more than which type it is."""
    fitting = [leaf for leaf in explanation.leaves() if leaf.ok]
    inner = [leaf for leaf in fitting if leaf.path.startswith(("detail.", "data."))]
    chosen = (inner or fitting)[:1]
    return chosen[0].why if chosen else say("the event fits the rule")


def check(draft: RuleDraft) -> None:
    """Raises Invalid with everything wrong in the pattern and in the actions' options, each with its place."""
    problems: list[Problem] = []
    try:
        compile_pattern(draft.when)
    except Invalid as error:
        problems += [
            Problem(f"when.{p.where}" if p.where else "when", p.what, p.todo)
            for p in error.problems
        ] or [Problem("when", error.said)]
    for number, action in enumerate(draft.do):
        problems += _action_problems(action, f"do[{number}]")
    if problems:
        raise Invalid(say("Rule {name} cannot be saved.", name=draft.name), tuple(problems))


def _action_problems(action: dict[str, Any], where: str) -> list[Problem]:
    if len(action) != 1:
        what = say("An action has one key, its kind; this one has {n}.", n=len(action))
        return [Problem(where, what, say("Known kinds: {known}.", known=", ".join(ACTIONS.ids())))]
    ((kind, options),) = action.items()
    try:
        ACTIONS.spec(kind).options.model_validate(options)
    except NotFound as error:
        return [Problem(where, error.said)]
    except ValidationError as error:
        found = problems_of(error.errors(include_url=False, include_input=False))
        return [Problem(f"{where}.{kind}.{one.where}", one.what) for one in found]
    return []

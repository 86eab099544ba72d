"""What a person may say about a check, in the short form of files and in the long form: one model for all ways in.

{http: "https://example.com/", every: 30s, expect: ["[STATUS] == 200"]}
{kind: http, options: {url: "https://example.com/"}, every: 30}
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import Said, say
from bongsu.kit.kind import Shelf
from bongsu.kit.problems import problems_of
from bongsu.kit.redact import redact_url
from bongsu.kit.text import is_slug, slug
from bongsu.kit.units import format_duration, parse_duration_s
from bongsu.watch.conditions.condition import compile_condition
from bongsu.watch.in_clear import secrets_in_clear

SHELF = Shelf("bongsu.watch.checks")
DAY_S = 86_400.0
TIMEOUT_AT_MOST_S = 10.0  # unless somebody asks for more
_TIMEOUT_SHARE = 0.8
_CONDITION_LIMIT = 1000


def _seconds(value: Any) -> Any:
    """`30s`, `1h30m`, or a number of seconds."""
    if isinstance(value, str):
        try:
            return parse_duration_s(value)
        except ValueError:
            raise ValueError(say("Write a duration such as 30s, 15m, 1h30m or 14d.")) from None
    if isinstance(value, bool):
        raise ValueError(say("Write a duration such as 30s, 15m, 1h30m or 14d."))  # noqa: TRY004  pydantic's way
    return value


Duration = Annotated[float, BeforeValidator(_seconds)]
Condition = Annotated[str, Field(max_length=_CONDITION_LIMIT)]


class CheckDraft(BaseModel):
    """Durations are seconds once read. Use `read_check` to have everything wrong at once."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str = Field(title="Name", description="a-z, 0-9 and hyphens; unique in its service")
    kind: str = Field(title="Kind", description="How to look")
    options: dict[str, Any] = Field(
        default={}, title="Options", description="What the kind asks for"
    )
    every: Duration = Field(
        default=60.0, title="Every", ge=1, le=30 * DAY_S, description="How often to look"
    )
    timeout: Duration | None = Field(
        default=None,
        title="Time-out",
        ge=0.1,
        le=120,
        description="Less than every; else 10 s at most",
    )
    confirm: int = Field(
        default=2, title="Confirm", ge=1, le=20, description="Bad looks in a row before it counts"
    )
    recover: int = Field(
        default=1, title="Recover", ge=1, le=20, description="Good looks in a row before it is well"
    )
    expect: tuple[Condition, ...] = Field(
        default=(), title="Expect", max_length=50, description="One false: down"
    )
    warn: tuple[Condition, ...] = Field(
        default=(), title="Warn", max_length=50, description="One false: degraded"
    )
    paused: bool = Field(default=False, title="Paused", description="Looked at, but nobody is told")
    locations: tuple[str, ...] = Field(
        default=(), title="Locations", max_length=50, description="Empty: all"
    )
    quorum: int = Field(
        default=1, title="Quorum", ge=1, le=50, description="Locations that must agree on trouble"
    )

    @field_validator("name")
    @classmethod
    def _name_is_a_slug(cls, value: str) -> str:
        return slug(value, "home-page")

    @field_validator("locations")
    @classmethod
    def _locations_are_slugs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(map(is_slug, value)):
            raise ValueError(say("Locations are names of a-z, 0-9 and inner hyphens."))
        return value

    @property
    def timeout_s(self) -> float:
        return self.timeout or min(TIMEOUT_AT_MOST_S, round(self.every * _TIMEOUT_SHARE, 3))

    def row(self) -> dict[str, Any]:
        """What the table keeps."""
        same = ("kind", "options", "confirm", "recover", "paused", "quorum")
        lists = ("expect", "warn", "locations")
        values = {name: getattr(self, name) for name in same}
        values |= {name: list(getattr(self, name)) for name in lists}
        return values | {"every_s": self.every, "timeout_s": self.timeout_s}


def read_check(values: Any, name: str | None = None) -> CheckDraft:
    """A checked draft from either form. Raises Invalid with every problem, each at its field.

    `name`: where the name stands outside of the values, as in a file.
    """
    problems: list[Problem] = []
    plain, place = _plain(values, problems)
    if name is not None:
        plain = {"name": name} | plain
    draft = _draft(plain, problems)
    options = _options(plain, place, problems)
    problems += _condition_problems(plain)
    if draft is not None:
        problems += _between_fields(draft)
    if problems or draft is None:
        shown = str(plain.get("name") or name or "?")[:80]
        raise Invalid(say("The check {name} cannot be saved.", name=shown), tuple(problems))
    return draft.model_copy(update={"options": options})


def _plain(values: Any, problems: list[Problem]) -> tuple[dict[str, Any], str]:
    """The long form of what was given, and where its options stand."""
    if not isinstance(values, Mapping):
        problems.append(Problem("", say("A check is a mapping."), _how()))
        return {}, "options"
    given = {str(key): value for key, value in values.items()}
    short = [key for key in given if key in SHELF.ids() and key not in CheckDraft.model_fields]
    if not short:
        if not given.get("kind"):
            problems.append(Problem("kind", say("The check does not say how to look."), _how()))
            given["kind"] = ""
        return given, "options"
    if len(short) > 1 or "kind" in given:
        problems.append(Problem(short[-1], say("A check looks in one way only."), _how()))
    kind = short[0]
    rest = {key: value for key, value in given.items() if key not in short}
    return _unfold(kind, given[kind], rest)


def _unfold(kind: str, value: Any, rest: dict[str, Any]) -> tuple[dict[str, Any], str]:
    if isinstance(value, Mapping):
        return rest | {"kind": kind, "options": dict(value)}, kind
    return rest | {"kind": kind, "options": {main_option(kind): value}}, kind


def main_option(kind: str) -> str:
    """The option that the short form fills: the first one that a kind cannot do without."""
    fields = SHELF.spec(kind).options.model_fields
    return next(
        (name for name, field in fields.items() if field.is_required()), next(iter(fields), "")
    )


def _how() -> Said:
    return say(
        'Write one of {kinds}, such as http: "https://example.com/".', kinds=", ".join(SHELF.ids())
    )


def _draft(plain: dict[str, Any], problems: list[Problem]) -> CheckDraft | None:
    try:
        return CheckDraft.model_validate(plain)
    except ValidationError as error:
        problems += problems_of(error.errors(include_url=False, include_input=False))
    return None


def _options(plain: dict[str, Any], place: str, problems: list[Problem]) -> dict[str, Any]:
    """Validated by the kind's model; only what was given is kept, so that defaults may improve."""
    kind, given = plain.get("kind", ""), plain.get("options", {})
    if kind not in SHELF.ids():
        if kind:
            what = say("There is no kind {kind}.", kind=str(kind)[:80])
            problems.append(Problem("kind", what, _how()))
        return {}
    if not isinstance(given, Mapping):
        return {}
    in_clear = tuple(secrets_in_clear(place, given))
    problems += in_clear
    try:
        read = SHELF.spec(kind).options.model_validate(dict(given))
    except ValidationError as error:
        found = problems_of(error.errors(include_url=False, include_input=False))
        placed = [Problem(_joined(place, p.where, given), p.what, p.todo) for p in found]
        said = [secret.where for secret in in_clear]  # a kind may refuse the same once more
        problems += [p for p in placed if not any(s.startswith(p.where) for s in said)]
        return {}
    kept: dict[str, Any] = read.model_dump(mode="json", exclude_unset=True)
    return kept


def _joined(place: str, where: str, given: Mapping[str, Any]) -> str:
    """In the short form the value stands at the kind's own name."""
    short = place != "options" and len(given) == 1 and where in given
    return place if short else f"{place}.{where}"


def _condition_problems(plain: Mapping[str, Any]) -> Iterator[Problem]:
    for field in ("expect", "warn"):
        given = plain.get(field)
        for number, text in enumerate(given if isinstance(given, list | tuple) else ()):
            if isinstance(text, str) and len(text) <= _CONDITION_LIMIT:
                yield from _condition_problem(f"{field}[{number}]", text.strip())


def _condition_problem(place: str, text: str) -> Iterator[Problem]:
    try:
        compile_condition(text)
    except Invalid as error:
        first = error.problems[0] if error.problems else Problem(place, error.said)
        yield Problem(place, first.what, first.todo)


def _between_fields(draft: CheckDraft) -> Iterator[Problem]:
    if draft.timeout_s >= draft.every:
        what = say(
            "The time-out {timeout} is not less than every {every}.",
            timeout=format_duration(draft.timeout_s),
            every=format_duration(draft.every),
        )
        yield Problem("timeout", what, say("Make it shorter, or look less often."))
    if draft.locations and draft.quorum > len(draft.locations):
        what = say(
            "{n} locations must agree, but only {all} look.",
            n=draft.quorum,
            all=len(draft.locations),
        )
        yield Problem("quorum", what, say("Lower the quorum or name more locations."))


def short_form(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a file would say it: what is left at its default is left out."""
    kind, options = values["kind"], dict(values["options"])
    alone = list(options) == [main_option(kind)] if kind in SHELF.ids() else False
    form: dict[str, Any] = {kind: next(iter(options.values())) if alone else options}
    form["every"] = format_duration(values["every_s"])
    if values["timeout_s"] != CheckDraft(name="x", kind=kind, every=values["every_s"]).timeout_s:
        form["timeout"] = format_duration(values["timeout_s"])
    for name in ("confirm", "recover", "expect", "warn", "paused", "locations", "quorum"):
        value = list(values[name]) if isinstance(values[name], list | tuple) else values[name]
        default = CheckDraft.model_fields[name].default
        if value != (list(default) if isinstance(default, tuple) else default):
            form[name] = value
    return form


def shown_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options for people: an address loses its password. Secrets are references and may be seen."""
    return {
        name: redact_url(value) if isinstance(value, str) and "://" in value else value
        for name, value in options.items()
    }

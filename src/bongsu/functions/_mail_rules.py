"""Who gets a mail about which events: a JSON list in `BONGSU_NOTIFY_RULES`, or where that points.

[{"when": {"detail-type": ["task.status_changed"]}, "to": ["lee@example.com"], "language": "ko"}]
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bongsu.aws.clients import call
from bongsu.events.envelope import Event
from bongsu.events.pattern import Pattern, compile_pattern
from bongsu.functions._environment import needed
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import LANGUAGES, Said, say
from bongsu.kit.redact import is_reference
from bongsu.kit.secretref import resolve

VARIABLE = "BONGSU_NOTIFY_RULES"
KEPT_S = (
    60.0  # a changed file or parameter is seen within a minute, without asking for it each time
)
RULES_LIMIT, RECIPIENTS_LIMIT = 100, 50
TEXT_LIMIT_BYTES = 256 * 1024
_KNOWN = {"when", "to", "language"}
_kept: dict[str, tuple[float, tuple["MailRule", ...]]] = {}


@dataclass(frozen=True, slots=True)
class MailRule:
    when: Pattern
    to: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str
    language: str


def recipients(rules: Sequence[MailRule], event: Event) -> tuple[Recipient, ...]:
    """Everybody once, in the language of the first rule that names them."""
    view = event.match_view()
    found: dict[str, Recipient] = {}
    for rule in rules:
        if rule.when.matches(view):
            for address in rule.to:
                found.setdefault(address.lower(), Recipient(address, rule.language))
    return tuple(found.values())


def load() -> tuple[MailRule, ...]:
    """Raises Invalid with the place of what is wrong; whatever reading them raises."""
    where, now_s = needed(VARIABLE), SYSTEM_CLOCK.monotonic_s()
    at_s, rules = _kept.get(where, (float("-inf"), ()))
    if now_s - at_s >= KEPT_S:
        rules = parse(text_of(where))
        _kept.clear()
        _kept[where] = (now_s, rules)
    return rules


def text_of(value: str) -> str:
    """The value itself, or what stands at `s3://bucket/key`, `ssm:/name` or another reference.

    Raises SecretAway, ClientError, BotoCoreError.
    """
    if is_reference(value):
        return resolve(value).reveal()
    if not value.startswith("s3://"):
        return value
    bucket, _, key = value.removeprefix("s3://").partition("/")
    body = call("s3", "get_object", Bucket=bucket, Key=key)["Body"].read(TEXT_LIMIT_BYTES)
    return str(body.decode("utf-8"))


def parse(text: str) -> tuple[MailRule, ...]:
    """Raises Invalid with everything that is wrong."""
    try:
        listed = json.loads(text)
    except ValueError as error:
        raise _wrong(Problem(VARIABLE, say("This is not valid JSON."))) from error
    if not isinstance(listed, list) or len(listed) > RULES_LIMIT:
        raise _wrong(Problem(VARIABLE, say("This must be a list of at most {n}.", n=RULES_LIMIT)))
    problems = [problem for n, one in enumerate(listed) for problem in _problems(one, f"[{n}]")]
    if problems:
        raise _wrong(*problems)
    return tuple(
        MailRule(compile_pattern(one["when"]), tuple(one["to"]), one.get("language", "en"))
        for one in listed
    )


def _wrong(*problems: Problem) -> Invalid:
    said = say("The rules in {name} cannot be used.", name=VARIABLE)
    return Invalid(said, problems)


def _problems(one: Any, where: str) -> Iterator[Problem]:
    if not isinstance(one, dict):
        yield Problem(where, say("This must be an object."))
        return
    for name in sorted(set(one) - _KNOWN):
        yield Problem(f"{where}.{name}", say("There is no such field here."))
    for name, what in (("to", _addresses(one.get("to"))), ("language", _language(one))):
        if what is not None:
            yield Problem(f"{where}.{name}", what)
    yield from _pattern_problems(one.get("when"), f"{where}.when")


def _pattern_problems(pattern: Any, where: str) -> Iterator[Problem]:
    if not isinstance(pattern, dict):
        yield Problem(where, say("This must be an object."))
        return
    try:
        compile_pattern(pattern)
    except Invalid as error:
        for problem in error.problems or (Problem("", error.said),):
            place = f"{where}.{problem.where}" if problem.where else where
            yield Problem(place, problem.what, problem.todo)


def _addresses(value: Any) -> Said | None:
    if not isinstance(value, list) or not 1 <= len(value) <= RECIPIENTS_LIMIT:
        return say("This must be a list of 1 to {n} mail addresses.", n=RECIPIENTS_LIMIT)
    if not all(isinstance(one, str) and "@" in one and one.isprintable() for one in value):
        return say("This is no mail address. Write it like name@example.com.")
    return None


def _language(one: dict[str, Any]) -> Said | None:
    if one.get("language", "en") in LANGUAGES:
        return None
    return say("This must be one of {known}.", known=", ".join(LANGUAGES))

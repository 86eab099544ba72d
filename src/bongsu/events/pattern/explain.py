"""Why an event fits a pattern or does not: a verdict for every leaf, with the values seen."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bongsu.events.pattern.flatten import Fields
from bongsu.events.pattern.matchers import Absent, Exact, Matcher, Range
from bongsu.events.pattern.pattern import Pattern
from bongsu.events.pattern.tree import Either, Every, Leaf, Tree, takes_place
from bongsu.events.pattern.values import Token, is_number, shown
from bongsu.kit.i18n import Said, say, say_n
from bongsu.kit.text import head

VALUES_LIMIT = 10  # values of one field that are shown
TEXT_LIMIT = 200  # letters of a list of values or of matchers


@dataclass(frozen=True, slots=True)
class LeafVerdict:
    """`where` is the leaf's place in the pattern; `matcher` its tests and `values` what the event
    has, as JSON values.
    """

    where: str
    path: str
    matcher: list[Any]
    values: list[Any]
    ok: bool
    why: Said


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """`kind` is "every" (all parts must hold) or "either" (`$or`: one must)."""

    kind: str
    where: str
    ok: bool
    parts: tuple["LeafVerdict | GroupVerdict", ...]


Verdict = LeafVerdict | GroupVerdict


@dataclass(frozen=True, slots=True)
class Explanation:
    """`match` is what `Pattern.matches` says. `note` tells where the parts alone would mislead."""

    match: bool
    tree: Verdict
    note: Said | None = None

    def leaves(self) -> list[LeafVerdict]:
        return list(_leaves(self.tree))

    def lines(self, language: str) -> list[str]:
        """For a terminal or a list: the answer, then one line a leaf, indented under its choice."""
        answer = say("The event fits the pattern.") if self.match else _NO_FIT
        notes = [self.note.to(language)] if self.note else []
        return [answer.to(language), *notes, *_lines(self.tree, language, 1)]


_NO_FIT = say("The event does not fit the pattern.")
_ARRAY_NOTE = say(
    "Each part fits, but only with values from different elements of one list; one element must fit them all."
)
_ABSENT_NOTE = say(
    "A field that must be missing is missing from the list element that fits the other parts."
)
_MARKS = {True: say("yes"), False: say("no")}


def explain(pattern: Pattern, view: dict[str, Any]) -> Explanation:
    """`view` is the event as a JSON object, e.g. `Event.match_view()`."""
    fields = pattern.fields(view)
    tree = _judged(_tree_of(pattern), fields, view)
    match = any(alternative.fits(fields) for alternative in pattern.alternatives)
    note = None if match == tree.ok else _ABSENT_NOTE if match else _ARRAY_NOTE
    return Explanation(match, tree, note)


def _tree_of(pattern: Pattern) -> Tree:
    """As written; multiplied out where one test took another's place, for then only the
    alternatives say what counts.
    """
    if not takes_place(pattern.tree, pattern.rules):
        return pattern.tree
    rules = tuple(Every(alternative.leaves) for alternative in pattern.alternatives)
    return Either(rules, "$or") if len(rules) > 1 else rules[0]


def _judged(tree: Tree, fields: Fields, view: dict[str, Any]) -> Verdict:
    if isinstance(tree, Leaf):
        return _leaf(tree, fields, view)
    parts = tuple(_judged(child, fields, view) for child in tree.children)
    if isinstance(tree, Either):
        return GroupVerdict("either", tree.where, any(part.ok for part in parts), parts)
    return GroupVerdict("every", "", all(part.ok for part in parts), parts)


def _leaf(leaf: Leaf, fields: Fields, view: dict[str, Any]) -> LeafVerdict:
    tokens = fields.values.get(leaf.path, [])
    ok = leaf.fits(tokens) if tokens else leaf.absent_fits
    why = _why_ok(leaf, tokens) if ok else _why_not(leaf, tokens, view)
    values = [shown(token) for token in tokens[:VALUES_LIMIT]]
    return LeafVerdict(leaf.where, leaf.path, [m.shown for m in leaf.matchers], values, ok, why)


def _why_ok(leaf: Leaf, tokens: list[Token]) -> Said:
    if not tokens:
        return say("{path} is not in the event, as it should be.", path=leaf.path)
    fitting = next(token for token in tokens if leaf.fits((token,)))
    matcher = next(matcher for matcher in leaf.matchers if matcher.test(fitting))
    value, wanted = _text(shown(fitting)), _text(matcher.shown)
    if value == wanted:
        return say("{path} is {value}, as it should be.", path=leaf.path, value=value)
    return say(
        "{path} is {value}, which fits {wanted}.", path=leaf.path, value=value, wanted=wanted
    )


def _why_not(leaf: Leaf, tokens: list[Token], view: dict[str, Any]) -> Said:
    wanted = _wanted(leaf)
    if not tokens:
        return _why_missing(leaf.path, wanted, view)
    values = _values(tokens)
    if all(isinstance(matcher, Absent) for matcher in leaf.matchers):
        return say(
            "{path} should not be in the event, but is {value}.", path=leaf.path, value=values
        )
    hint = _hint(leaf, tokens)
    if hint is not None:
        return say(
            "{path} is {value}, which does not fit {wanted}: {hint}",
            path=leaf.path,
            value=values,
            wanted=wanted,
            hint=hint,
        )
    return say(
        "{path} is {value}, which does not fit {wanted}.",
        path=leaf.path,
        value=values,
        wanted=wanted,
    )


def _why_missing(path: str, wanted: str, view: dict[str, Any]) -> Said:
    if _leads_on(view, path):
        return say(
            "{path} holds no value of its own, only an object or an empty list; {wanted} was looked for.",
            path=path,
            wanted=wanted,
        )
    return say("{path} is not in the event; {wanted} was looked for.", path=path, wanted=wanted)


def _leads_on(view: dict[str, Any], path: str) -> bool:
    """Whether the path leads to an object or a list, which are no values."""
    reached: list[Any] = [view]
    for step in path.split("."):
        parts = [part for part in _outside_lists(reached) if isinstance(part, dict)]
        reached = [part[step] for part in parts if step in part]
    return any(isinstance(part, dict | list | tuple) for part in reached)


def _outside_lists(parts: list[Any]) -> Iterator[Any]:
    waiting = list(parts)
    while waiting:
        part = waiting.pop()
        if isinstance(part, list | tuple):
            waiting += part
        else:
            yield part


def _hint(leaf: Leaf, tokens: list[Token]) -> Said | None:
    """What people overlook: the type, and upper and lower case."""
    wants_number = any(_wants_number(matcher) for matcher in leaf.matchers)
    texts = [token for token in tokens if isinstance(token, str)]
    if wants_number and texts:
        return say("the event has text here, the pattern a number.")
    wanted = [m.token for m in leaf.matchers if isinstance(m, Exact) and isinstance(m.token, str)]
    if wanted and any(is_number(token) for token in tokens):
        return say("the event has a number here, the pattern text.")
    folded = {text.casefold() for text in texts}
    if any(text.casefold() in folded for text in wanted):
        return say("upper and lower case differ.")
    return None


def _wants_number(matcher: Matcher) -> bool:
    return isinstance(matcher, Range) or (isinstance(matcher, Exact) and is_number(matcher.token))


def _wanted(leaf: Leaf) -> str:
    written = [_text(matcher.shown) for matcher in leaf.matchers]
    return head(written[0] if len(written) == 1 else f"[{', '.join(written)}]", TEXT_LIMIT)


def _values(tokens: list[Token]) -> str:
    written = [_text(shown(token)) for token in tokens[:VALUES_LIMIT]]
    more = ["…"] if len(tokens) > VALUES_LIMIT else []
    return head(", ".join(written + more), TEXT_LIMIT)


def _text(value: Any) -> str:
    return head(json.dumps(value, ensure_ascii=False, default=str), TEXT_LIMIT)


def _leaves(verdict: Verdict) -> Iterator[LeafVerdict]:
    if isinstance(verdict, LeafVerdict):
        yield verdict
        return
    for part in verdict.parts:
        yield from _leaves(part)


def _lines(verdict: Verdict, language: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(verdict, LeafVerdict):
        yield f"{indent}{_MARKS[verdict.ok].to(language)}: {verdict.why.to(language)}"
    elif verdict.kind == "every":
        for part in verdict.parts:
            yield from _lines(part, language, depth)
    else:
        yield f"{indent}{_MARKS[verdict.ok].to(language)}: {_tally(verdict).to(language)}"
        for number, part in enumerate(verdict.parts, 1):
            yield f"{indent}  {number}."
            yield from _lines(part, language, depth + 2)


def _tally(verdict: GroupVerdict) -> Said:
    fitting = len([part for part in verdict.parts if part.ok])
    everything = len(verdict.parts)
    return say_n(
        "One of {all} alternatives fits.",
        "{n} of {all} alternatives fit.",
        fitting,
        all=everything,
    )

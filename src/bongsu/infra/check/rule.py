"""Rules: small pure functions that compare what a plan needs with what it was given, known by their id."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bongsu.infra.check.finding import Found, Pillar, Severity
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import Said

Look = Callable[[Plan], Iterator[Found]]
LookAcross = Callable[[Sequence[Plan]], Iterator[Found]]
Elsewhere = Literal["error", "warning", "info", "same", "silent"]


@dataclass(frozen=True, slots=True)
class About:
    """`severity` holds in production, `elsewhere` in the other environments."""

    id: str
    severity: Severity
    pillar: Pillar
    why: Said
    fix: Said
    elsewhere: Elsewhere = "same"

    def in_environment(self, production: bool) -> Severity | None:
        """None: nothing is said there."""
        if production or self.elsewhere == "same":
            return self.severity
        return None if self.elsewhere == "silent" else self.elsewhere


@dataclass(frozen=True, slots=True)
class Rule:
    about: About
    look: Look


@dataclass(frozen=True, slots=True)
class RuleAcross:
    """Looks at all environments of a file together."""

    about: About
    look: LookAcross


RULES: dict[str, Rule] = {}
ACROSS: dict[str, RuleAcross] = {}


def rule(
    id: str,  # noqa: A002
    severity: Severity,
    pillar: Pillar,
    *,
    why: Said,
    fix: Said,
    elsewhere: Elsewhere = "same",
) -> Callable[[Look], Look]:
    def register(look: Look) -> Look:
        _once(id)
        RULES[id] = Rule(About(id, severity, pillar, why, fix, elsewhere), look)
        return look

    return register


def rule_across(
    id: str,  # noqa: A002
    severity: Severity,
    pillar: Pillar,
    *,
    why: Said,
    fix: Said,
) -> Callable[[LookAcross], LookAcross]:
    def register(look: LookAcross) -> LookAcross:
        _once(id)
        ACROSS[id] = RuleAcross(About(id, severity, pillar, why, fix), look)
        return look

    return register


def _once(id: str) -> None:  # noqa: A002
    if id in RULES or id in ACROSS:
        raise ValueError(f"the rule {id} stands twice")

"""What a check says: which rule, where, what is wrong, why it matters, what to do."""

from dataclasses import dataclass
from typing import Literal

from bongsu.document import Path, dotted
from bongsu.kit.i18n import Said

Severity = Literal["error", "warning", "info"]
Pillar = Literal["reliability", "security", "cost", "operations", "performance"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Change:
    """One scalar of the file that may be set without asking: it costs nothing and takes nothing away."""

    path: Path
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule yields. `fix` and `severity`: where they differ from the rule's own."""

    path: Path
    message: Said
    fix: Said | None = None
    change: Change | None = None
    severity: Severity | None = None
    environment: str | None = None  # of rules that look at all environments


@dataclass(frozen=True, slots=True)
class Finding:
    """`environments`: those in which it was found."""

    id: str
    severity: Severity
    pillar: Pillar
    path: Path
    line: int
    message: Said
    why: Said
    fix: Said
    safe_fix: Change | None = None
    environments: tuple[str, ...] = ()

    @property
    def at(self) -> str:
        """The place as `accepted` names it."""
        return dotted(self.path)

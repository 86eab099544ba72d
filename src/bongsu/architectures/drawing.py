"""From a kept file to its plan and drawing: read once, looked at often. Pure; it takes a while."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bongsu.architectures.model import Kept
from bongsu.infra.draw.layout import layout
from bongsu.infra.draw.shape import Drawing
from bongsu.infra.draw.struck import Struck, struck
from bongsu.infra.drill.drill import Outcome, drill, drill_all
from bongsu.infra.drill.losses import named
from bongsu.infra.plan.lock import Lock, parse
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.read import read

FILE, LOCK_FILE = "architecture.yaml", "architecture.lock.json"
KEPT = 16  # drawings in memory


@dataclass(frozen=True, slots=True)
class Drawn:
    """`losses`: what could be lost, and what would come of it."""

    plan: Plan
    drawing: Drawing
    losses: tuple[Outcome, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.plan.parts)


def planned(text: str, lock: str, environment: str | None) -> Plan:
    """Raises Invalid with lines, NotFound for an environment that the file does not have."""
    held = parse(lock, LOCK_FILE) if lock.strip() else Lock()
    return make_plan(read(FILE, text.encode(), environment or None).architecture, held)


def drawn(kept: Kept) -> Drawn:
    return _drawn(kept.text, kept.lock, kept.environment)


@lru_cache(maxsize=KEPT)
def _drawn(text: str, lock: str, environment: str) -> Drawn:
    plan = planned(text, lock, environment)
    return Drawn(plan, layout(plan), drill_all(plan))


def if_lost(found: Drawn, lose: Iterable[str]) -> tuple[Outcome, Struck]:
    """What would come of it. Raises Invalid for what the plan does not have."""
    outcome = drill(found.plan, named(found.plan, lose))
    return outcome, struck(found.plan, outcome)


def key_of(outcome: Outcome) -> str:
    """As `--lose` and the page take it: `zone:a`."""
    return ",".join(f"{loss.kind}:{loss.name}" for loss in outcome.losses)

"""From a kept file to its plan and drawing: read once, looked at often. Pure; it takes a while.

So does loading it: the room does so in a thread when the first file is read, and no start waits for it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bongsu.architectures.model import Kept
from bongsu.infra.draw.layout import layout
from bongsu.infra.draw.shape import Drawing
from bongsu.infra.draw.struck import Struck, struck
from bongsu.infra.draw.svg import svg
from bongsu.infra.drill.drill import Outcome, drill, drill_all
from bongsu.infra.drill.losses import named
from bongsu.infra.drill.standing import WORDS, State
from bongsu.infra.drill.table import reasons
from bongsu.infra.plan.lock import Lock, parse
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.read import read
from bongsu.kit.i18n import Said

FILE, LOCK_FILE = "architecture.yaml", "architecture.lock.json"
KEPT = 16  # drawings in memory


@dataclass(frozen=True, slots=True)
class Drawn:
    """`outcomes`: of everything that could be lost."""

    plan: Plan
    drawing: Drawing
    outcomes: tuple[Outcome, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.plan.parts)

    @property
    def words(self) -> Mapping[State, Said]:
        """How something stands after a loss."""
        return WORDS

    @property
    def losses(self) -> list[tuple[str, Outcome, tuple[Said, ...]]]:
        """As `--lose` and the page take it (`zone:a`), what would come of it, and the first of its reasons."""
        return [(_key(one), one, reasons(one)[:1]) for one in self.outcomes]

    def if_lost(self, lose: str) -> tuple[Outcome, Struck]:
        """What would come of it. Raises Invalid for what the plan does not have."""
        outcome = drill(self.plan, named(self.plan, lose.split(",")))
        return outcome, struck(self.plan, outcome)

    def text(
        self,
        language: str,
        states: Mapping[str, str],
        lost: Collection[tuple[str, str | None]],
        links: Mapping[str, str],
    ) -> str:
        """For a page of ours, which has the rules already. Every text in it is escaped."""
        return svg(self.drawing, language, states=states, lost=lost, styled=False, links=links)


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


def _key(outcome: Outcome) -> str:
    return ",".join(f"{loss.kind}:{loss.name}" for loss in outcome.losses)

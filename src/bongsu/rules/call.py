"""What an action gets beside its options: the event, the rule, why it matched, and the transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bongsu.db.session import Tx
from bongsu.events.envelope import Event
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said
from bongsu.notes.gate import Gate
from bongsu.tell.model import Defaults


@dataclass(frozen=True, slots=True)
class Call:
    """An action only writes rows in `tx`; what leaves the process is a delivery."""

    tx: Tx
    event: Event
    rule: str
    because: Said
    clock: Clock
    defaults: Defaults
    gates: Mapping[str, Gate] = field(default_factory=dict)  # who may hear of what, by family

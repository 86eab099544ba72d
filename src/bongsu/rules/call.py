"""What an action gets beside its options: the event, the rule, why it matched, and the transaction."""

from dataclasses import dataclass

from bongsu.db.session import Tx
from bongsu.events.envelope import Event
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said
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

"""Where a request comes from, and the note of one that was turned away."""

from dataclasses import dataclass

from bongsu.accounts.audit import audit
from bongsu.accounts.model import SYSTEM
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class Visit:
    """`cookie` is the session it brought along, if any. `public_url` and `language` are the house's own:
    for mails about it, to people who have not chosen a language."""

    address: str
    agent: str = ""
    cookie: str = ""
    public_url: str = ""
    language: str = "en"


def note_refused(
    tx: Tx, subject: str, reason: str, left: int | None, visit: Visit, clock: Clock
) -> None:
    """What was typed is not kept: people type their password into the wrong field."""
    seen = {"address": visit.address, "reason": reason}
    tries = {} if left is None else {"tries_left": left}
    audit(tx, SYSTEM, "session.refused", subject, clock, severity=2, more=seen | tries)

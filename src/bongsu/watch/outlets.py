"""Where each look goes: its row to the history, failed ones to the archive, changes to the recorder."""

from typing import Any, Protocol

from bongsu.kit.ids import uuid7
from bongsu.lake.results import TABLE, ResultRow
from bongsu.watch import evidence
from bongsu.watch.changes import Change, brief, certificate_of
from bongsu.watch.model import Check, Observation, State
from bongsu.watch.recorder import Recorder
from bongsu.watch.verdict import Transition

_SKIPPED = "skipped_"


class Rows(Protocol):
    def append(self, table: str, rows: bytes) -> None:
        """Cheap, never waits, never raises."""


class Records(Protocol):
    def append(self, service: str, record: dict[str, Any]) -> None:
        """Cheap, never waits, never raises."""


class Outlets:
    def __init__(self, location: str, recorder: Recorder, rows: Rows, records: Records) -> None:
        self._location, self._recorder = location, recorder
        self._rows, self._records = rows, records

    def looked(self, check: Check, state: State, seen: Observation, intervals: int = 1) -> None:
        phases = seen.phases_us
        row = ResultRow(
            check_id=check.id,
            at=seen.at,
            location=self._location,
            level=seen.level,
            state=state,
            every_s=check.every_s * intervals,
            status=seen.status or 0,
            phases_us=(
                phases.name,
                phases.connect,
                phases.tls,
                phases.first_byte,
                phases.transfer,
            ),
            size_bytes=len(seen.body),
            fault=seen.fault.kind if seen.fault else "",
            own=seen.own or "",
        )
        self._rows.append(TABLE, row.encode())
        if not seen.ok and not (seen.own or "").startswith(_SKIPPED):
            line = evidence.failed_look(check, self._location, state, seen)
            self._records.append(check.service, line)

    def changed(self, check: Check, move: Transition, seen: Observation) -> None:
        """The first good look at a new check is news, but no evidence of anything."""
        event_id = uuid7()
        document, key = None, None
        if not (move.before is None and move.after == "up"):
            key = evidence.key_of(check, move.at, event_id)
            document = evidence.evidence(check, self._location, move, seen)
        certificate = certificate_of(seen.certificate) if seen.certificate else None
        change = Change(check, self._location, move, brief(seen), certificate, event_id, key)
        self._recorder.change(change, document)

    def certificate(self, check_id: int, seen: dict[str, Any]) -> None:
        self._recorder.certificate(check_id, seen)

    def answer(self, request_id: str, summary: dict[str, Any]) -> None:
        self._recorder.answer(request_id, summary)

    def trouble(self, kind: str, /, **details: Any) -> None:
        self._recorder.trouble(kind, **details)

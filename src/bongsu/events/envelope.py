"""What an event is: stored once, matched on a superset, rendered as CloudEvents or EventBridge."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bongsu.kit.clock import iso
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

DATA_LIMIT_BYTES = 256 * 1024
DEPTH_LIMIT = 8  # how many times an event may cause another before the loop is cut
WORKSPACE = "bongsu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event before it is in the log. `subject` is the object's key, e.g. `check/12`.

    `id` is given only where something stored before the transaction (evidence) must carry it.
    """

    type: str
    source: str
    subject: str
    data: dict[str, Any] = field(default_factory=dict)
    resources: tuple[str, ...] = ()
    severity: int = 1
    actor: str = "system"
    dedup_key: str | None = None
    correlation: str | None = None
    causation: str | None = None
    depth: int = 0
    time: datetime | None = None
    site: str = "here"
    id: str | None = None

    def caused_by(self, cause: "Event") -> "Draft":
        """The same draft as an effect of `cause`: correlation, causation and depth follow."""
        values = {name: getattr(self, name) for name in self.__slots__}
        values |= {
            "correlation": cause.correlation or cause.id,
            "causation": cause.id,
            "depth": cause.depth + 1,
        }
        return Draft(**values)

    def checked(self) -> "Draft":
        """Raises Invalid when the data is larger than an event may be."""
        size_bytes = len(json.dumps(self.data, ensure_ascii=False).encode())
        if size_bytes > DATA_LIMIT_BYTES:
            raise Invalid(
                say(
                    "Event {type} carries {size} bytes; the limit is {limit}. Keep the rest as an object.",
                    type=self.type,
                    size=size_bytes,
                    limit=DATA_LIMIT_BYTES,
                )
            )
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    seq: int
    id: str
    source: str
    type: str
    subject: str
    resources: tuple[str, ...]
    time: datetime
    recorded: datetime
    workspace: str
    site: str
    data: dict[str, Any]
    correlation: str | None
    causation: str | None
    depth: int
    severity: int
    actor: str
    dedup_key: str | None

    def match_view(self) -> dict[str, Any]:
        """What rules see: EventBridge's names and CloudEvents' names of the same values."""
        return self.eventbridge() | {
            "specversion": "1.0",
            "type": self.type,
            "subject": self.subject,
            "severity": self.severity,
            "actor": self.actor,
            "data": self.data,
        }

    def eventbridge(self) -> dict[str, Any]:
        return {
            "version": "0",
            "id": self.id,
            "source": self.source,
            "detail-type": self.type,
            "account": self.workspace,
            "time": iso(self.time),
            "region": self.site,
            "resources": [self.subject, *self.resources],
            "detail": self.data,
        }

    def cloudevent(self) -> dict[str, Any]:
        """CloudEvents 1.0 JSON. Extension names are lower case letters, as the standard wants."""
        extensions = {
            "sequence": str(self.seq),
            "recordedtime": iso(self.recorded),
            "workspace": self.workspace,
            "site": self.site,
            "correlationid": self.correlation,
            "causationid": self.causation,
            "severitynumber": self.severity,
            "authid": self.actor,
            "dedupkey": self.dedup_key,
            "resources": " ".join(self.resources) or None,
        }
        core: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": iso(self.time),
            "datacontenttype": "application/json",
            "data": self.data,
        }
        return core | {name: value for name, value in extensions.items() if value is not None}

"""SQL of the named channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import insert_ignore
from bongsu.db.session import Tx
from bongsu.deliver.tables import channel
from bongsu.kit.i18n import Said
from bongsu.kit.redact import redact_value

LIST_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """An address with a name, such as `ops-slack`. Secrets in `options` are references."""

    id: int
    name: str
    kind: str
    options: dict[str, Any]
    enabled: bool
    disabled_because: Said | None
    defined_in: str | None

    def shown(self) -> dict[str, Any]:
        """For people and events: what looks like a secret in clear is hidden all the same."""
        names = ("name", "kind", "enabled", "defined_in")
        because = str(self.disabled_because) if self.disabled_because else None
        return {name: getattr(self, name) for name in names} | {
            "options": redact_value("options", self.options),
            "disabled_because": because,
        }


async def insert(tx: Tx, values: Mapping[str, Any]) -> int | None:
    """None when the name is taken."""
    done = await tx.execute(insert_ignore(tx, channel, values).returning(channel.c.id))
    made = done.scalar_one_or_none()
    return None if made is None else int(made)


async def by_name(tx: Tx, name: str) -> Channel | None:
    row = await tx.row(sa.select(channel).where(channel.c.name == name))
    return None if row is None else _channel(row)


async def every(tx: Tx) -> list[Channel]:
    """By name (unique key); at most 500."""
    query = sa.select(channel).order_by(channel.c.name).limit(LIST_LIMIT)
    return [_channel(row) for row in await tx.rows(query)]


async def update(tx: Tx, name: str, values: Mapping[str, Any]) -> bool:
    return (
        await tx.execute(sa.update(channel).where(channel.c.name == name).values(**values))
    ).rowcount == 1


async def disable(tx: Tx, name: str, because: Said, now: datetime) -> bool:
    """False when it was off already."""
    on = sa.update(channel).where(channel.c.name == name, channel.c.enabled.is_(True))
    values = {"enabled": False, "disabled_because": because.stored(), "updated_at": now}
    return (await tx.execute(on.values(**values))).rowcount == 1


async def delete(tx: Tx, name: str) -> bool:
    return (await tx.execute(sa.delete(channel).where(channel.c.name == name))).rowcount == 1


def _channel(row: sa.Row[Any]) -> Channel:
    because = Said.load(row.disabled_because) if row.disabled_because else None
    return Channel(
        id=row.id,
        name=row.name,
        kind=row.kind,
        options=row.options,
        enabled=row.enabled,
        disabled_because=because,
        defined_in=row.defined_in,
    )

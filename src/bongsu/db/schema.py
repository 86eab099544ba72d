"""The one metadata and the column types that both databases share."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.kit.clock import from_micros, micros

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC datetimes kept as whole microseconds: same order, same precision on both databases."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


Json = sa.JSON
_LARGEST = 2**63 - 1


class _BigId(sa.types.TypeDecorator[int]):
    """A number that an address or a query brought may be of any size. Beyond what a column can hold it is
    taken for the largest: no row has that, and comparisons stay right."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        kind = sa.Integer() if dialect.name == "sqlite" else sa.BigInteger()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: int | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else max(-_LARGEST, min(value, _LARGEST))


BigId = _BigId()


def identity() -> sa.Column[int]:
    """An integer primary key that never hands out a number twice."""
    return sa.Column("id", BigId, primary_key=True, autoincrement=True)

"""Rules: which events lead to what."""

import sqlalchemy as sa

from bongsu.db.schema import Json, UtcTime, identity, metadata

rule = sa.Table(
    "rule",
    metadata,
    identity(),
    sa.Column("name", sa.String(63), nullable=False, unique=True),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("pattern", Json, nullable=False),
    sa.Column("actions", Json, nullable=False),
    sa.Column("builtin", sa.Boolean, nullable=False),
    sa.Column("defined_in", sa.String(256)),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

"""Architecture files that are drawn here, one row for each environment."""

import sqlalchemy as sa

from bongsu.db.schema import UtcTime, identity, metadata

architecture = sa.Table(
    "architecture",
    metadata,
    identity(),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("environment", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("lock", sa.Text, nullable=False),  # of ranges; empty: none was given
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.UniqueConstraint("name", "environment"),
    sqlite_autoincrement=True,
)

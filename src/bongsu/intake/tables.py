"""Who may send, what was taken already, and how things elsewhere stand."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, identity, metadata

intake_source = sa.Table(
    "intake_source",
    metadata,
    identity(),
    sa.Column("name", sa.String(63), nullable=False, unique=True),
    sa.Column("kind", sa.String(63), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("sender", sa.String(200)),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("last_at", UtcTime),
    sa.Column("last_refusal", Json),  # a stored Said
    sqlite_autoincrement=True,
)

# A message is here while its sender may send it again: whoever inserts the row takes it.
intake_taken = sa.Table(
    "intake_taken",
    metadata,
    sa.Column(
        "source_id", BigId, sa.ForeignKey("intake_source.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_intake_taken_at", "at"),
)

intake_report = sa.Table(
    "intake_report",
    metadata,
    sa.Column(
        "source_id", BigId, sa.ForeignKey("intake_source.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("thing", sa.String(600), primary_key=True),
    sa.Column("title", sa.String(255), nullable=False),
    sa.Column("about", sa.String(255), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("event_id", sa.String(36)),
)

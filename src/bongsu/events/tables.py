"""The append-only log, its readers' cursors and what they had to set aside."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, metadata

event = sa.Table(
    "event",
    metadata,
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("source", sa.String(128), nullable=False),
    sa.Column("type", sa.String(128), nullable=False),
    sa.Column("subject", sa.String(256), nullable=False),
    sa.Column("resources", Json, nullable=False),
    sa.Column("time", UtcTime, nullable=False),
    sa.Column("recorded", UtcTime, nullable=False),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("site", sa.String(64), nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("correlation", sa.String(64)),
    sa.Column("causation", sa.String(36)),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("severity", sa.Integer, nullable=False),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("dedup_key", sa.String(255)),
    sa.Index("ix_event_type_seq", "type", "seq"),
    sa.Index("ix_event_subject_seq", "subject", "seq"),
    sa.Index("ix_event_actor_seq", "actor", "seq"),
    sa.Index("ix_event_recorded", "recorded"),
    sqlite_autoincrement=True,
)

cursor = sa.Table(
    "log_cursor",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("seq", BigId, nullable=False),
    sa.Column("moved_at", UtcTime, nullable=False),
)

set_aside = sa.Table(
    "log_set_aside",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

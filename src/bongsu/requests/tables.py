"""Triggers over the stream of requests. The requests themselves are in the lake."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, identity, metadata

request_trigger = sa.Table(
    "request_trigger",
    metadata,
    identity(),
    sa.Column("name", sa.String(63), nullable=False, unique=True),
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("pattern", Json, nullable=False),
    sa.Column("at_least", sa.Integer, nullable=False),
    sa.Column("window_s", sa.Integer, nullable=False),
    sa.Column("per", sa.String(16), nullable=False),
    sa.Column("severity", sa.Integer, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("builtin", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

# What each `serve` process saw in a second, so that the window is everybody's and outlives a restart.
request_hit = sa.Table(
    "request_hit",
    metadata,
    identity(),
    sa.Column(
        "trigger_id", BigId, sa.ForeignKey("request_trigger.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("samples", Json, nullable=False),
    sa.Index("ix_request_hit_key", "trigger_id", "key", "at"),
    sa.Index("ix_request_hit_at", "at"),
    sqlite_autoincrement=True,
)

# A row is there while the trigger fires for this key: whoever inserts it tells the log, and whoever deletes it.
request_firing = sa.Table(
    "request_firing",
    metadata,
    sa.Column(
        "trigger_id",
        BigId,
        sa.ForeignKey("request_trigger.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("last_at", UtcTime, nullable=False),
    sa.Column("n", BigId, nullable=False),
)

# Who left for good, and whose name in the lake is still to be taken away.
request_leaver = sa.Table(
    "request_leaver",
    metadata,
    sa.Column("user_id", BigId, primary_key=True, autoincrement=False),
    sa.Column("left_at", UtcTime, nullable=False),
)

"""The outbox: what must leave, what happened to it."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, identity, metadata

channel = sa.Table(
    "channel",
    metadata,
    identity(),
    sa.Column("name", sa.String(63), nullable=False, unique=True),
    sa.Column("kind", sa.String(63), nullable=False),
    sa.Column("options", Json, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("disabled_because", Json),
    sa.Column("defined_in", sa.String(256)),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

delivery = sa.Table(
    "delivery",
    metadata,
    identity(),
    sa.Column(
        "key", sa.String(255), nullable=False, unique=True
    ),  # the same thing is never queued twice
    sa.Column("kind", sa.String(63), nullable=False),  # the channel kind
    sa.Column("channel", sa.String(63)),  # the channel's name, when it has one
    sa.Column("lane", sa.String(128), nullable=False),  # what hangs together: "mail", "webhook/ops"
    sa.Column("options", Json, nullable=False),  # the kind's options; secrets as references
    sa.Column("recipient", sa.String(254), nullable=False),  # for people
    sa.Column("message", Json, nullable=False),
    sa.Column("subject", sa.String(256), nullable=False),  # incident/12
    sa.Column("event_id", sa.String(36)),
    sa.Column("state", sa.String(16), nullable=False),  # waiting | sending | delivered | dead
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", UtcTime),
    sa.Column("claimed_by", sa.String(36)),
    sa.Column("claimed_until", UtcTime),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("finished_at", UtcTime),
    sa.Column("receipt", Json),
    sa.Column("secret_link", sa.Text),  # never read but to send; emptied when it is over
    sa.Index("ix_delivery_due", "state", "next_attempt_at"),
    sa.Index("ix_delivery_lane", "state", "lane", "next_attempt_at"),
    sa.Index("ix_delivery_subject", "subject", "id"),
    sqlite_autoincrement=True,
)

delivery_attempt = sa.Table(
    "delivery_attempt",
    metadata,
    identity(),
    sa.Column(
        "delivery_id", BigId, sa.ForeignKey("delivery.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("duration_ms", sa.Integer, nullable=False),
    sa.Column("ok", sa.Boolean, nullable=False),
    sa.Column("text", sa.Text, nullable=False),  # what the other side said
    sa.Index("ix_delivery_attempt_delivery", "delivery_id"),
    sqlite_autoincrement=True,
)

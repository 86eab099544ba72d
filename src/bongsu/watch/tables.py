"""Checks, their states, and what is asked of the watch role."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, identity, metadata

check = sa.Table(
    "check_definition",
    metadata,
    identity(),
    sa.Column("service_id", BigId, sa.ForeignKey("service.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.String(63), nullable=False),
    sa.Column("kind", sa.String(63), nullable=False),
    sa.Column("options", Json, nullable=False),
    sa.Column("every_s", sa.Float, nullable=False),
    sa.Column("timeout_s", sa.Float, nullable=False),
    sa.Column("confirm", sa.Integer, nullable=False),
    sa.Column("recover", sa.Integer, nullable=False),
    sa.Column("expect", Json, nullable=False),
    sa.Column("warn", Json, nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("locations", Json, nullable=False),
    sa.Column("quorum", sa.Integer, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.UniqueConstraint("service_id", "name"),
    sqlite_autoincrement=True,
)

generation = sa.Table(  # one row, moved by every change of configuration; watch polls it
    "check_generation",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", BigId, nullable=False),
)

check_state = sa.Table(  # the combined state, written when it changes
    "check_state",
    metadata,
    sa.Column(
        "check_id",
        BigId,
        sa.ForeignKey("check_definition.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("reason", Json),  # a stored Said
    sa.Column("evidence", sa.String(256)),
    sa.Column("event_id", sa.String(36)),
    sa.Column("certificate", Json),  # the last one seen: subject, issuer, not_after …
)

location_state = sa.Table(  # one location's own verdict, written when it changes
    "location_state",
    metadata,
    sa.Column(
        "check_id",
        BigId,
        sa.ForeignKey("check_definition.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("location", sa.String(63), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("reason", Json),
    sa.Column("at", UtcTime, nullable=False),
)

snapshot = sa.Table(  # what a location saw last of every check; one row a location, every 2 s
    "location_snapshot",
    metadata,
    sa.Column("location", sa.String(63), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("generation", BigId, nullable=False),
    sa.Column(
        "body", sa.LargeBinary, nullable=False
    ),  # zlib of JSON [[check_id, state, ms, at_s], …]
)

probe_request = sa.Table(
    "probe_request",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column(
        "check_id", BigId, sa.ForeignKey("check_definition.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("generation", BigId, nullable=False),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("asked_at", UtcTime, nullable=False),
    sa.Column("claimed_at", UtcTime),
    sa.Column("done_at", UtcTime),
    sa.Column("result", Json),  # a summary of the Observation
    sa.Index("ix_probe_request_open", "claimed_at", "asked_at"),
    sa.Index("ix_probe_request_check", "check_id", "asked_at"),
)

"""Incidents, what they touch, and their timeline."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, identity, metadata

incident = sa.Table(
    "incident",
    metadata,
    identity(),
    sa.Column("title", Json, nullable=False),  # a stored Said
    sa.Column("severity", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # open | acknowledged | resolved
    sa.Column("dedup_key", sa.String(255), nullable=False),
    sa.Column("service_id", BigId, sa.ForeignKey("service.id", ondelete="SET NULL")),
    sa.Column("rule", sa.String(63), nullable=False),
    sa.Column("audience", Json, nullable=False),  # whom the rule wants told, e.g. ["owners"]
    sa.Column("opened_at", UtcTime, nullable=False),
    sa.Column("acknowledged_at", UtcTime),
    sa.Column("holder_id", BigId, sa.ForeignKey("user_account.id", ondelete="SET NULL")),
    sa.Column("resolved_at", UtcTime),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.Column("next_plan_at", UtcTime),  # the due row of the plan; null: nothing to plan
    sa.Column("correlation", sa.String(64), nullable=False),
    sa.Index(
        "uq_incident_open_dedup_key",
        "dedup_key",
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    ),
    sa.Index("ix_incident_next_plan_at", "next_plan_at"),
    sa.Index("ix_incident_service", "service_id", "opened_at"),
    sa.Index("ix_incident_state", "state", "opened_at"),
    sqlite_autoincrement=True,
)

incident_object = sa.Table(  # what an incident touches; it resolves when all of them are well
    "incident_object",
    metadata,
    sa.Column(
        "incident_id", BigId, sa.ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("subject", sa.String(256), primary_key=True),  # check/12
    sa.Column("title", sa.String(256), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("reason", Json),
    sa.Column("evidence", sa.String(256)),
)

incident_entry = sa.Table(
    "incident_entry",
    metadata,
    identity(),
    sa.Column(
        "incident_id", BigId, sa.ForeignKey("incident.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column(
        "kind", sa.String(24), nullable=False
    ),  # opened changed told not_told acknowledged comment …
    sa.Column("said", Json, nullable=False),  # a stored Said; for a comment the person's own words
    sa.Column("because", Json),  # a stored Said
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("event_id", sa.String(36)),
    sa.Column("evidence", sa.String(256)),
    sa.Column("note_id", BigId),  # the comment in the room notes whose words these are
    sa.Index("ix_incident_entry_incident", "incident_id", "at"),
    sa.Index("ix_incident_entry_note", "note_id"),
    sqlite_autoincrement=True,
)

"""What a team answers for."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, identity, metadata

service = sa.Table(
    "service",
    metadata,
    identity(),
    sa.Column("name", sa.String(63), nullable=False, unique=True),
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("group_title", sa.String(120), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("tags", Json, nullable=False),
    sa.Column("links", Json, nullable=False),  # [{"title", "url"}]
    sa.Column("defined_in", sa.String(256)),  # file:line when a file defines it
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

service_owner = sa.Table(
    "service_owner",
    metadata,
    sa.Column(
        "service_id", BigId, sa.ForeignKey("service.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("team_id", BigId, sa.ForeignKey("team.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("ix_service_owner_team", "team_id"),
)

"""Who was told what, who was not, and why."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, identity, metadata

telling = sa.Table(
    "telling",
    metadata,
    identity(),
    sa.Column("subject", sa.String(256), nullable=False),  # incident/12
    sa.Column("occasion", sa.String(24), nullable=False),  # opened | worse | resolved …
    sa.Column("severity", sa.Integer, nullable=False),  # of the subject, when it was told
    sa.Column("person", sa.String(254), nullable=False),  # a name for people
    sa.Column("user_id", BigId, sa.ForeignKey("user_account.id", ondelete="SET NULL")),
    sa.Column("channel", sa.String(63), nullable=False),  # mail, or a channel's name
    sa.Column("told", sa.Boolean, nullable=False),
    sa.Column("reason", Json, nullable=False),  # a stored Said
    sa.Column("until", UtcTime),
    sa.Column("delivery_id", BigId, sa.ForeignKey("delivery.id", ondelete="SET NULL")),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_telling_subject", "subject", "at"),
    sqlite_autoincrement=True,
)

"""Who was told what, who was not, and why; what people want to be told; what waits to be said."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, identity, metadata


def _person(*, key: bool = False) -> sa.Column[int]:
    there = sa.ForeignKey("user_account.id", ondelete="CASCADE")
    return sa.Column("user_id", BigId, there, primary_key=key, nullable=False)


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
    sa.Column("event_id", sa.String(36)),  # what there was to tell
    sa.Index("ix_telling_subject", "subject", "at"),
    sa.Index("ix_telling_delivery_id", "delivery_id"),
    sqlite_autoincrement=True,
)

preference = sa.Table(  # of who has chosen something; what is in no row is as delivered
    "telling_preference",
    metadata,
    _person(key=True),
    sa.Column("off", sa.Boolean, nullable=False),
    sa.Column("own", sa.Boolean, nullable=False),
    sa.Column("never", Json, nullable=False),  # {"mail": ["commented"]}
    sa.Column("at_once", Json, nullable=False),
    sa.Column("digest", sa.String(16), nullable=False),  # at_once | hourly | daily
    sa.Column("digest_hour", sa.Integer, nullable=False),
    sa.Column("quiet_from", sa.String(5)),  # 22:00, by the person's own clock
    sa.Column("quiet_until", sa.String(5)),
    sa.Column("quiet_weekends", sa.Boolean, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
)

project_choice = sa.Table(  # every project that a person has heard of, and what they want of it
    "telling_project",
    metadata,
    _person(key=True),
    sa.Column("project", sa.String(64), primary_key=True),  # project/1
    sa.Column("title", sa.String(254), nullable=False),
    sa.Column("choice", sa.String(8), nullable=False),  # '' | all | mine | mute
    sa.Index("ix_telling_project_project", "project", "choice"),
)

muted = sa.Table(
    "telling_mute",
    metadata,
    _person(key=True),
    sa.Column("subject", sa.String(256), primary_key=True),  # task/42
    sa.Column("heading", sa.String(254), nullable=False),
    sa.Column("path", sa.String(254), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

thread = sa.Table(  # a mail program tells threads by their first subject, so it is kept for good
    "telling_thread",
    metadata,
    sa.Column("subject", sa.String(256), primary_key=True),
    sa.Column("heading", sa.String(254), nullable=False),  # [TSK-42] Pin the client
    sa.Column("path", sa.String(254), nullable=False),
)

key = sa.Table(  # signs the links of one person's mails
    "telling_key",
    metadata,
    _person(key=True),
    sa.Column("secret", sa.String(64), nullable=False),
)

notice = sa.Table(  # what is still to be told to one person
    "notice",
    metadata,
    identity(),
    _person(),
    sa.Column("subject", sa.String(256), nullable=False),
    sa.Column("by_id", BigId),  # who did it
    sa.Column("run", sa.String(32), nullable=False),  # names the text while it may be edited on
    sa.Column("mode", sa.String(8), nullable=False),  # run | digest
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("events", Json, nullable=False),  # ids, oldest first
    sa.Column("telling_id", BigId, sa.ForeignKey("telling.id", ondelete="SET NULL")),
    sa.Column("due_at", UtcTime, nullable=False),  # moved on by whoever claims it
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Index("ix_notice_due_at", "due_at"),
    sa.Index("ix_notice_user_id_subject", "user_id", "subject"),
    sa.Index("ix_notice_subject_run", "subject", "run"),
    sqlite_autoincrement=True,
)

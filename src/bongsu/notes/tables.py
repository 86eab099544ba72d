"""Comments and attachments. What they hang on is a key such as `task/42`; no table of another room is named."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, identity, metadata


def _author() -> sa.Column[int]:
    return sa.Column("author_id", BigId, sa.ForeignKey("user_account.id", ondelete="SET NULL"))


note = sa.Table(  # a comment
    "note",
    metadata,
    identity(),
    sa.Column("subject", sa.String(64), nullable=False),  # task/42
    _author(),
    sa.Column("actor", sa.String(128), nullable=False),  # user/3, token/5, system
    sa.Column("text", sa.Text, nullable=False),  # Markdown; emptied some minutes after a removal
    sa.Column("mentions", Json, nullable=False),  # numbers of people
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("edited_at", UtcTime),
    sa.Column("removed_at", UtcTime),
    sa.Column("removed_by", sa.String(128)),
    sa.Index("ix_note_subject", "subject", "id"),
    sa.Index("ix_note_author", "author_id", "id"),
    sa.Index("ix_note_removed", "removed_at"),
    sqlite_autoincrement=True,
)

attachment = sa.Table(
    "attachment",
    metadata,
    identity(),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("note_id", BigId, sa.ForeignKey("note.id", ondelete="SET NULL")),  # came with it
    _author(),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("size_bytes", BigId, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # by its content, see kinds.py
    sa.Column("claimed", sa.String(16)),  # the kind that its name says, where that is another
    sa.Column("folder", sa.String(128), nullable=False),  # of its objects: file, thumb, view
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("removed_at", UtcTime),
    sa.Column("removed_by", sa.String(128)),
    sa.Column("picture", sa.String(16), nullable=False),  # none | waiting | made | refused
    sa.Column("refusal", Json),  # a stored Said
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("claimed_until", UtcTime),
    sa.Column("width", sa.Integer),  # of the picture, upright
    sa.Column("height", sa.Integer),
    sa.Column("thumb_width", sa.Integer),
    sa.Column("thumb_height", sa.Integer),
    sa.Index("ix_attachment_subject", "subject", "id"),
    sa.Index("ix_attachment_author", "author_id", "id"),
    sa.Index("ix_attachment_picture", "picture", "id"),
    sa.Index("ix_attachment_removed", "removed_at"),
    sqlite_autoincrement=True,
)

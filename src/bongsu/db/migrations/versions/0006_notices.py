"""What people want to be told, and what waits to be said."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_user_id_user_account")
    return sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    with op.batch_alter_table("telling", schema=None) as batch_op:
        batch_op.add_column(sa.Column("event_id", sa.String(length=36), nullable=True))
        batch_op.create_index("ix_telling_delivery_id", ["delivery_id"], unique=False)
    op.create_table(
        "telling_preference",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("off", sa.Boolean(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("never", sa.JSON(), nullable=False),
        sa.Column("at_once", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.Column("quiet_weekends", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        _of_person("telling_preference"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_telling_preference")),
    )
    op.create_table(
        "telling_project",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=254), nullable=False),
        sa.Column("choice", sa.String(length=8), nullable=False),
        _of_person("telling_project"),
        sa.PrimaryKeyConstraint("user_id", "project", name=op.f("pk_telling_project")),
    )
    op.create_index("ix_telling_project_project", "telling_project", ["project", "choice"])
    op.create_table(
        "telling_mute",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("subject", sa.String(length=256), nullable=False),
        sa.Column("heading", sa.String(length=254), nullable=False),
        sa.Column("path", sa.String(length=254), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _of_person("telling_mute"),
        sa.PrimaryKeyConstraint("user_id", "subject", name=op.f("pk_telling_mute")),
    )
    op.create_table(
        "telling_thread",
        sa.Column("subject", sa.String(length=256), nullable=False),
        sa.Column("heading", sa.String(length=254), nullable=False),
        sa.Column("path", sa.String(length=254), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_telling_thread")),
    )
    op.create_table(
        "telling_key",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        _of_person("telling_key"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_telling_key")),
    )
    op.create_table(
        "notice",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("subject", sa.String(length=256), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("telling_id", ID, nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        _of_person("notice"),
        sa.ForeignKeyConstraint(
            ["telling_id"],
            ["telling.id"],
            name=op.f("fk_notice_telling_id_telling"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notice_due_at", "notice", ["due_at"])
    op.create_index("ix_notice_user_id_subject", "notice", ["user_id", "subject"])
    op.create_index("ix_notice_subject_run", "notice", ["subject", "run"])

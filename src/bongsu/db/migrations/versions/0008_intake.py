"""Who may send events here, what was taken, and how things elsewhere stand."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake_source",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=63), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=True),
        sa.Column("last_refusal", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_source")),
        sa.UniqueConstraint("name", name=op.f("uq_intake_source_name")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_intake_source_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "intake_taken",
        sa.Column(
            "source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["intake_source.id"],
            name=op.f("fk_intake_taken_source_id_intake_source"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_intake_taken")),
    )
    with op.batch_alter_table("intake_taken", schema=None) as batch_op:
        batch_op.create_index("ix_intake_taken_at", ["at"], unique=False)

    op.create_table(
        "intake_report",
        sa.Column(
            "source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("thing", sa.String(length=600), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["intake_source.id"],
            name=op.f("fk_intake_report_source_id_intake_source"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_id", "thing", name=op.f("pk_intake_report")),
    )

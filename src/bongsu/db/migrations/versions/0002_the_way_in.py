"""Who may join, whose address is verified, resets by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    policy = op.create_table(
        "entry_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("joining", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("domains", sa.JSON(), nullable=False),
        sa.Column("mfa_required", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_policy")),
    )
    as_before = {"joining": "invite", "role": "viewer", "domains": [], "mfa_required": False}
    op.bulk_insert(policy, [{"id": 1, **as_before}])
    op.add_column("user_account", sa.Column("verified_at", sa.BigInteger(), nullable=True))
    op.add_column("user_account", sa.Column("deleted_at", sa.BigInteger(), nullable=True))
    op.add_column("door", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("delivery", sa.Column("secret_link", sa.Text(), nullable=True))
    op.create_index("ix_event_actor_seq", "event", ["actor", "seq"])
    _verify_who_is_here()


def _verify_who_is_here() -> None:
    """Everybody who has come in before; an open invitation is verified when its link is used."""
    user = sa.table(
        "user_account",
        sa.column("created_at", sa.BigInteger()),
        sa.column("verified_at", sa.BigInteger()),
        sa.column("password_hash", sa.Text()),
    )
    here = user.c.password_hash.is_not(None)
    op.execute(sa.update(user).where(here).values(verified_at=user.c.created_at))

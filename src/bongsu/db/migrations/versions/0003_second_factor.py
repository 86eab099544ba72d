"""Second factors and sign-in through a provider."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_user_id_user_account")
    return sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    opened_by = sa.Column("opened_by", sa.String(64), nullable=False, server_default="password")
    op.add_column("session", opened_by)
    trusted: sa.Column[bool] = sa.Column(
        "oidc_trusted", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("entry_policy", trusted)
    op.create_table(
        "half_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", _BIG_ID, nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        _of_user("half_session"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_half_session")),
    )
    op.create_index("ix_half_session_user", "half_session", ["user_id"])
    op.create_table(
        "second_factor",
        sa.Column("user_id", _BIG_ID, nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("pending", sa.Text(), nullable=True),
        sa.Column("pending_at", sa.BigInteger(), nullable=True),
        _of_user("second_factor"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("user_id", _BIG_ID, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        _of_user("recovery_code"),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    _provider()


def _provider() -> None:
    op.create_table(
        "login_identity",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("user_id", _BIG_ID, nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("strong", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        _of_user("login_identity"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_login_identity_issuer_subject")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_login_identity_user", "login_identity", ["user_id"])
    op.create_table(
        "oidc_flow",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("user_id", _BIG_ID, nullable=True),
        sa.Column("after", sa.String(length=1000), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        _of_user("oidc_flow"),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_oidc_flow")),
    )
    op.create_index("ix_oidc_flow_expires", "oidc_flow", ["expires_at"])

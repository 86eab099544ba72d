"""People, teams and what lets them in."""

import sqlalchemy as sa

from bongsu.db.schema import BigId, Json, UtcTime, identity, metadata

user = sa.Table(
    "user_account",
    metadata,
    identity(),
    sa.Column("email", sa.String(254), nullable=False, unique=True),  # lower case
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("password_hash", sa.Text),
    sa.Column("language", sa.String(8)),
    sa.Column("time_zone", sa.String(64)),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("disabled_at", UtcTime),
    sa.Column("verified_at", UtcTime),  # when they showed that mail to `email` reaches them
    sa.Column("deleted_at", UtcTime),  # the row stays, so that history keeps its shape
    sqlite_autoincrement=True,
)

team = sa.Table(
    "team",
    metadata,
    identity(),
    sa.Column("name", sa.String(63), nullable=False, unique=True),
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

team_member = sa.Table(
    "team_member",
    metadata,
    sa.Column("team_id", BigId, sa.ForeignKey("team.id", ondelete="CASCADE"), primary_key=True),
    sa.Column(
        "user_id", BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Index("ix_team_member_user", "user_id"),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column(
        "user_id", BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("agent", sa.String(256), nullable=False),
    # how it was opened, first step first: password | link | oidc, then mfa | totp | recovery
    sa.Column("opened_by", sa.String(64), nullable=False, server_default="password"),
    sa.Index("ix_session_user", "user_id"),
)

half_session = sa.Table(  # the password was right, the code is still asked for
    "half_session",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column(
        "user_id", BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("opened_by", sa.String(64), nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Index("ix_half_session_user", "user_id"),
)

second_factor = sa.Table(
    "second_factor",
    metadata,
    sa.Column(
        "user_id", BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("secret", sa.Text),  # sealed; NULL until a code of it was given once
    sa.Column("last_step", sa.BigInteger, nullable=False),  # of the last code that was taken
    sa.Column("confirmed_at", UtcTime),
    sa.Column("pending", sa.Text),  # sealed; shown, and not confirmed yet
    sa.Column("pending_at", UtcTime),
)

recovery_code = sa.Table(
    "recovery_code",
    metadata,
    sa.Column(
        "user_id", BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("code_hash", sa.String(64), primary_key=True),
    sa.Column("used_at", UtcTime),
)

login_identity = sa.Table(  # who a person is at the OIDC provider
    "login_identity",
    metadata,
    identity(),
    sa.Column(
        "user_id", BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("issuer", sa.String(255), nullable=False),
    sa.Column("subject", sa.String(255), nullable=False),
    sa.Column("email", sa.String(254), nullable=False),  # as the provider last said it; may be ""
    sa.Column("strong", sa.Boolean, nullable=False),  # whether it last said: with a second factor
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime, nullable=False),
    sa.UniqueConstraint("issuer", "subject"),
    sa.Index("ix_login_identity_user", "user_id"),
    sqlite_autoincrement=True,
)

oidc_flow = sa.Table(  # on the way to the provider and back; each state comes back once
    "oidc_flow",
    metadata,
    sa.Column("state_hash", sa.String(64), primary_key=True),
    sa.Column("browser_hash", sa.String(64), nullable=False),
    sa.Column("issuer", sa.String(255), nullable=False),
    sa.Column("user_id", BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE")),  # to link
    sa.Column("after", sa.String(1000), nullable=False),  # the page to go on to
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Index("ix_oidc_flow_expires", "expires_at"),
)

api_token = sa.Table(
    "api_token",
    metadata,
    identity(),
    sa.Column(
        "user_id", BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("scopes", Json, nullable=False),  # roles' actions it may use; [] = read only
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime),
    sa.Column("used_at", UtcTime),
    sa.Column("revoked_at", UtcTime),
    sqlite_autoincrement=True,
)

door = sa.Table(  # one-time links: the first admin, an invitation, a reset, an address
    "door",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("purpose", sa.String(16), nullable=False),  # admin | invite | reset | verify | email
    sa.Column("user_id", BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE")),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
    sa.Column("email", sa.String(254)),  # the new address that a link of `email` was sent to
)

attempt = sa.Table(  # counters of rate limits, per account and per address
    "attempt",
    metadata,
    sa.Column("key", sa.String(300), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("window_ends_at", UtcTime, nullable=False),
)

entry_policy = sa.Table(  # one row: who may join
    "entry_policy",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("joining", sa.String(16), nullable=False),  # open | invite | closed
    # of an account that somebody makes themselves
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("domains", Json, nullable=False),
    sa.Column("mfa_required", sa.Boolean, nullable=False),
    # the OIDC provider asks everybody for a second factor, whether or not it says so each time
    sa.Column("oidc_trusted", sa.Boolean, nullable=False, server_default=sa.false()),
)

"""Second factors and sign-in through a provider."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the room that owns these tables."""

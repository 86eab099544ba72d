"""Who may join, whose address is verified, resets by mail."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the room that owns these tables."""

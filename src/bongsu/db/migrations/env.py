"""Alembic's entry. Called by `db.migrate`, never by alembic's own command line."""

from typing import Any, Literal

from alembic import context

from bongsu.db.schema import UtcTime, metadata
from bongsu.db.tables import load_all


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A migration names plain types only, so that it outlives today's code."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, UtcTime) else False


load_all()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=False,
    render_item=render,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()

"""All SQL of what is dropped of somebody who leaves."""

from datetime import datetime

import sqlalchemy as sa

from bongsu.accounts.tables import (
    api_token,
    door,
    half_session,
    login_identity,
    oidc_flow,
    recovery_code,
    second_factor,
    session,
    team_member,
    user,
)
from bongsu.db.session import Tx

NAME = "Deleted person"  # as pages show it is a sentence of the catalogue, see web/components/people.html
_OWN = (
    session,
    half_session,
    api_token,
    door,
    second_factor,
    recovery_code,
    login_identity,
    oidc_flow,
    team_member,
)


async def erase(tx: Tx, user_id: int, now: datetime) -> bool:
    """Mail, name and every way in are gone, the number stays. False when somebody did so before.

    What stands for the address is none, so that nothing can be sent to it and nobody can sign in with it.
    """
    for table in _OWN:
        await tx.execute(sa.delete(table).where(table.c.user_id == user_id))
    this = (user.c.id == user_id, user.c.deleted_at.is_(None))
    values = {
        "email": f"deleted/{user_id}",
        "name": NAME,
        "role": "viewer",
        "password_hash": None,
        "language": None,
        "time_zone": None,
        "disabled_at": sa.func.coalesce(
            user.c.disabled_at, sa.literal(now, user.c.disabled_at.type)
        ),
        "deleted_at": now,
    }
    return (await tx.execute(sa.update(user).where(*this).values(**values))).rowcount == 1

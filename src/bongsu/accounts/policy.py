"""Who may join, as what, from where, and whether a second factor is compulsory: one row for the whole place."""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from bongsu.accounts import store_factors, store_policy
from bongsu.accounts.audit import audit
from bongsu.accounts.inputs import PolicyChange
from bongsu.accounts.model import Actor, changed, require
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say

Join = Literal["open", "invite", "closed"]
JOINS: tuple[Join, ...] = get_args(Join)
JOIN_TITLES = {
    "open": say("Anybody may sign up"),
    "invite": say("By invitation only"),
    "closed": say("Nobody new"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """`role` is what a self-made account gets; it is never that of an administrator.

    `domains` are those of mail addresses that may sign up; none given: all. They say nothing of whom an
    administrator invites.
    """

    join: Join = "invite"
    role: str = "viewer"
    domains: tuple[str, ...] = ()
    mfa_required: bool = False
    oidc_trusted: bool = False  # the provider asks everybody for a second factor

    def takes(self, email: str) -> bool:
        """Whether an address of this domain may be used by whoever chooses it; sub-domains count apart."""
        return not self.domains or email.rpartition("@")[2] in self.domains

    def shown(self) -> dict[str, Any]:
        return {
            "join": self.join,
            "role": self.role,
            "domains": list(self.domains),
            "mfa_required": self.mfa_required,
            "oidc_trusted": self.oidc_trusted,
        }


async def load(tx: Tx, *, hold: bool = False) -> Policy:
    """By primary key. `hold`: nobody else changes it before this transaction ends."""
    row = await store_policy.row(tx, hold)
    if row is None:
        return Policy()
    return Policy(row.joining, row.role, tuple(row.domains), row.mfa_required, row.oidc_trusted)


async def get(tx: Tx, actor: Actor) -> Policy:
    require(actor, "policy.read")
    return await load(tx)


async def _require_own_factor(tx: Tx, actor: Actor, after: Policy) -> None:
    """Or the one who shuts the door would stand outside."""
    if not await store_factors.has_any(tx, actor.id, oidc_trusted=after.oidc_trusted):
        what = say("You have no second factor yourself.")
        todo = say("Set up your own first, on the page /me; then make it compulsory.")
        raise Invalid(say("Nothing was changed."), (Problem("mfa_required", what, todo),))


async def change(tx: Tx, actor: Actor, form: PolicyChange, clock: Clock) -> Policy:
    """What is left out stays. It counts from the next request on; a change of nothing says nothing.

    Raises Invalid when a second factor is made compulsory by somebody who has none.
    """
    require(actor, "policy.update")
    before = await load(tx, hold=True)
    given = form.model_dump(exclude_none=True)
    if "domains" in given:
        given["domains"] = tuple(dict.fromkeys(given["domains"]))
    after = replace(before, **given)
    if after.mfa_required and not before.mfa_required:
        await _require_own_factor(tx, actor, after)
    if changed(before.shown(), after.shown()):
        values = after.shown()
        await store_policy.keep(tx, {"joining": values.pop("join"), **values})
        audit(
            tx,
            actor,
            "policy.changed",
            "policy/entry",
            clock,
            before=before.shown(),
            after=after.shown(),
            severity=2,
        )
    return after

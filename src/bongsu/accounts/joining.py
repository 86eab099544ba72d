"""Signing up, and asking for a link by mail. Nobody is told whether an address is known here: the answer is
the same, the work is the same, and what there is to say goes to the address itself."""

import contextlib
from collections.abc import Callable
from datetime import timedelta

from bongsu.accounts import mails, policy, store, tries
from bongsu.accounts.audit import audit
from bongsu.accounts.doors import make_door
from bongsu.accounts.inputs import AskMail, SignUp
from bongsu.accounts.keys import limits_for_mail
from bongsu.accounts.mails import Letter
from bongsu.accounts.model import SYSTEM, Actor, User
from bongsu.accounts.passwords import PASSWORDS, Passwords
from bongsu.accounts.policy import Policy
from bongsu.accounts.visit import Visit
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Invalid, NotAllowed, Problem
from bongsu.kit.i18n import Said, say

UNVERIFIED_KEPT = timedelta(days=7)  # then whoever never showed their address may begin anew


class _Undone(Exception):
    """Rolls back what was done for the look of it."""


async def sign_up(
    db: Database, form: SignUp, visit: Visit, clock: Clock, passwords: Passwords = PASSWORDS
) -> None:
    """An account that can do nothing until its address is verified; or a mail to who has one already.

    Raises NotAllowed where people cannot join by themselves, Invalid for a domain that is not taken,
    TooMany with the wait.
    """
    async with db.write() as tx:
        rules = await policy.load(tx)
        _require_open(rules, form.email)
        await tries.count(tx, limits_for_mail(form.email, visit.address), clock.now())
    hashed = await passwords.hash(form.password.get_secret_value())
    async with db.write() as tx:
        await store.forget_unverified(tx, clock.now() - UNVERIFIED_KEPT)
        chosen = {"name": form.name, "password_hash": hashed, "language": form.language,
                  "time_zone": form.time_zone}  # fmt: skip
        values = {"email": form.email, "role": rules.role, "created_at": clock.now(), **chosen}
        made = await store.insert_user(tx, values)
        known = await store.hold_user(tx, form.email)
        if known is None:  # gone between the two
            return
        if made is None and known.unverified and not known.disabled:
            await store.update_user(tx, known.id, **chosen)
        await _answer(tx, known, made is not None, visit, clock)


def _require_open(rules: Policy, email: str) -> None:
    if rules.join != "open":
        raise NotAllowed(closed(rules))
    if not rules.takes(email):
        what = say(
            "People join here with an address at {domains}.", domains=", ".join(rules.domains)
        )
        todo = say("Use yours there, or ask an administrator to invite you.")
        raise Invalid(say("Nobody has signed up."), (Problem("email", what, todo),))


def closed(rules: Policy) -> Said:
    """Whom to ask where the door is not open."""
    if rules.join == "invite":
        return say("People join here by invitation. Ask an administrator of this place for one.")
    return say("Nobody new can join here now. Ask an administrator of this place.")


async def _answer(tx: Tx, user: User, new: bool, visit: Visit, clock: Clock) -> None:
    subject, seen = f"user/{user.id}", {"address": visit.address}
    if new:
        actor = Actor("user", user.id, user.name, user.email, user.role)
        audit(tx, actor, "user.signed_up", subject, clock, after=user.shown(), more=seen)
    else:
        audit(tx, SYSTEM, "user.signed_up_again", subject, clock, more=seen)
    await _post(tx, user, _wanted_at_sign_up(user), visit, clock)


def _wanted_at_sign_up(user: User) -> str:
    """Which link, or which word, goes to somebody who signs up with this address."""
    if user.disabled:
        return "disabled"
    if user.invited:
        return "invite"
    return "verify" if user.unverified else "known"


_LETTERS = {
    "verify": mails.verify,
    "known": mails.known,
    "disabled": mails.disabled,
    "invite": mails.invite,
    "reset": mails.reset,
    "elsewhere": mails.elsewhere,
}
_OPENING = frozenset({"verify", "invite", "reset"})


async def _post(tx: Tx, user: User, wanted: str, visit: Visit, clock: Clock) -> None:
    token, cause = "", None
    if wanted in _OPENING:
        token = await make_door(tx, wanted, user.id or None, clock.now())
        more = {"purpose": wanted, "asked_from": visit.address}
        cause = audit(tx, SYSTEM, "user.link_made", f"user/{user.id}", clock, more=more)
    letter: Letter = _LETTERS[wanted](mails.place_of(visit))
    await mails.send(
        tx, letter, user.email, user.id, visit, user.language, clock, token=token, cause=cause
    )


# --- a link by mail


async def ask_reset(db: Database, form: AskMail, visit: Visit, clock: Clock) -> None:
    """A new password for who has one; for the others what helps them. Raises TooMany with the wait."""
    await _ask(db, form, visit, clock, _wanted_at_reset)


def _wanted_at_reset(user: User) -> str:
    """A reset verifies the address too: its link was read there."""
    if user.disabled:
        return "disabled"
    if user.invited:
        return "invite"
    return "reset" if user.has_password else "elsewhere"


async def ask_verification(db: Database, form: AskMail, visit: Visit, clock: Clock) -> None:
    """The link to verify an address once more; nothing for who needs none. Raises TooMany with the wait."""
    await _ask(db, form, visit, clock, _wanted_again)


def _wanted_again(user: User) -> str:
    return "verify" if user.unverified and not user.disabled else ""


async def _ask(
    db: Database, form: AskMail, visit: Visit, clock: Clock, wanted_by: Callable[[User], str]
) -> None:
    async with db.write() as tx:
        await tries.count(tx, limits_for_mail(form.email, visit.address), clock.now())
        user = await store.user_by_email(tx, form.email)
        wanted = wanted_by(user) if user else ""
        if user and wanted:
            await _post(tx, user, wanted, visit, clock)
        else:
            await _as_if(tx, form.email, visit, clock)


async def _as_if(tx: Tx, email: str, visit: Visit, clock: Clock) -> None:
    """The same statements as for somebody, taken back: the time we take must not tell who is here."""
    nobody = User(0, email, "", "viewer", None, None, clock.now(), None, True, clock.now())
    with contextlib.suppress(_Undone):
        async with tx.savepoint():
            await _post(tx, nobody, "reset", visit, clock)
            raise _Undone
    seen = {"address": visit.address}
    audit(tx, SYSTEM, "user.link_refused", "user/unknown", clock, more=seen)

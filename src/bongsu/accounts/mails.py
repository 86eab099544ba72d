"""Mails with one-time links, and about addresses: what each says (pure), and how it is queued.

Nothing that a stranger typed is in them, or sign-up would send anybody's words to anybody.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from bongsu.accounts.visit import Visit
from bongsu.db.session import Tx
from bongsu.deliver import outbox
from bongsu.deliver.model import Message
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said, say
from bongsu.kit.ids import uuid7

_ONCE = say("The link opens once, within 24 hours.")
_ONCE_BY_YOU = say(
    "The link opens once, within 24 hours. If it was not you, do nothing: nothing changes without it."
)
_NOTHING_CHANGED = say("If it was not you, do nothing: nothing has changed.")


@dataclass(frozen=True, slots=True)
class Letter:
    """`act` is what its link does; empty when it has none that opens anything."""

    subject: Said
    lead: Said
    because: Said
    act: Said | None = None
    page: str = ""  # of ours, for a letter without a link of its own


def verify(place: str) -> Letter:
    lead = say(
        "Somebody, most likely you, made an account at {place} with this address. "
        "Open the link and give the password you chose; then you are in.",
        place=place,
    )
    act = say("Verify the address")
    return Letter(say("Verify your mail address"), lead, _ONCE_BY_YOU, act)


def known(place: str) -> Letter:
    lead = say(
        "Somebody, most likely you, signed up at {place} with this address. There is an account with it "
        "already: sign in with it, or have a new password sent if you have forgotten the old one.",
        place=place,
    )
    return Letter(say("You have an account already"), lead, _NOTHING_CHANGED, page="/sign-in")


def disabled(place: str) -> Letter:
    lead = say(
        "Somebody, most likely you, asked at {place} for an account with this address. "
        "It has one, which is disabled. An administrator can enable it again.",
        place=place,
    )
    return Letter(say("Your account is disabled"), lead, _NOTHING_CHANGED)


def invite(place: str, by: str = "") -> Letter:
    """`by` is the name of the administrator; empty when the person asked for the link again."""
    lead = say(
        "You are invited to {place}. Open the link, say how people call you and choose a password.",
        place=place,
    )
    if by:
        lead = say(
            "{person} invites you to {place}. Open the link, say how people call you and choose a password.",
            person=by,
            place=place,
        )
    return Letter(say("You are invited"), lead, _ONCE, say("Accept the invitation"))


def reset(place: str) -> Letter:
    lead = say(
        "Somebody, most likely you, asked at {place} for a new password for this address. "
        "Open the link and choose one; every session of yours ends then.",
        place=place,
    )
    return Letter(say("A new password"), lead, _ONCE_BY_YOU, say("Choose a new password"))


def elsewhere(place: str) -> Letter:
    lead = say(
        "Somebody, most likely you, asked at {place} for a new password for this address. "
        "This account has none: you sign in with your organisation’s account.",
        place=place,
    )
    return Letter(say("You have no password here"), lead, _NOTHING_CHANGED, page="/sign-in")


def new_address(place: str, old: str) -> Letter:
    lead = say(
        "The person who signs in at {place} as {old} wants to use this address from now on. "
        "Open the link and give the password of the account.",
        place=place,
        old=old,
    )
    return Letter(say("Verify your new mail address"), lead, _ONCE_BY_YOU, say("Use this address"))


def taken_address(place: str, old: str) -> Letter:
    lead = say(
        "The person who signs in at {place} as {old} wants to use this address from now on. "
        "That cannot be: there is an account with it already.",
        place=place,
        old=old,
    )
    return Letter(say("This address has an account already"), lead, _NOTHING_CHANGED)


def moved(place: str, new: str) -> Letter:
    lead = say(
        "From now on your account at {place} uses the address {new}. "
        "This is the last mail about it to the old address.",
        place=place,
        new=new,
    )
    because = say("If it was not you, tell an administrator at once.")
    return Letter(say("Your mail address was changed"), lead, because)


def place_of(visit: Visit) -> str:
    return urlsplit(visit.public_url).netloc


def compose(key: str, letter: Letter, visit: Visit, language: str, token: str = "") -> Message:
    return Message(
        key=key,
        thread=key,
        list_id="account",
        subject=letter.subject.to(language),
        lead=letter.lead.to(language),
        because=letter.because.to(language),
        link=f"{visit.public_url}{letter.page}" if letter.page else "",
        secret_link=f"{visit.public_url}/door/{token}" if token else "",
        act=letter.act.to(language) if letter.act else "",
        language=language,
    )


async def send(
    tx: Tx,
    letter: Letter,
    to: str,
    user_id: int,
    visit: Visit,
    language: str | None,
    clock: Clock,
    *,
    token: str = "",
    cause: str | None = None,
) -> None:
    """Queues it to the address `to`. `token` opens the door that the letter speaks of; `cause` is the
    event behind it. Without a language of the person's own, that of the house."""
    key = f"account/{user_id}/{uuid7()}"
    await outbox.enqueue(
        tx,
        key=key,
        kind="mail",
        options={"to": [to]},
        recipient=to,
        message=compose(key, letter, visit, language or visit.language, token),
        subject=f"user/{user_id}",
        event_id=cause,
        clock=clock,
    )

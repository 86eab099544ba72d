"""From the words of a rule to the people: `owners`, `admins`, `team:<name>`, `channel:<name>`.

`load` reads what is known, `choose` decides (pure): each person once, each with the reason, and when nobody
could be told, the administrators, with the reason for that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bongsu.accounts import store as accounts
from bongsu.accounts.model import Team, User
from bongsu.db.session import Tx
from bongsu.deliver import store_channels
from bongsu.deliver.store_channels import Channel
from bongsu.kit.i18n import Said, say
from bongsu.services import store as services
from bongsu.services.model import Service
from bongsu.tell.model import PERSON_CHANNEL, Defaults, Listener


@dataclass(frozen=True, slots=True)
class Known:
    """What is in the tables about the words of one audience."""

    service: Service | None = None
    teams: Mapping[str, tuple[Team, tuple[User, ...]]] = field(default_factory=dict)
    admins: tuple[User, ...] = ()
    channels: Mapping[str, Channel] = field(default_factory=dict)


async def find(
    tx: Tx, words: Sequence[str], service_id: int | None, defaults: Defaults
) -> tuple[Listener, ...]:
    return choose(words, await load(tx, words, service_id), defaults)


async def load(tx: Tx, words: Sequence[str], service_id: int | None) -> Known:
    """One look-up for the service, two for each team, one for each channel and one for the admins."""
    service = await services.by_id(tx, service_id) if service_id is not None else None
    names = {word.partition(":")[2] for word in words if word.startswith("team:")}
    if "owners" in words and service is not None:
        names |= set(service.owners)
    teams = {}
    for name in sorted(names):
        team = await accounts.team_by_name(tx, name)
        if team is not None:
            teams[name] = (team, tuple(await accounts.users_by_ids(tx, team.members)))
    found = [
        await store_channels.by_name(tx, word.partition(":")[2])
        for word in words
        if word.startswith("channel:")
    ]
    admins = tuple(await accounts.admins(tx))
    return Known(service, teams, admins, {one.name: one for one in found if one is not None})


async def channel_listener(tx: Tx, name: str, defaults: Defaults) -> Listener:
    """One channel, barred when it is off or not there."""
    known = await store_channels.by_name(tx, name)
    return _channel(name, Known(channels={name: known} if known else {}), defaults)


def choose(words: Sequence[str], known: Known, defaults: Defaults) -> tuple[Listener, ...]:
    """In the order of the words. Who cannot be told stands there too, with the reason."""
    chosen: dict[str, Listener] = {}
    for word in dict.fromkeys(words):
        for listener in _of_word(word, known, defaults):
            before = chosen.get(listener.key)
            if before is None or (before.barred and not listener.barred):
                chosen[listener.key] = listener
    if all(listener.barred for listener in chosen.values()):
        chosen |= {one.key: one for one in _in_their_place(chosen, known, defaults)}
    return tuple(chosen.values())


def _of_word(word: str, known: Known, defaults: Defaults) -> Iterator[Listener]:
    family, _, name = word.partition(":")
    if word == "admins":
        yield from _admins(known, defaults, say("administrator"))
    elif word == "owners":
        yield from _owners(known, defaults)
    elif family == "team":
        yield from _team(name, known, defaults, None)
    elif family == "channel":
        yield _channel(name, known, defaults)


def _owners(known: Known, defaults: Defaults) -> Iterator[Listener]:
    service = known.service
    if service is None:
        yield _nobody(say("owners"), say("it belongs to no service"), defaults)
    elif not service.owners:
        why = say("{service} has no owner team", service=service.title)
        yield _nobody(say("owners of {service}", service=service.title), why, defaults)
    else:
        for name in service.owners:
            yield from _team(name, known, defaults, service)


def _team(name: str, known: Known, defaults: Defaults, owned: Service | None) -> Iterator[Listener]:
    if name not in known.teams:
        yield _nobody(name, say("there is no team {team}", team=name), defaults)
        return
    team, members = known.teams[name]
    if not members:
        yield _nobody(team.title, say("the team {team} has no members", team=team.title), defaults)
    for user in members:
        reason = say("member of {team}", team=team.title)
        if owned is not None:
            reason = say(
                "member of {team}, which owns {service}", team=team.title, service=owned.title
            )
        yield person_listener(user, reason, defaults)


def _admins(known: Known, defaults: Defaults, reason: Said) -> Iterator[Listener]:
    if not known.admins:
        why = say("there is no administrator with an enabled account")
        yield _nobody(say("administrators"), why, defaults)
    for user in known.admins:
        yield person_listener(user, reason, defaults)


def _in_their_place(
    chosen: Mapping[str, Listener], known: Known, defaults: Defaults
) -> Iterator[Listener]:
    whys = [listener.barred for listener in chosen.values() if listener.barred]
    why = whys[0] if whys else say("nobody was named")
    yield from _admins(known, defaults, say("administrator; {why}", why=why))


def person_listener(user: User, reason: Said, defaults: Defaults) -> Listener:
    """By mail, in their language; barred when their account is off."""
    return Listener(
        key=f"user/{user.id}",
        person=user.name,
        user_id=user.id,
        kind=PERSON_CHANNEL,
        options={"to": [user.email]},
        recipient=user.email,
        language=user.language or defaults.language,
        time_zone=user.time_zone or defaults.time_zone,
        reason=reason,
        barred=_barred(user),
    )


def _barred(user: User) -> Said | None:
    if user.unverified and not user.disabled:
        return say("the mail address is not verified")
    return None if user.active else say("the account is disabled")


def _channel(name: str, known: Known, defaults: Defaults) -> Listener:
    channel = known.channels.get(name)
    barred = None
    if channel is None:
        barred = say("there is no channel {channel}", channel=name)
    elif not channel.enabled:
        because = channel.disabled_because or say("somebody turned it off")
        barred = say("the channel {channel} is off: {because}", channel=name, because=because)
    return Listener(
        key=f"channel/{name}",
        person=name,
        channel=name,
        kind=channel.kind if channel else "",
        options=channel.options if channel else {},
        recipient=name,
        language=defaults.language,
        time_zone=defaults.time_zone,
        reason=say("channel {channel}, named by the rule", channel=name),
        barred=barred,
    )


def _nobody(who: Said | str, why: Said, defaults: Defaults) -> Listener:
    """Stands for those who would have been told, if there were any."""
    person = who.to(defaults.language) if isinstance(who, Said) else who
    return Listener(key=f"nobody/{person}", person=person, reason=why, barred=why)

"""Who may do what: pure. The one authorisation function is `require`; every use case calls it.

Roles are a ladder: viewer < responder < editor < admin. An action that the table does not name is for
admins only, so that a forgotten line closes a door instead of opening one.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bongsu.kit.errors import NotAllowed
from bongsu.kit.i18n import Said, say

ROLES = ("viewer", "responder", "editor", "admin")
WHOLE_ROLE = ("*",)  # the scopes of somebody who is signed in

ROLE_TITLES = {
    "viewer": say("Viewer"),
    "responder": say("Responder"),
    "editor": say("Editor"),
    "admin": say("Administrator"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """`least` is the lowest role that may do it, `doing` the words of a refusal."""

    least: str
    doing: Said


def _table(least: str, **doing: Said) -> dict[str, Action]:
    return {name.replace("__", "."): Action(least, words) for name, words in doing.items()}


ACTIONS: dict[str, Action] = {
    **_table(
        "viewer",
        service__read=say("Seeing services"),
        check__read=say("Seeing checks"),
        check__now=say("Checking now"),
        incident__read=say("Seeing incidents"),
        event__read=say("Seeing the event log"),
        evidence__read=say("Seeing evidence"),
        delivery__read=say("Seeing deliveries"),
        rule__read=say("Seeing rules"),
        channel__read=say("Seeing channels"),
        user__read=say("Seeing people"),
        team__read=say("Seeing teams"),
        task__read=say("Seeing tasks"),
        task__write=say("Changing tasks"),
        task__comment=say("Commenting on tasks"),
        project__create=say("Creating a project"),
        project__manage=say("Managing a project"),
        architecture__read=say("Seeing architectures"),
        intake__read=say("Seeing who sends events here"),
        request__read=say("Seeing one’s own requests"),
        request_trigger__read=say("Seeing triggers"),
        note__write=say("Writing comments and attaching files"),
        profile__own=say("Changing one’s own profile"),
        telling__read=say("Seeing what one is told"),
        telling__own=say("Choosing what one is told"),
        session__own=say("Ending one’s own sessions"),
        token__own=say("Making and revoking one’s own tokens"),
        factor__own=say("Changing one’s own second factor and ways to sign in"),
    ),
    **_table(
        "responder",
        incident__acknowledge=say("Acknowledging an incident"),
        incident__comment=say("Commenting on an incident"),
        incident__resolve=say("Resolving an incident"),
    ),
    **_table(
        "editor",
        check__pause=say("Pausing a check"),
        check__resume=say("Resuming a check"),
        rule__create=say("Creating a rule"),
        rule__update=say("Changing a rule"),
        request_trigger__create=say("Creating a trigger"),
        request_trigger__update=say("Changing a trigger"),
        delivery__retry=say("Sending a delivery again"),
    ),
    **_table(
        "admin",
        incident__moderate=say("Removing what others wrote on an incident"),
        service__create=say("Registering a service"),
        service__update=say("Changing a service"),
        service__delete=say("Deleting a service"),
        check__create=say("Registering a check"),
        check__update=say("Changing a check"),
        check__delete=say("Deleting a check"),
        rule__delete=say("Deleting a rule"),
        request__read_all=say("Seeing everybody’s requests"),
        request_trigger__delete=say("Deleting a trigger"),
        channel__create=say("Creating a channel"),
        channel__update=say("Changing a channel"),
        channel__delete=say("Deleting a channel"),
        channel__test=say("Testing a channel"),
        architecture__keep=say("Having an architecture drawn"),
        architecture__delete=say("Deleting a drawn architecture"),
        intake__create=say("Letting somebody send events here"),
        intake__renew=say("Renewing the address of a source"),
        intake__delete=say("Deleting a source of events"),
        config__apply=say("Applying configuration files"),
        user__create=say("Inviting a person"),
        user__update=say("Changing another person"),
        user__disable=say("Disabling a person"),
        user__delete=say("Deleting a disabled person"),
        user__reset=say("Making a password link"),
        factor__reset=say("Resetting another person’s second factor"),
        team__create=say("Creating a team"),
        team__update=say("Changing a team"),
        team__delete=say("Deleting a team"),
        policy__read=say("Seeing who may join"),
        policy__update=say("Changing who may join"),
    ),
}

# A leaked token must not be able to make itself new keys or change the password of its owner.
SIGNED_IN_ONLY = frozenset({"token.own", "session.own", "profile.own", "factor.own"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `id` is the person's id for sessions and tokens alike; 0 for the program itself.

    `scopes` narrow the role: `*`, a family such as `incident.*`, or one action. Reading needs none.
    """

    kind: Literal["user", "token", "system"]
    id: int
    name: str
    email: str
    role: str
    scopes: tuple[str, ...] = WHOLE_ROLE
    language: str | None = None
    time_zone: str | None = None
    token_id: int | None = None

    @property
    def ref(self) -> str:
        """What an event keeps as its `actor`."""
        return {"user": f"user/{self.id}", "token": f"token/{self.token_id}"}.get(
            self.kind, self.name
        )


SYSTEM = Actor("system", 0, "system", "", "admin")


def least_role(action: str) -> str:
    known = ACTIONS.get(action)
    return "admin" if known is None else known.least


def doing(action: str) -> Said | str:
    """An action as words; one that nobody named keeps its id."""
    known = ACTIONS.get(action)
    return action if known is None else known.doing


def scoped(actor: Actor, action: str) -> bool:
    """Whether the scopes reach as far as the action; says nothing of the role."""
    if actor.kind == "token" and action in SIGNED_IN_ONLY:
        return False
    family = action.partition(".")[0] + ".*"
    return action.endswith(".read") or not {"*", family, action}.isdisjoint(actor.scopes)


def has_role(actor: Actor, action: str) -> bool:
    """False for a role that nobody knows, such as one left over in an old row."""
    return actor.role in ROLES and ROLES.index(actor.role) >= ROLES.index(least_role(action))


def allowed(actor: Actor, action: str) -> bool:
    """The role must reach the action, and for a token its scopes as well."""
    return actor.kind == "system" or (has_role(actor, action) and scoped(actor, action))


def require(actor: Actor, action: str) -> None:
    """Raises NotAllowed with the action, the role it needs, and what to do."""
    if allowed(actor, action):
        return
    raise NotAllowed(_refusal(actor, action))


def _refusal(actor: Actor, action: str) -> Said:
    what = doing(action)
    if not has_role(actor, action):
        return say(
            "{what} ({action}) needs the role {needed}; yours is {yours}. Ask an administrator for it.",
            what=what,
            action=action,
            needed=ROLE_TITLES[least_role(action)],
            yours=ROLE_TITLES.get(actor.role, actor.role),
        )
    if action in SIGNED_IN_ONLY:
        return say(
            "{what} ({action}) is not for tokens. Sign in and do it there.",
            what=what,
            action=action,
        )
    return say(
        "{what} ({action}) is outside the scopes of this token: {scopes}. "
        "Make a token with the scope {action}.",
        what=what,
        action=action,
        scopes=", ".join(actor.scopes) or say("none"),
    )


def is_scope(text: str) -> bool:
    """`*`, a family that exists, or an action that tokens may do."""
    families = {name.partition(".")[0] + ".*" for name in ACTIONS}
    return text == "*" or text in families or (text in ACTIONS and text not in SIGNED_IN_ONLY)


@dataclass(frozen=True, slots=True)
class User:
    """A person as others may see them: no password, no token."""

    id: int
    email: str
    name: str
    role: str
    language: str | None
    time_zone: str | None
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool  # false while an invitation is open, and for who signs in elsewhere
    verified_at: datetime | None  # when they showed that mail reaches them
    deleted_at: datetime | None = None

    @property
    def active(self) -> bool:
        """May come in, be told and be given work."""
        return not self.disabled and not self.unverified

    @property
    def disabled(self) -> bool:
        return self.disabled_at is not None

    @property
    def invited(self) -> bool:
        """The link of their invitation has not been used."""
        return not self.disabled and not self.has_password and self.verified_at is None

    @property
    def unverified(self) -> bool:
        """They made the account themselves and have not shown yet that the address is theirs."""
        return self.has_password and self.verified_at is None

    def shown(self) -> dict[str, Any]:
        """What change events and the API say of a person."""
        names = ("email", "name", "role", "language", "time_zone")
        return {name: getattr(self, name) for name in names} | {
            "disabled": self.disabled,
            "verified": self.verified_at is not None,
        }


def as_actor(user: User) -> Actor:
    """A person who acts themselves, in all of their role."""
    return Actor(
        "user",
        user.id,
        user.name,
        user.email,
        user.role,
        language=user.language,
        time_zone=user.time_zone,
    )


@dataclass(frozen=True, slots=True)
class Team:
    id: int
    name: str
    title: str
    members: tuple[int, ...] = field(default=())  # ids of people

    def shown(self) -> dict[str, Any]:
        return {"name": self.name, "title": self.title, "members": list(self.members)}


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Names of what differs, in the order of `after`."""
    return [name for name, value in after.items() if before.get(name) != value]

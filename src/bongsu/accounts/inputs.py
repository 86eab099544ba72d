"""What people may send: each form names its fields, and no other gets in.

`role` is only in the forms of administrators, so that nobody promotes themselves with a field too many.
"""

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from bongsu.accounts.keys import TOKEN_LENGTH_DAYS
from bongsu.accounts.model import is_scope
from bongsu.kit.i18n import say
from bongsu.kit.text import one_line, slug

PASSWORD_LENGTH = 10
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)*")
Role = Literal["viewer", "responder", "editor", "admin"]


def mail_address(text: str) -> str:
    """Lower case; raises ValueError for what no mail can be sent to."""
    plain = text.strip().lower()
    if _MAIL.fullmatch(plain) is None or not plain.isprintable():
        raise ValueError(say("This is no mail address. Write it like name@example.com."))
    return plain


def _name(text: str) -> str:
    plain = one_line(text)
    if not plain:
        raise ValueError(say("A name is needed."))
    return plain


def _slug(text: str) -> str:
    return slug(text, "shop-team")


def time_zone(text: str) -> str:
    """Raises ValueError for one that nobody knows."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(say("This is no time zone. Write it like Asia/Seoul.")) from error
    return text


def _password(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if len(text) < PASSWORD_LENGTH:
        raise ValueError(
            say("This is too short. Use at least 10 characters; a few words are easy to keep.")
        )
    if len(set(text)) < 5:
        raise ValueError(say("This is too easy to guess. Use more different characters."))
    return secret


def _scope(text: str) -> str:
    if not is_scope(text):
        raise ValueError(
            say("There is no such scope. Use one of the list, a family like incident.*, or *.")
        )
    return text


def _domain(text: str) -> str:
    plain = text.strip().lower().removeprefix("@")
    if _MAIL.fullmatch(f"x@{plain}") is None or not plain.isprintable():
        raise ValueError(say("This is no mail domain. Write it like example.com."))
    return plain


Mail = Annotated[str, Field(max_length=254), AfterValidator(mail_address)]
Name = Annotated[str, Field(max_length=120), AfterValidator(_name)]
Title = Annotated[str, Field(max_length=120), AfterValidator(one_line)]
Number = Annotated[
    int, Field(ge=1, lt=2**63)
]  # what a row may be numbered; more is no row of any database
Slug = Annotated[str, Field(max_length=63), AfterValidator(_slug)]
Zone = Annotated[str, Field(max_length=64), AfterValidator(time_zone)]
NewPassword = Annotated[SecretStr, Field(max_length=256), AfterValidator(_password)]
Language = Literal["en", "ko"]
Domain = Annotated[str, Field(max_length=253), AfterValidator(_domain)]
Scope = Annotated[str, Field(max_length=64), AfterValidator(_scope)]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SignIn(Form):
    """Any text is let in here: a refusal must not tell which half was wrong."""

    email: str = Field(max_length=254)
    password: SecretStr = Field(max_length=256)


class Invited(Form):
    """Whoever comes in. `language` is that of the mails, `time_zone` that of every hour; the person changes
    them later on their own page."""

    name: Name
    password: NewPassword
    language: Language | None = None
    time_zone: Zone | None = None


class FirstAdmin(Form):
    email: Mail
    name: Name
    password: NewPassword
    language: Language | None = None
    time_zone: Zone | None = None


class SignUp(Form):
    """As `Invited`."""

    email: Mail
    name: Name
    password: NewPassword
    language: Language | None = None
    time_zone: Zone | None = None


class AskMail(Form):
    """Whose address it is, the mail tells; the answer does not."""

    email: Mail


class Confirmed(Form):
    """The password once more, for what a link or an open session alone must not do."""

    password: SecretStr = Field(SecretStr(""), max_length=256)


class NewAddress(Confirmed):
    email: Mail


class ResetPassword(Form):
    password: NewPassword


class NewPerson(Form):
    email: Mail
    name: Name
    role: Role = "viewer"
    language: Language | None = None


class PersonChange(Form):
    """An administrator's. What is left out stays."""

    name: Name | None = None
    role: Role | None = None
    disabled: bool | None = None


class ProfileChange(Form):
    """One's own. There is no role here. What is left out stays; null clears language and time zone."""

    name: Name | None = None
    language: Language | None = None
    time_zone: Zone | None = None


class PasswordChange(Form):
    old: SecretStr = Field(max_length=256)
    new: NewPassword


class PolicyChange(Form):
    """Who may join. What is left out stays. Nobody becomes an administrator by signing up."""

    join: Literal["open", "invite", "closed"] | None = None
    role: Literal["viewer", "responder", "editor"] | None = None
    domains: list[Domain] | None = Field(None, max_length=50)
    mfa_required: bool | None = None
    oidc_trusted: bool | None = None


class NewTeam(Form):
    name: Slug
    title: Title = ""
    members: list[Number] = Field(default_factory=list, max_length=1000)


class TeamChange(Form):
    """What is left out stays; `members` replaces all of them."""

    title: Name | None = None
    members: list[Number] | None = Field(default=None, max_length=1000)


class NewToken(Form):
    """`scopes` empty: the token reads only."""

    name: Name
    scopes: list[Scope] = Field(default_factory=list, max_length=50)
    days: int = Field(90, ge=1, le=TOKEN_LENGTH_DAYS)

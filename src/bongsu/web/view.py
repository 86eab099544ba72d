"""What one rendering knows: who reads, in which language and zone, and when.

Macros are imported without context (so that Jinja compiles them once), therefore the view of the rendering
under way is kept in a context variable for the moments of that rendering only. See docs/adr/0024-shell.md.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from markupsafe import Markup, escape

from bongsu.kit.i18n import Said, translate
from bongsu.web import format as words

ROLES = ("viewer", "responder", "editor", "admin")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    initials: str = ""
    role: str = "viewer"
    email: str = ""

    def may(self, role: str | None) -> bool:
        """Whether this role is at least `role`; only for what is shown, never for what is allowed."""
        return role is None or ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class View:
    now: datetime
    language: str = "en"
    zone: tzinfo = UTC
    zone_name: str = "UTC"
    theme: str = ""
    csrf: str = ""
    person: Person | None = None
    path: str = "/"
    account_href: str = ""


_current: ContextVar[View] = ContextVar("view")


def current() -> View:
    """Raises LookupError outside of a rendering."""
    return _current.get()


@contextmanager
def viewing(view: View) -> Iterator[None]:
    token = _current.set(view)
    try:
        yield
    finally:
        _current.reset(token)


def t(text: str, /, **args: Any) -> str:
    """The sentence in the reader's language. With HTML among its values the result is HTML, all else escaped."""
    language = current().language
    bound = {name: _spoken(value, language) for name, value in args.items()}
    if any(hasattr(value, "__html__") for value in bound.values()):
        return Markup(escape(translate(language, text))).format(**bound)  # noqa: S704  escaped on the spot
    return translate(language, text, **bound)


def tn(one: str, other: str, n: int, /, **args: Any) -> str:
    """English has two forms. `{n}` is bound with thousands separators unless given."""
    return t(one if n == 1 else other, **{"n": words.number(n), **args})


def said(sentence: Said | str | None) -> str:
    """A stored sentence in the reader's language; plain text as it is."""
    if sentence is None:
        return ""
    return sentence.to(current().language) if isinstance(sentence, Said) else sentence


def _spoken(value: Any, language: str) -> Any:
    return value.to(language) if isinstance(value, Said) else value


def attrs(values: Mapping[str, Any]) -> Markup:
    """HTML attributes: `hx_post` becomes `hx-post`; True gives a bare name; None and False give nothing."""
    parts = []
    for name, value in values.items():
        if value is None or value is False or (value == "" and name in {"class", "class_", "id"}):
            continue
        plain = name.rstrip("_").replace("_", "-")
        parts.append(plain if value is True else f'{plain}="{escape(value)}"')
    return Markup(" " + " ".join(parts) if parts else "")  # noqa: S704  names come from templates, values are escaped

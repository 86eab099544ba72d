"""Sentences for people in English and Korean.

An English sentence is the key; `web/locale/ko/<room>.json` maps it to the Korean one. Placeholders are
named (`{name}`), sentences are whole, nothing is concatenated. See docs/adr/0004-catalogue.md.
"""

import json
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "ko")
_LOCALE = Path(__file__).resolve().parent.parent / "web" / "locale"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with its values, not yet in a language. Stored as `{"text": …, "args": …}`."""

    text: str
    args: dict[str, Any] = field(default_factory=dict)

    def to(self, language: str) -> str:
        return translate(language, self.text, **self.args)

    def __str__(self) -> str:
        return self.to("en")

    def stored(self) -> dict[str, Any]:
        args = {k: v.stored() if isinstance(v, Said) else v for k, v in self.args.items()}
        return {"text": self.text, "args": args}

    @classmethod
    def load(cls, stored: dict[str, Any]) -> "Said":
        args = stored.get("args") or {}
        return cls(stored["text"], {k: _load_arg(v) for k, v in args.items()})


def _load_arg(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"text", "args"}:
        return Said.load(value)
    return value


def say(text: str, /, **args: Any) -> Said:
    """Marks a sentence for translation and binds its values. Values may be `Said` themselves."""
    return Said(text, args)


def say_n(one: str, other: str, n: int, /, **args: Any) -> Said:
    """English needs two forms; both are keys of the catalogue. `{n}` is bound."""
    return Said(one if n == 1 else other, {"n": n, **args})


def translate(language: str, text: str, /, **args: Any) -> str:
    sentence = catalogue(language).get(text, text)
    if not args:
        return sentence
    bound = {k: v.to(language) if isinstance(v, Said) else v for k, v in args.items()}
    return sentence.format(**bound)


@cache
def catalogue(language: str) -> dict[str, str]:
    """English → `language`, all rooms together; empty for English itself."""
    sentences: dict[str, str] = {}
    for path in sorted((_LOCALE / language).glob("*.json")):
        sentences |= json.loads(path.read_text(encoding="utf-8"))
    return sentences


def choose_language(wanted: str | None, accept: str | None) -> str:
    """A person's own choice first, then the browser's first known language, then English."""
    if wanted in LANGUAGES:
        return str(wanted)
    for part in (accept or "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LANGUAGES:
            return tag
    return "en"


def terminal_language() -> str:
    """Korean where the terminal is Korean (LC_ALL, LC_MESSAGES, LANG)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "ko" if os.environ[name].startswith("ko") else "en"
    return "en"

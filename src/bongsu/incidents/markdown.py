"""An incident as Markdown, for pasting into a ticket or a note: pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from bongsu.incidents import words
from bongsu.incidents.message import sorted_worst
from bongsu.incidents.model import STATE_WORDS, Incident, Touched
from bongsu.incidents.store import Entry
from bongsu.kit.i18n import Said, say
from bongsu.web.format import clock_s, date

_SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>#|"})


def as_markdown(
    incident: Incident,
    touched: Sequence[Touched],
    entries: Sequence[Entry],
    actors: Mapping[str, str],
    *,
    language: str,
    zone: tzinfo,
    now: datetime,
    link: str,
) -> str:
    """Head, facts, what is touched, the timeline oldest first. `actors`: `user/3` → a name."""
    parts = [
        f"# {incident.name}: {_safe(incident.title.to(language))}",
        "\n".join(f"- {line}" for line in _facts(incident, language, zone, now)),
        f"## {say('Touched').to(language)}",
        "\n".join(f"- {_thing(one, language)}" for one in sorted_worst(touched)),
        f"## {say('Timeline').to(language)}",
        "\n".join(f"- {_line(entry, actors, language, zone)}" for entry in entries),
        link,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(incident: Incident, language: str, zone: tzinfo, now: datetime) -> list[str]:
    end = incident.resolved_at or now
    lasted = words.length(incident.opened_at, end)
    at = f"{date(incident.opened_at, zone, language)} {clock_s(incident.opened_at, zone)}"
    facts: list[tuple[Said, Said | str]] = [
        (say("Since"), f"{at} ({zone})"),
        (say("Severity"), say("{n} of 5", n=incident.severity)),
        (say("Lasted") if incident.resolved_at else say("Lasts"), lasted),
    ]
    return [f"{name.to(language)}: {_safe(_text(value, language))}" for name, value in facts]


def _text(value: Said | str, language: str) -> str:
    return value.to(language) if isinstance(value, Said) else value


def _thing(one: Touched, language: str) -> str:
    reason = f": {_safe(one.reason.to(language))}" if one.reason else ""
    return f"**{_safe(one.title)}** ({STATE_WORDS[one.state].to(language)}){reason}"


def _line(entry: Entry, actors: Mapping[str, str], language: str, zone: tzinfo) -> str:
    who = f"{_safe(actors.get(entry.actor, entry.actor))}: " if entry.kind == "comment" else ""
    because = f" — {_safe(entry.because.to(language))}" if entry.because else ""
    return f"`{clock_s(entry.at, zone)}` {who}{_safe(entry.said.to(language))}{because}"


def _safe(text: str) -> str:
    """One line, and nothing that Markdown would take for markup."""
    return " ".join(text.split()).translate(_SPECIAL)

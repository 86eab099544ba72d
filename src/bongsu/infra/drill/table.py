"""Outcomes as a table of words: what is lost, how it then stands, and why. Pure."""

from collections.abc import Iterable, Iterator

from bongsu.infra.drill.drill import Outcome
from bongsu.infra.drill.standing import WORDS
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import columns

Row = tuple[str, ...]  # lost, state, capacity, why
HEAD = (say("Lost"), say("State"), say("Capacity"), say("Why"))


def rows(outcomes: Iterable[Outcome], language: str) -> list[Row]:
    return [_row(outcome, language) for outcome in outcomes]


def table(outcomes: Iterable[Outcome], language: str = "en") -> str:
    """Columns in line, also where letters are two columns wide; a line more for every further reason."""
    found = rows(outcomes, language)
    if not found:
        return ""
    head = tuple(said.to(language) for said in HEAD)
    text = columns([line for row in (head, *found) for line in _lines(row)])
    return "\n".join(text) + "\n"


def _lines(row: Row) -> Iterator[Row]:
    *cells, why = row
    first, *more = why.split("\n")
    yield (*cells, first)
    yield from (("", "", "", sentence) for sentence in more)


def lost(outcome: Outcome, language: str) -> str:
    return " + ".join(loss.said().to(language) for loss in outcome.losses) or "–"


def reasons(outcome: Outcome) -> tuple[Said, ...]:
    """Why the entries stand as they do; what happens without harm only where nothing else is to be said.

    What works beside them comes after: a visitor does not miss it, its owner does.
    """
    standings = [outcome.standings[name] for name in outcome.entries]
    why = [said for standing in standings for said in standing.why]
    notes = [said for standing in standings for said in standing.notes]
    beside = [said for name in outcome.beside for said in outcome.standings[name].why]
    chosen = [*(why or notes), *beside]
    return tuple(said for index, said in enumerate(chosen) if said not in chosen[:index])


def _row(outcome: Outcome, language: str) -> Row:
    why = "\n".join(said.to(language) for said in reasons(outcome))
    return (
        lost(outcome, language),
        WORDS[outcome.state].to(language),
        _capacity(outcome).to(language),
        why or say("Nothing is missed.").to(language),
    )


def _capacity(outcome: Outcome) -> Said:
    now, later = round(100 * outcome.share), round(100 * outcome.later)
    if outcome.state == "degraded" and now == 0:
        return say("In part")
    if now == later:
        return say("{now} %", now=now)
    return say("{now} %, later {later} %", now=now, later=later)

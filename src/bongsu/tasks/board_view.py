"""How many cards of each column a board shows, as one word of its address: `12.60-13.90`. Pure."""

from collections.abc import Iterable, Mapping

CARDS = 30  # of a column at first, and how many come at once after that
LIMIT = 300  # of a column; the list holds the rest


def limits(columns: Iterable[int], word: str) -> dict[int, int]:
    """Of every column. What is no number, and a column of another project, is passed over."""
    found = dict.fromkeys(columns, CARDS)
    for part in word.split("-"):
        column, _, cards = part.partition(".")
        if _is_number(column) and _is_number(cards) and int(column) in found:
            found[int(column)] = max(CARDS, min(int(cards), LIMIT))
    return found


def word_of(shown: Mapping[int, int]) -> str:
    """Empty when every column shows as many as at first."""
    return "-".join(f"{column}.{cards}" for column, cards in shown.items() if cards > CARDS)


def longer(shown: Mapping[int, int], column: int, count: int) -> tuple[int, str] | None:
    """How many more of the `count` cards of a column may be shown, and the word that shows them."""
    now = shown[column]
    more = min(CARDS, count - now, LIMIT - now)
    return (more, word_of({**shown, column: now + more})) if more > 0 else None


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 10

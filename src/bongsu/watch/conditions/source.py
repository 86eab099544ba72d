"""A condition's text with a position in it."""

import re

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said, say
from bongsu.watch.conditions.faults import fault

QUOTES = ('"', "'")


class Source:
    """`depth` counts the open parentheses of groups around the position."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.depth = 0

    def fail(self, position: int, what: Said, todo: Said) -> Invalid:
        return fault(self.text, position, what, todo)

    @property
    def here(self) -> str:
        """The character at the position; empty at the end."""
        return self.text[self.position : self.position + 1]

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return pattern.match(self.text, self.position)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Like `match`, and steps over what was found."""
        found = self.match(pattern)
        if found:
            self.position = found.end()
        return found

    def skip_space(self) -> None:
        while self.here.isspace():
            self.position += 1

    def since(self, start: int) -> str:
        return self.text[start : self.position]

    def quoted(self) -> str:
        """Twice the quote stands for the quote itself; a backslash means nothing here."""
        start, quote = self.position, self.here
        end = self.text.find(quote, start + 1)
        while end >= 0 and self.text[end + 1 : end + 2] == quote:
            end = self.text.find(quote, end + 2)
        if end < 0:
            raise self.fail(
                start,
                say("The quote {quote} is not closed.", quote=quote),
                say("Write {quote} at the end of the text.", quote=quote),
            )
        self.position = end + 1
        return self.text[start + 1 : end].replace(quote * 2, quote)

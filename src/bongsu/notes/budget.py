"""How much of a text can be drawn as Markdown in the time that a page has. Pure.

The parser takes at most so long for each line and mark (measured, see tests/notes/test_markdown.py); what it would
take is added up beforehand, and the text is cut at the line where that is too much. The same text is always cut at
the same place, on a fast machine and a busy one.
"""

import re

BUDGET_US = 34_000
NESTING = 20  # deeper quotes, lists and brackets are text
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_BLANK = " \t\n"
_FENCE = re.compile(r"(`{3,})[^`\n]*$|(~{3,})[^\n]*$")
_CONTAINERS = re.compile(r"(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=\s)))*")
_RUN = re.compile(r"\*+|_+|~+")
_STOP = re.compile(r"[!#$%&+\-:<=>@\\\]^`{}]")  # where the parser stops to look
_LINE_US, _CHAR_US, _CODE_LINE_US, _EMPTY_US, _HEADING_US = 40.0, 0.07, 1.5, 0.9, 24.0
_QUOTE_US, _OPEN_QUOTE_US, _ITEM_US = 13.0, 5.0, 45.0
_RUN_US, _BRACKET_US, _PICTURE_US, _CELL_US, _ANGLE_US, _CODE_US, _STOP_US = (
    30,
    64,
    16,
    20,
    50,
    6,
    5.0,
)


def within(text: str) -> tuple[str, str]:
    """What can be drawn, and the rest as it was written; whole lines, and most texts have no rest."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    spent_us, at, fence, quotes = 0.0, 0, "", 0
    for found in _LINE.finditer(text):
        line = found[0]
        # A paragraph in a quote goes on without its marks, and is looked at once for each of them.
        quotes = max(quotes, _containers(line)[0]) if line.strip(_BLANK) else 0
        spent_us += _CODE_LINE_US if fence else line_us(line) + _OPEN_QUOTE_US * quotes
        if spent_us > BUDGET_US:
            return text[:at], text[at:]
        fence = _fence_after(line, fence)
        at += len(line)
    return text, ""


def _containers(line: str) -> tuple[int, int]:
    """How many quotes and list items the line may open."""
    found = _CONTAINERS.match(line)
    marks = found[0].replace(" ", "").replace("\t", "") if found else ""
    quotes = marks.count(">")
    return min(quotes, NESTING), min(len(marks) - quotes, NESTING)


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open after this line. Only those at the margin count: no container can hide them."""
    bare = line.rstrip()
    if not fence:
        opened = _FENCE.match(bare)
        return (opened[1] or opened[2]) if opened else ""
    closing = bare.lstrip(" ")
    closes = len(bare) - len(closing) < 4 and len(closing) >= len(fence)
    return "" if closes and set(closing) == {fence[0]} else fence


def line_us(line: str) -> float:
    """The most that the parser takes for it, in microseconds."""
    if not line.strip(_BLANK):
        return _EMPTY_US
    quotes, items = _containers(line)
    cost = _LINE_US + _CHAR_US * len(line) + _QUOTE_US * quotes + _ITEM_US * items
    cost += _HEADING_US if line.lstrip(" >").startswith("#") else 0.0
    cost += _STOP_US * len(_STOP.findall(line)) + _RUN_US * len(_RUN.findall(line))
    cost += _BRACKET_US * line.count("[") + _PICTURE_US * line.count("![")
    cost += _CELL_US * line.count("|") + _CODE_US * line.count("`")
    return cost + _ANGLE_US * min(line.count("<"), line.count(">"))

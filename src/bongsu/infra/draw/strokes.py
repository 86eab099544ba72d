"""Paths of lines and widths of words. Pure."""

from unicodedata import east_asian_width

from bongsu.infra.draw.shape import Point

ROUND = 8  # of corners of lines
NARROW, SLIM, BROAD = frozenset("iljI.,:;'|()[]/ "), frozenset("tfr-"), frozenset("mwMW@%")


def width_of(text: str, each: float) -> int:
    """About so many pixels, `each` of them for a usual letter; within a tenth of what Chromium draws."""
    return round(each * sum(map(_share, text)))


def _share(letter: str) -> float:
    """Korean letters are as wide as they are high."""
    if east_asian_width(letter) in "WF":
        return 1.75
    if letter in NARROW:
        return 0.6
    if letter in SLIM:
        return 0.75
    if letter in BROAD:
        return 1.5
    if letter == "…":
        return 1.85
    return 1.25 if letter.isupper() else 1.1


def fit(text: str, room: float, each: float) -> str:
    """As much as there is room for; the whole stands in the title."""
    if width_of(text, each) <= room:
        return text
    while text and width_of(text + "…", each) > room:
        text = text[:-1]
    words = text.rsplit(" ", 1)
    return (words[0] if len(words[-1]) < 3 else text).rstrip(" ,.-") + "…"


def rounded(points: tuple[Point, ...]) -> str:
    path = [f"M{points[0][0]} {points[0][1]}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        near = min(ROUND, _length(before, here) / 2, _length(here, after) / 2)
        start, end = _step(here, before, near), _step(here, after, near)
        path.append(f"L{start}Q{here[0]} {here[1]} {end}")
    return "".join([*path, f"L{points[-1][0]} {points[-1][1]}"])


def _length(one: Point, other: Point) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _step(start: Point, towards: Point, pixels: float) -> str:
    x = start[0] + pixels * ((towards[0] > start[0]) - (towards[0] < start[0]))
    y = start[1] + pixels * ((towards[1] > start[1]) - (towards[1] < start[1]))
    return f"{x:g} {y:g}"


def arrow(points: tuple[Point, ...]) -> str:
    """A small head whose point touches the box."""
    (x, y), before = points[-1], points[-2]
    across, along = (x > before[0]) - (x < before[0]), (y > before[1]) - (y < before[1])
    back_x, back_y = x - 8 * across, y - 8 * along
    return (
        f"M{x} {y}L{back_x + 4 * along} {back_y + 4 * across}"
        f"L{back_x - 4 * along} {back_y - 4 * across}z"
    )

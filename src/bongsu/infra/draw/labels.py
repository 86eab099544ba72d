"""Ports beside their lines: near the arrow, over nothing else. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from bongsu.infra.draw.shape import Area, Label, Line, Point

HIGH, EACH = 14, 6.4  # pixels of a label's height and of one of its letters
AWAY = 6  # from its line


def place_labels(lines: Sequence[Line], solid: Sequence[Area]) -> tuple[Label, ...]:
    """One for each line that has a text; the place that touches least wins, near the arrow first."""
    placed: list[tuple[Label, Area]] = []
    seen: set[tuple[str, str]] = set()
    spans = {id(line): list(_spans(line)) for line in lines}
    for line in lines:
        text, target = line.wanted.label, line.wanted.target.key
        if not text or (text, target) in seen:
            continue
        seen.add((text, target))
        taken = [*solid, *(area for _, area in placed)]
        others = [span for other in lines for span in spans[id(other)]]
        area = _cheapest(_places(text, line), taken, others)
        placed.append((Label(text, (area.x, area.bottom - 3), line.wanted.kind), area))
    return tuple(label for label, _ in placed)


def _cheapest(
    places: Iterable[tuple[Area, float]], taken: Sequence[Area], spans: Sequence[Area]
) -> Area:
    """Of equals the first; what costs more by itself than the best in all is not tried."""
    best: tuple[float, int, Area] | None = None
    for index, one in sorted(enumerate(places), key=lambda item: item[1][1]):
        if best and one[1] > best[0]:
            break
        cost = _cost(one, taken, spans)
        if best is None or (cost, index) < best[:2]:
            best = (cost, index, one[0])
    if best is None:
        raise ValueError("a line without a stretch")
    return best[2]


def width_of(text: str) -> int:
    return round(len(text) * EACH)


def _places(text: str, line: Line) -> Iterator[tuple[Area, float]]:
    """Areas and what each costs before it touches anything; the last stretch is the best one."""
    wide = width_of(text)
    stretches = list(zip(line.points, line.points[1:], strict=False))[::-1]
    for order, (start, end) in enumerate(stretches):
        length = abs(end[0] - start[0]) + abs(end[1] - start[1])
        steps = range(10, max(length - 4, 11), 8)
        for step in steps:
            x, y = _towards(end, start, step)
            cost = order * 14 + step / 8 + (12 if length < 24 else 0)
            if start[0] == end[0]:
                yield Area(x + AWAY, y - HIGH // 2, wide, HIGH), cost
                yield Area(x - AWAY - wide, y - HIGH // 2, wide, HIGH), cost + 1
            else:
                yield Area(x - wide // 2, y - HIGH - 3, wide, HIGH), cost
                yield Area(x - wide // 2, y + 3, wide, HIGH), cost + 1


def _towards(end: Point, start: Point, step: int) -> Point:
    x = end[0] + (step if start[0] > end[0] else -step if start[0] < end[0] else 0)
    y = end[1] + (step if start[1] > end[1] else -step if start[1] < end[1] else 0)
    return x, y


def _cost(one: tuple[Area, float], taken: Sequence[Area], spans: Sequence[Area]) -> float:
    area, cost = one
    cost += 200 * sum(area.touches(other, 2) for other in taken)
    return cost + 60 * sum(area.touches(span) for span in spans)


def _spans(line: Line) -> Iterator[Area]:
    """Each stretch as a thin area."""
    for (x, y), (to_x, to_y) in zip(line.points, line.points[1:], strict=False):
        yield Area(min(x, to_x) - 2, min(y, to_y) - 2, abs(x - to_x) + 4, abs(y - to_y) + 4)

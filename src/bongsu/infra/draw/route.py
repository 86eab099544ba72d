"""Ways for lines: along a grid, around boxes, with few bends and crossings. Pure.

A* over cells and directions. Lines of one net may share their way, others cross at right angles at a price and
never run in each other's tracks unless there is no other way at all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

from bongsu.infra.draw.shape import GRID, Area, Box, Frame, Line, LineKind, Point, Wanted

Cell = tuple[int, int]
STEPS: tuple[Cell, ...] = ((0, -1), (1, 0), (0, 1), (-1, 0))  # up, right, down, left
BEND, CROSS, TRACK, NEAR, BESIDE = 5.0, 6.0, 60.0, 1.5, 2.0
WORDS, EDGE, MARGIN = 4.0, 3.0, 20.0  # through a label, along the edge of a frame, outside of all
TOGETHER = 0.25  # for a step in the tracks of the same net
HURRY = 0.9  # of a step: more would overlook ways that run together
MANY, HURRY_OF_MANY = 60, 2.5  # lines from which on it must go faster, however they run
EFFORT = 250_000  # cells looked at for all lines of a drawing; the richest example takes 100,000
OFF_CENTRE = 0.35  # for each cell that a line leaves its box beside the middle
# What it costs to leave a box or to come in, by side as in STEPS.
LEAVE: dict[LineKind, tuple[float, ...]] = {
    "serve": (9, 3, 0, 3),
    "spare": (9, 3, 0, 3),
    "use": (9, 3, 0, 3),
    "copy": (6, 0, 3, 0),
    "join": (3, 0, 3, 0),
}
ENTER: dict[LineKind, tuple[float, ...]] = {
    "serve": (0, 3, 9, 3),
    "spare": (0, 3, 9, 3),
    "use": (0, 3, 9, 3),
    "copy": (3, 0, 3, 0),
    "join": (3, 0, 3, 0),
}


@dataclass
class Ground:
    """What stands in the way; `tracks`: the nets that run through a cell, across and along."""

    columns: int
    rows: int
    walls: set[Cell] = field(default_factory=set)
    dear: dict[Cell, float] = field(default_factory=dict)
    edges: tuple[set[Cell], set[Cell]] = field(default_factory=lambda: (set(), set()))
    tracks: tuple[dict[Cell, set[str]], dict[Cell, set[str]]] = field(
        default_factory=lambda: ({}, {})
    )


@dataclass(frozen=True, slots=True)
class Tracks:
    """What runs through cells, as one net sees it: `own` and `others`, by direction as in the ground's tracks."""

    own: tuple[set[Cell], set[Cell]]
    others: tuple[set[Cell], set[Cell]]

    @classmethod
    def of(cls, ground: Ground, net: str) -> "Tracks":
        up, along = ground.tracks
        own = [{cell for cell, nets in track.items() if net in nets} for track in (up, along)]
        others = [{cell for cell, nets in track.items() if nets != {net}} for track in (up, along)]
        return cls((own[0], own[1]), (others[0], others[1]))


@dataclass
class Search:
    """How straight lines make for their target, and how many cells may still be looked at."""

    hurry: float
    left: int


def route(
    wanted: Iterable[Wanted],
    boxes: Sequence[Box],
    frames: Sequence[Frame],
    width: int,
    height: int,
) -> tuple[Line, ...]:
    """The shortest lines first; one that finds no way at all, or none in time, is left out."""
    found = sorted(wanted, key=_length)
    ground = _ground(boxes, frames, width, height)
    search = Search(HURRY_OF_MANY if len(found) > MANY else HURRY, EFFORT)
    lines = []
    for one in found:
        path = _path(ground, one, search)
        if path:
            _remember(ground, one.net, path)
            lines.append(Line(one, _corners(path)))
    return tuple(lines)


def _ground(boxes: Sequence[Box], frames: Sequence[Frame], width: int, height: int) -> Ground:
    ground = Ground(width // GRID + 1, height // GRID + 1)
    for box in boxes:
        ground.walls |= set(_cells(box.area))
        ground.dear |= dict.fromkeys(_cells(box.area, 1), NEAR)
    left = min((frame.area.x for frame in frames), default=0)
    ground.dear |= dict.fromkeys(_cells(Area(0, 0, left, height)), MARGIN)
    for frame in frames:
        ground.dear |= dict.fromkeys(_cells(frame.words), WORDS)
        area = frame.area
        for x, y in _cells(area):
            if x in (area.x // GRID, area.right // GRID):
                ground.edges[0].add((x, y))
            if y in (area.y // GRID, area.bottom // GRID):
                ground.edges[1].add((x, y))
    return ground


def _length(one: Wanted) -> tuple[int, str]:
    (x, y), (to_x, to_y) = one.source.area.middle, one.target.area.middle
    return abs(x - to_x) + abs(y - to_y), one.source.key


def _cells(area: Area, around: int = 0) -> Iterator[Cell]:
    for x in range(area.x // GRID - around, area.right // GRID + around + 1):
        for y in range(area.y // GRID - around, area.bottom // GRID + around + 1):
            yield x, y


def _ports(area: Area, costs: tuple[float, ...]) -> Iterator[tuple[Cell, int, float]]:
    """A cell on the edge, the side, and what it costs; corners stay free."""
    left, right = area.x // GRID, area.right // GRID
    top, bottom = area.y // GRID, area.bottom // GRID
    centre_x, centre_y = (left + right) // 2, (top + bottom) // 2
    for x in range(left + 2, right - 1):
        away = abs(x - centre_x) * OFF_CENTRE
        yield (x, top), 0, costs[0] + away
        yield (x, bottom), 2, costs[2] + away
    for y in range(top + 1, bottom):
        away = abs(y - centre_y) * OFF_CENTRE
        yield (right, y), 1, costs[1] + away
        yield (left, y), 3, costs[3] + away


State = tuple[Cell, int]  # a cell and the direction in which it was entered
Entry = tuple[float, float, Cell, int, State | None]


def _path(ground: Ground, one: Wanted, search: Search) -> list[Cell]:
    """From edge to edge; empty where there is no way."""
    goals = _goals(one)
    target = one.target.area
    to_x, to_y = (value // GRID for value in target.middle)
    near = (target.w + target.h) // GRID // 2

    def left(cell: Cell) -> float:
        return max(abs(cell[0] - to_x) + abs(cell[1] - to_y) - near, 0) * search.hurry

    heap, tracks = _starts(ground, one, left), Tracks.of(ground, one.net)
    came: dict[State, State | None] = {}
    cheapest: dict[State, float] = {}
    best: tuple[float, State] | None = None
    while heap and search.left:
        search.left -= 1
        guess, cost, cell, way, before = heappop(heap)
        if best and guess >= best[0]:
            break
        here = (cell, way)
        if here in came:
            continue
        came[here] = before
        if here in goals and (not best or cost + goals[here][1] < best[0]):
            best = (cost + goals[here][1], here)
        for step, turn, more in _onwards(ground, tracks, here):
            state, spent = (step, turn), cost + more
            if state in came or spent > cheapest.get(state, spent):
                continue  # a dearer way there is never taken
            cheapest[state] = spent
            heappush(heap, (spent + left(step), spent, step, turn, here))
    return _walked(goals, came, best[1]) if best else []


def _goals(one: Wanted) -> dict[State, tuple[Cell, float]]:
    """Cells before the target with the direction into it: the cell on its edge, and what it costs there."""
    goals = {}
    for cell, side, cost in _ports(one.target.area, ENTER[one.kind]):
        inward = (side + 2) % 4
        before = (cell[0] - STEPS[inward][0], cell[1] - STEPS[inward][1])
        goals[before, inward] = (cell, cost)
    return goals


def _starts(ground: Ground, one: Wanted, left: Callable[[Cell], float]) -> list[Entry]:
    heap: list[Entry] = []
    for cell, side, cost in _ports(one.source.area, LEAVE[one.kind]):
        first = (cell[0] + STEPS[side][0], cell[1] + STEPS[side][1])
        if _open(ground, first):
            heappush(heap, (cost + left(first), cost, first, side, None))
    return heap


def _onwards(ground: Ground, tracks: Tracks, here: State) -> Iterator[tuple[Cell, int, float]]:
    """Straight on, to the right, to the left."""
    cell, way = here
    for turn in (way, (way + 1) % 4, (way + 3) % 4):
        step = (cell[0] + STEPS[turn][0], cell[1] + STEPS[turn][1])
        if _open(ground, step):
            yield step, turn, _price(ground, tracks, cell, step, way, turn)


def _open(ground: Ground, cell: Cell) -> bool:
    inside = 0 <= cell[0] < ground.columns and 0 <= cell[1] < ground.rows
    return inside and cell not in ground.walls


def _price(ground: Ground, tracks: Tracks, cell: Cell, step: Cell, way: int, turn: int) -> float:
    here = turn % 2
    along, across = tracks.others[here], tracks.others[1 - here]
    price = 1.0
    if step in tracks.own[here]:
        price = TOGETHER
    elif step in along:
        price += TRACK
    if step in across:
        price += CROSS
    if way != turn:
        price += BEND
        if cell in along or cell in across:
            price += TRACK
    price += ground.dear.get(step, 0.0) + (EDGE if step in ground.edges[here] else 0)
    x, y = STEPS[(turn + 1) % 4]
    if (step[0] + x, step[1] + y) in along:
        price += BESIDE
    if (step[0] - x, step[1] - y) in along:
        price += BESIDE
    return price


def _walked(
    goals: dict[State, tuple[Cell, float]], came: dict[State, State | None], last: State
) -> list[Cell]:
    path, here = [goals[last][0]], last
    while True:
        path.append(here[0])
        before = came[here]
        if before is None:
            break
        here = before
    step = STEPS[here[1]]
    path.append((here[0][0] - step[0], here[0][1] - step[1]))
    return path[::-1]


def _remember(ground: Ground, net: str, path: list[Cell]) -> None:
    """Index 0 of the tracks is up and down, 1 is left and right, as in STEPS."""
    for cell, step in pairwise(path):
        direction = 0 if cell[0] == step[0] else 1
        for one in (cell, step):
            ground.tracks[direction].setdefault(one, set()).add(net)


def _corners(path: list[Cell]) -> tuple[Point, ...]:
    """Only where it turns, in pixels."""
    kept = [path[0]]
    for before, here, after in zip(path, path[1:], path[2:], strict=False):
        if (here[0] - before[0], here[1] - before[1]) != (after[0] - here[0], after[1] - here[1]):
            kept.append(here)
    return tuple((x * GRID, y * GRID) for x, y in (*kept, path[-1]))

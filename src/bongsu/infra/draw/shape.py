"""What a drawing is made of, in pixels, before anybody decides on colours or a language."""

from dataclasses import dataclass, field
from typing import Literal

from bongsu.kit.i18n import Said

LineKind = Literal["serve", "spare", "use", "copy", "join"]
Point = tuple[int, int]
GRID = 8  # pixels: lines run and boxes stand on it


@dataclass(frozen=True, slots=True)
class Area:
    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    @property
    def middle(self) -> Point:
        return self.x + self.w // 2, self.y + self.h // 2

    def touches(self, other: "Area", gap: int = 0) -> bool:
        return (
            self.x < other.right + gap
            and other.x < self.right + gap
            and self.y < other.bottom + gap
            and other.y < self.bottom + gap
        )


@dataclass(frozen=True, slots=True)
class Box:
    """One rectangle of a part, which may have several: `copies` stand here, `more` can be added."""

    part: str
    glyph: str
    area: Area
    name: str | Said
    below: Said
    zone: str | None = None
    copies: int = 0
    more: int = 0
    number: int = 0
    aside: str = ""  # at the right: a name that people know

    @property
    def key(self) -> str:
        return f"{self.part}@{self.zone or ''}{self.number or ''}"


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds boxes: a network, a zone, a subnet."""

    kind: Literal["network", "zone", "subnet", "strip"]
    area: Area
    label: Said
    range: str = ""
    name: str = ""  # of a network
    zone: str | None = None
    mirrored: bool = False  # its label stands at the right

    @property
    def words(self) -> Area:
        """About where its label stands."""
        wide = min(232, self.area.w - 16)
        x = self.area.right - 8 - wide if self.mirrored else self.area.x + 8
        return Area(x, self.area.y + 4, wide, 20)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line that is still to find its way. Lines of one `net` may run together."""

    source: Box
    target: Box
    kind: LineKind
    label: str = ""

    @property
    def net(self) -> str:
        """Requests part like a tree from where they come, uses meet like one at what is used."""
        end = self.source if self.kind == "serve" else self.target
        return f"{self.kind} {end.key}"


@dataclass(frozen=True, slots=True)
class Line:
    wanted: Wanted
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """`at`: where its text begins, on its base line."""

    text: str
    at: Point
    kind: LineKind


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    title: str
    below: Said
    frames: tuple[Frame, ...] = ()
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    labels: tuple[Label, ...] = ()
    tells: tuple[Said, ...] = field(default=())  # the same in sentences, for who cannot see it


def snap(pixels: float) -> int:
    """Up to the grid."""
    return -int(-pixels // GRID) * GRID

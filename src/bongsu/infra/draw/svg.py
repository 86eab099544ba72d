"""A drawing as one self-contained SVG, for a page, a document or a slide. Pure.

Every part is `<g id="part-NAME" data-part="NAME" class="part state-…">`; what stands in one zone is a
`<g class="stand" data-zone="a">` in it. A page recolours a part by changing the class of its group.
"""

from collections.abc import Collection, Iterator, Mapping
from html import escape

from bongsu.infra.draw.glyphs import GLYPHS
from bongsu.infra.draw.palette import Theme, css
from bongsu.infra.draw.shape import Box, Drawing, Frame, Line
from bongsu.infra.draw.strokes import arrow, fit, rounded, width_of
from bongsu.infra.draw.struck import EVERYTHING
from bongsu.kit.i18n import Said, say

CHIPS = 8  # at most so many are drawn
MARKS = (
    '<circle class="mark mark-up" r="4.500"/>'
    '<polygon class="mark mark-degraded" points="0,-5 5.500,4.500 -5.500,4.500"/>'
    '<g class="mark mark-down"><rect x="-5" y="-5" width="10" height="10" rx="2"/>'
    '<path d="M-2.500-2.500l5 5M2.500-2.500l-5 5"/></g>'
    '<polygon class="mark mark-unknown" points="0,-5.500 5.500,0 0,5.500 -5.500,0"/>'
)


def svg(
    drawing: Drawing,
    language: str = "en",
    theme: Theme = "auto",
    *,
    states: Mapping[str, str] | None = None,
    lost: Collection[tuple[str, str | None]] = (),
    styled: bool = True,
    ids: str = "arch",
    links: Mapping[str, str] | None = None,
) -> str:
    """`states`: part → up, degraded, down …; `lost`: (part, zone), zone None for all of it; (*, zone) for a zone.

    `styled=False` leaves the rules out, for a page whose policy forbids them inside: it links `palette.css()`.
    `ids`: what the ids of title and description begin with; two drawings on one page need two.
    `links`: part → where a click on it leads.
    """
    made = _Svg(drawing, language, states or {}, frozenset(lost), ids, links or {})
    return made.text(css(theme) if styled else "")


class _Svg:
    def __init__(
        self,
        drawing: Drawing,
        language: str,
        states: Mapping[str, str],
        lost: frozenset[tuple[str, str | None]],
        ids: str,
        links: Mapping[str, str],
    ) -> None:
        self.drawing, self.language = drawing, language
        self.states, self.lost, self.ids, self.links = states, lost, ids, links

    def text(self, rules: str) -> str:
        size = f"{self.drawing.width} {self.drawing.height}"
        title = say("Architecture of {name}", name=self.drawing.title)
        role = (
            "group" if self.links else "img"
        )  # what an image holds is not read, nor reached by keys
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="{role}"'
            f' lang="{self.language}" width="{self.drawing.width}" height="{self.drawing.height}"'
            f' aria-labelledby="{self.ids}-title {self.ids}-desc">'
        )
        return "\n".join(
            (
                head,
                f'<title id="{self.ids}-title">{self._said(title)}</title>',
                f'<desc id="{self.ids}-desc">{self._desc()}</desc>',
                *([f"<style>{rules}</style>"] if rules else []),
                '<g class="arch">',
                '<rect class="ground" width="100%" height="100%"/>',
                *self._head(),
                *(self._frame(frame) for frame in self.drawing.frames),
                *(self._line(line) for line in self.drawing.lines),
                *self._ports(),
                *self._parts(),
                *self._legend(),
                "</g>",
                "</svg>",
                "",
            )
        )

    def _said(self, text: str | Said) -> str:
        return escape(text.to(self.language) if isinstance(text, Said) else text, quote=True)

    def _desc(self) -> str:
        return " ".join(self._said(said) for said in self.drawing.tells)

    def _head(self) -> Iterator[str]:
        yield f'<text class="title" x="32" y="48">{self._said(self.drawing.title)}</text>'
        yield f'<text class="below" x="32" y="68">{self._said(self.drawing.below)}</text>'

    # --- frames

    def _frame(self, frame: Frame) -> str:
        area, radius = frame.area, {"network": 12, "zone": 10}.get(frame.kind, 8)
        lost = " lost" if frame.zone and (EVERYTHING, frame.zone) in self.lost else ""
        public = " public" if frame.label.text == "public" else ""
        rect = (
            f'<rect class="{frame.kind}{public}{lost}" x="{area.x}" y="{area.y}" width="{area.w}"'
            f' height="{area.h}" rx="{radius}"/>'
        )
        return rect + self._frame_words(frame)

    def _frame_words(self, frame: Frame) -> str:
        label = self._said(frame.label)
        inset = 16 if frame.kind == "network" else 12
        x = frame.area.right - inset if frame.mirrored else frame.area.x + inset
        anchor = ' text-anchor="end"' if frame.mirrored else ""
        y = frame.area.y + {"network": 26, "strip": 29}.get(frame.kind, 20)
        kind = "network-label" if frame.kind == "network" else "label"
        range_ = f' <tspan class="range" dx="4" font-weight="400">{frame.range}</tspan>'
        return f'<text class="{kind}" x="{x}" y="{y}"{anchor}>{label}{range_ if frame.range else ""}</text>'

    # --- lines

    def _line(self, line: Line) -> str:
        kind = line.wanted.kind + self._line_lost(line)
        path = f'<path class="line {kind}" d="{rounded(line.points)}"/>'
        if line.wanted.kind == "join":
            return path
        return path + f'<path class="arrow {kind}" d="{arrow(line.points)}"/>'

    def _line_lost(self, line: Line) -> str:
        ends = (line.wanted.source, line.wanted.target)
        return " lost" if any(self._box_lost(box) for box in ends) else ""

    def _ports(self) -> Iterator[str]:
        for label in self.drawing.labels:
            x, y = label.at
            yield f'<text class="port {label.kind}" x="{x}" y="{y}">{escape(label.text)}</text>'

    # --- parts

    def _parts(self) -> Iterator[str]:
        by_part: dict[str, list[Box]] = {}
        for box in self.drawing.boxes:
            by_part.setdefault(box.part, []).append(box)
        for part, boxes in by_part.items():
            state = self.states.get(part)
            kind = f"part state-{state}" if state else "part"
            name = escape(part, quote=True)
            inside = "".join(self._box(box) for box in boxes)
            group = f'<g id="part-{name.replace("/", ".")}" data-part="{name}" class="{kind}">{inside}</g>'
            href = self.links.get(part)  # the link is called by what is written in the part
            yield f'<a href="{escape(href, quote=True)}">{group}</a>' if href else group

    def _box_lost(self, box: Box) -> bool:
        zones = ((box.part, None), (box.part, box.zone), (f"{box.part}#{box.number}", None))
        return any(one in self.lost for one in zones) or (
            box.zone is not None and (EVERYTHING, box.zone) in self.lost
        )

    def _box(self, box: Box) -> str:
        area = box.area
        kind = "stand lost" if self._box_lost(box) else "stand"
        zone = f' data-zone="{box.zone}"' if box.zone else ""
        name, below = self._said(box.name), self._said(box.below)
        radius = area.h // 2 if box.glyph == "people" else 8
        return (
            f'<g class="{kind}"{zone} transform="translate({area.x} {area.y})">'
            f"<title>{name}: {below}{self._state(box)}</title>"
            f'<rect class="slab" width="{area.w}" height="{area.h}" rx="{radius}"/>'
            f"{self._inside(box)}</g>"
        )

    def _state(self, box: Box) -> str:
        """In words too: colour and shape are not for everybody."""
        if self._box_lost(box):
            return f" ({self._said(LOST)})"
        state = self.states.get(box.part)
        return f" ({self._said(WORDS[state])})" if state in WORDS else ""

    def _inside(self, box: Box) -> str:
        area, low = box.area, box.area.h < 36
        middle = area.h / 2
        icon = f'<g class="icon" transform="translate(12 {middle - 8:g})">{GLYPHS[box.glyph]}</g>'
        mark = f'<g transform="translate({area.w - 16} 0)">{MARKS}</g>'
        if box.glyph == "people" or low:
            return icon + self._one_line(box) + mark
        aside = self._aside(box)
        room = area.w - 38 - 12 - (width_of(box.aside, 5.7) + 12 if aside else 0)
        name = fit(self._text(box.name), room, 7.0)
        below = fit(self._text(box.below), area.w - 38 - self._chips_width(box) - 10, 5.7)
        return (
            f'{icon}<text class="name" x="38" y="{middle - 3:g}">{escape(name)}</text>'
            f'<text class="below" x="38" y="{middle + 14:g}">{escape(below)}</text>'
            f"{aside}{self._chips(box)}{mark}"
        )

    def _aside(self, box: Box) -> str:
        """Left out where it would meet the name."""
        together = width_of(box.aside, 5.7) + width_of(self._text(box.name), 7.0)
        if not box.aside or together + 62 > box.area.w:
            return ""
        y = f"{box.area.h / 2 - 3:g}"
        text = escape(box.aside)
        return f'<text class="below" x="{box.area.w - 12}" y="{y}" text-anchor="end">{text}</text>'

    def _one_line(self, box: Box) -> str:
        y = f"{box.area.h / 2 + 4.5:g}"
        if box.glyph == "people":
            x = f"{box.area.w / 2 + 10:g}"
            text = self._said(box.name)
            return f'<text class="name" x="{x}" y="{y}" text-anchor="middle">{text}</text>'
        room = box.area.w - 56 - width_of(self._text(box.name), 7.0)
        below = escape(fit(self._text(box.below), room, 5.7))
        return (
            f'<text class="name" x="36" y="{y}">{self._said(box.name)}</text>'
            f'<text class="below" x="{box.area.w - 12}" y="{y}" text-anchor="end">{below}</text>'
        )

    def _text(self, text: str | Said) -> str:
        return text.to(self.language) if isinstance(text, Said) else text

    def _chips_width(self, box: Box) -> int:
        return min(box.copies + box.more, CHIPS) * 11

    def _chips(self, box: Box) -> str:
        """A square for each copy that runs, an empty one for each that may be added."""
        count = min(box.copies + box.more, CHIPS)
        x, y = box.area.w - 12 - count * 11 + 2, box.area.h / 2 + 6
        chips = "".join(
            f'<rect class="pebble{"" if index < box.copies else " more"}" x="{x + index * 11:g}"'
            f' y="{y:g}" width="8" height="8" rx="2"/>'
            for index in range(count)
        )
        return f'<g class="chips">{chips}</g>' if chips else ""

    # --- legend

    def _legend(self) -> Iterator[str]:
        x, y = 32, self.drawing.height - 34
        used = {line.wanted.kind for line in self.drawing.lines}
        for kind, said in LINES:
            if kind in used:
                text = said.to(self.language)
                yield f'<path class="line {kind}" d="M{x} {y}h28"/>'
                yield f'<text class="below" x="{x + 36}" y="{y + 4}">{escape(text)}</text>'
                x += 36 + width_of(text, 5.6) + 28
        if any(box.copies or box.more for box in self.drawing.boxes):
            text = say("runs, may be added").to(self.language)
            yield f'<rect class="pebble" x="{x}" y="{y - 4}" width="8" height="8" rx="2"/>'
            yield f'<rect class="pebble more" x="{x + 11}" y="{y - 4}" width="8" height="8" rx="2"/>'
            yield f'<text class="below" x="{x + 27}" y="{y + 4}">{escape(text)}</text>'


LOST = say("lost")
WORDS = {"degraded": say("Degraded"), "down": say("Down"), "unknown": say("Unknown")}
LINES = (
    ("serve", say("requests come in")),
    ("spare", say("if the origin fails")),
    ("use", say("uses")),
    ("copy", say("copied to")),
    ("join", say("joined")),
)

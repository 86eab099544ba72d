"""From a plan to a drawing: people and what meets them first, networks below, what lies outside beside. Pure."""

from collections.abc import Iterator

from bongsu.infra.draw.labels import place_labels
from bongsu.infra.draw.place import BETWEEN, BOX_H, BOX_W, LANE, Placing
from bongsu.infra.draw.route import route
from bongsu.infra.draw.shape import Area, Box, Drawing, Frame, Line, Wanted, snap
from bongsu.infra.draw.tell import tells
from bongsu.infra.draw.wanted import FAR, GATEWAY, PEOPLE, wanted_lines
from bongsu.infra.draw.words import GLYPHS, below, known_as
from bongsu.infra.plan.model import INTERNET, Part, Plan
from bongsu.kit.i18n import Said, say

MARGIN, TITLE, LEGEND = 32, 72, 56
PEOPLE_W, PEOPLE_H = 112, 40
SIDE_GAP, SIDE_STEP = 72, 24

BESIDE = (
    "pipelines",
    "events",
    "topics",
    "queues",
    "streams",
    "functions",
    "push",
    "mail",
    "tables",
    "buckets",
)


def layout(plan: Plan) -> Drawing:
    return _Layout(plan).drawn()


class _Layout:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.boxes: list[Box] = []
        self.frames: list[Frame] = []
        self.front = [
            part
            for section in ("distributions", "gateways", "records")
            for part in plan.of_section(section)
        ]
        self.shown_buckets = self._origin_buckets()

    def drawn(self) -> Drawing:
        top_height = self._top_height()
        placings = self._networks(MARGIN + TITLE + top_height + (LANE if top_height else 0))
        right = max((one.left + one.width for one in placings), default=MARGIN + 640)
        self._top(right, top_height)
        self._side(right, placings)
        around = LANE if self.plan.of_section("functions") else 0  # lines to what starts them
        width = snap(max(self._right(), right) + around + MARGIN)
        bottom = max(
            [box.area.bottom for box in self.boxes] + [frame.area.bottom for frame in self.frames],
            default=MARGIN + TITLE,
        )
        height = snap(bottom + MARGIN + LEGEND)
        return self._joined(width, height)

    def _joined(self, width: int, height: int) -> Drawing:
        words = [frame.words for frame in self.frames]
        wanted = list(wanted_lines(self.plan, self.boxes))
        lines = route(wanted, self.boxes, self.frames, width, height)
        solid = [*(box.area for box in self.boxes), *words]
        return Drawing(
            width,
            height,
            self.plan.architecture.name,
            self._below(len(wanted) - len(lines)),
            tuple(self.frames),
            tuple(self.boxes),
            (*lines, *self._hung(lines)),
            place_labels(lines, solid),
            tells(self.plan),
        )  # fmt: skip

    def _below(self, left_out: int) -> Said:
        """Nobody takes a drawing for whole that is not."""
        where = {
            "environment": self.plan.architecture.environment,
            "region": self.plan.architecture.region,
        }
        if left_out:
            return say(
                "{environment}, {region}; {count} lines found no way and are left out",
                count=left_out,
                **where,
            )
        return say("{environment}, {region}", **where)

    def _networks(self, top: int) -> list[Placing]:
        placings = []
        for network in self.plan.networks.values():
            placing = Placing(self.plan, network, MARGIN, snap(top))
            area = placing.place()
            top = area.bottom + LANE
            self.boxes += placing.boxes
            self.frames += placing.frames
            placings.append(placing)
        return placings

    def _right(self) -> int:
        return max((box.area.right for box in self.boxes), default=0)

    def _hung(self, lines: tuple[Line, ...]) -> Iterator[Line]:
        """The gateway and the networks that hang on it, where no line says so yet."""
        gateway = next((box for box in self.boxes if box.part == GATEWAY), None)
        transit = self.plan.architecture.transit
        if gateway is None or transit is None or any(_leaves(line) for line in lines):
            return
        for frame in self.frames:
            if frame.kind == "network" and frame.name in transit.networks:
                y = min(max(gateway.area.middle[1], frame.area.y + 32), frame.area.bottom - 32)
                x = gateway.area.x - SIDE_GAP // 2
                start = (gateway.area.x, gateway.area.middle[1])
                points = (start, (x, start[1]), (x, y), (frame.area.right, y))
                yield Line(Wanted(gateway, gateway, "join"), points)

    # --- above the networks

    def _origin_buckets(self) -> list[Part]:
        named = [
            origin.bucket
            for part in self.plan.of_section("distributions")
            for origin in part.block.origins.values()
            if origin.bucket
        ]
        return [self.plan.parts[name] for name in dict.fromkeys(named)]

    def _top_height(self) -> int:
        if not self.plan.links_from(INTERNET) and not self.front:
            return 0
        stacked = len(self.shown_buckets) * (BOX_H + 16) - 16
        return snap(max(stacked, BOX_H if self.front else PEOPLE_H))

    def _top(self, right: int, height: int) -> None:
        """Distributions in the middle, people before them, the buckets that they show behind."""
        if not height:
            return
        y = MARGIN + TITLE
        wide = BOX_W + 72
        total = len(self.front) * (wide + BETWEEN) - BETWEEN
        x = snap(MARGIN + max((right - MARGIN - total) / 2, PEOPLE_W + 88))
        middle = y + height // 2
        if not self.front:
            centre = snap((MARGIN + right - PEOPLE_W) / 2)
            self._people(Area(centre, middle - PEOPLE_H // 2, PEOPLE_W, PEOPLE_H))
            return
        left = x - PEOPLE_W - 88
        self._people(Area(left, snap(middle - PEOPLE_H / 2), PEOPLE_W, PEOPLE_H))
        for part in self.front:
            area = Area(x, snap(middle - BOX_H / 2), wide, BOX_H)
            self.boxes.append(self._box(part, area))
            x += wide + BETWEEN
        for index, part in enumerate(self.shown_buckets):
            area = Area(x - BETWEEN + 96, y + index * (BOX_H + 16), BOX_W, BOX_H)
            self.boxes.append(self._box(part, area))

    def _people(self, area: Area) -> None:
        if self.plan.links_from(INTERNET):
            self.boxes.append(
                Box(PEOPLE, "people", area, say("Visitors"), say("from the internet"))
            )

    # --- beside them

    def _side(self, right: int, placings: list[Placing]) -> None:
        """What stands in no network beside the tier that uses it, the ways to other networks at the bottom."""
        x = snap(right + SIDE_GAP)
        y = self._height_of_app(placings)
        shown = {part.name for part in self.shown_buckets}
        for part in [part for section in BESIDE for part in self.plan.of_section(section)]:
            if part.name not in shown and part.network is None:
                self.boxes.append(self._box(part, Area(x, y, BOX_W + 32, BOX_H)))
                y += BOX_H + SIDE_STEP
        self._beyond(x, max(y, self._height_of_data(placings)))

    def _height_of_app(self, placings: list[Placing]) -> int:
        """Level with the first box that runs something."""
        running = [box.area.y for box in self.boxes if box.glyph in ("container", "server")]
        return min(running, default=placings[0].top if placings else MARGIN + TITLE)

    def _height_of_data(self, placings: list[Placing]) -> int:
        kept = [box.area.y for box in self.boxes if box.glyph in ("cylinder", "bolt")]
        return min(kept, default=self._height_of_app(placings))

    def _beyond(self, x: int, y: int) -> None:
        transit = self.plan.architecture.transit
        if not transit:
            return
        size = (BOX_W + 32, BOX_H)
        names = ", ".join(transit.networks)
        text = say("joins {networks}", networks=names)
        area = Area(x, y, *size)
        self.boxes.append(Box(GATEWAY, "join", area, say("Transit gateway"), text))
        for name, said, ranges in self._far():
            y += BOX_H + LANE
            self.boxes.append(Box(name, "building", Area(x, y, *size), said, ranges))

    def _far(self) -> Iterator[tuple[str, str | Said, Said]]:
        transit = self.plan.architecture.transit
        if transit and transit.on_premises:
            by = "VPN" if transit.on_premises.by == "vpn" else "Direct Connect"
            ranges = ", ".join(str(cidr) for cidr in transit.on_premises.cidrs)
            yield FAR, say("Data centre"), say("{by}, {ranges}", by=by, ranges=ranges)
        for name, peer in transit.peers.items() if transit else ():
            yield f"{FAR}-{name}", name, say("{range}", range=str(peer.cidr))

    def _box(self, part: Part, area: Area) -> Box:
        text = below(part, self.plan.architecture)
        aside = known_as(part, self.plan)
        return Box(part.name, GLYPHS[part.section], area, part.name, text, aside=aside)


def _leaves(line: Line) -> bool:
    return line.wanted.kind == "use" and line.wanted.target.part == GATEWAY

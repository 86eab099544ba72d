"""Where everything inside a network stands: zones are columns, tiers are rows. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from bongsu.infra.draw.rows import Row, rows_of
from bongsu.infra.draw.shape import Area, Box, Frame, snap
from bongsu.infra.draw.words import GLYPHS, SERVICES, TIERS, below, known_as
from bongsu.infra.plan.model import NetworkPlan, Part, Plan
from bongsu.infra.reach import nat_name
from bongsu.kit.i18n import say

BOX_W, BOX_H, LOW_H = 184, 56, 48
HOST_H = 48
BETWEEN, STACKED = 24, 24  # beside each other, above each other
LANE = 40  # between rows: lines and their ports
ZONE_GAP = 48
PAD, INSET, HEAD = 24, 24, 32  # of the network, of a subnet in its zone, for a label
CHIP_H = 32
CALLING = 56
CARRIED = 16  # between tasks and the hosts below them: one line finds room there


class Placing:
    """One network from `top` downwards, its left edge at `left`."""

    def __init__(self, plan: Plan, network: NetworkPlan, left: int, top: int) -> None:
        self.plan, self.network, self.left, self.top = plan, network, left, top
        self.rows = rows_of(plan, network)
        self.columns = self._columns()
        least = 288 if len(network.zones) > 1 else 416  # the way in passes beside a NAT
        self.inner = max(self.columns * BOX_W + (self.columns - 1) * BETWEEN, least)
        self.zone_w = self.inner + 2 * INSET
        self.boxes: list[Box] = []
        self.frames: list[Frame] = []
        self.y = top

    @property
    def width(self) -> int:
        count = len(self.network.zones)
        return count * self.zone_w + (count - 1) * ZONE_GAP + 2 * PAD

    def place(self) -> Area:
        """The network's own frame; boxes and frames are filled."""
        self._regional()
        self.y = self.top + HEAD + (16 if self.boxes else 8)
        zones_top = self.y
        self.y += HEAD
        for index, (tier, rows) in enumerate(self.rows.items()):
            self.y += LANE if index else 0
            self._tier(tier, rows)
        self.y += 16
        zones = [self._zone(zone, zones_top) for zone in self.network.zones]
        self._endpoints()
        area = Area(self.left, self.top, self.width, self.y + PAD - 8 - self.top)
        self.frames = [self._frame(area), *zones, *self.frames]
        return area

    def _columns(self) -> int:
        """Side by side in a zone: two, and three where many share a row."""
        rows = [row for rows in self.rows.values() for row in rows if row.kind == "zones"]
        most = max((len(row.parts) for row in rows), default=1)
        return min(most, 3 if most > 4 and len(self.network.zones) < 3 else 2)

    def zone_x(self, zone: str) -> int:
        index = self.network.zones.index(zone)
        return self.left + PAD + index * (self.zone_w + ZONE_GAP)

    def _frame(self, area: Area) -> Frame:
        label = say("Network {name}", name=self.network.name)
        return Frame("network", area, label, str(self.network.cidr), self.network.name)

    def _zone(self, zone: str, top: int) -> Frame:
        area = Area(self.zone_x(zone), top, self.zone_w, self.y - top)
        full = f"{self.plan.architecture.region}{zone}"
        label = say("Zone {name}", name=full)
        return Frame("zone", area, label, zone=zone, mirrored=self._outer(zone))

    def _tier(self, tier: str, rows: tuple[Row, ...]) -> None:
        top = self.y
        self.y += HEAD
        for index, row in enumerate(rows):
            self.y += (CARRIED if row.kind == "hosts" else LANE) if index else 0
            self._row(row)
        self.y += 16
        for subnet in self.network.tier(tier):
            x = self.zone_x(subnet.zone) + 8
            area = Area(x, top, self.zone_w - 16, self.y - top)
            label = TIERS[subnet.tier]
            mirrored = self._outer(subnet.zone)
            self.frames.append(
                Frame("subnet", area, label, str(subnet.cidr), "", subnet.zone, mirrored)
            )

    def _row(self, row: Row) -> None:
        """Load balancers share the row of the NATs where they fit between them."""
        match row.kind:
            case "nats":
                self._nats()
            case "across":
                self._across(row.parts)
            case "zones":
                self._zones(row.parts)
            case "hosts":
                self._hosts(row.parts[0])

    def _nats(self) -> None:
        for nat in self.network.nats:
            kind = "NAT EC2" if nat.kind == "instance" else "NAT"
            name = nat_name(self.network.name, nat)
            serves = [nat.zone] if len(self.network.nats) > 1 else self.network.zones
            zones = ", ".join(str(zone) for zone in serves)
            area = Area(self._nat_x(str(nat.zone)), self.y, BOX_W, LOW_H)
            text = say("way out of {zones}", zones=zones)
            self.boxes.append(Box(name, "out", area, kind, text, nat.zone))
        self.y += LOW_H

    def _regional(self) -> None:
        """Above the zones, because it stands in all of them."""
        for nat in self.network.nats:
            if nat.zone is None:
                wide = BOX_W + 56
                area = Area(self.left + self.width - PAD - wide, self.top + 8, wide, CHIP_H)
                text = say("way out of {zones}", zones=", ".join(self.network.zones))
                name = nat_name(self.network.name, nat)
                self.boxes.append(Box(name, "out", area, "NAT", text))

    def _nat_x(self, zone: str) -> int:
        """At the outer edge of its zone, so that the way in stays free."""
        left = self.zone_x(zone) + INSET
        return left + (self.inner - BOX_W if self._outer(zone) else 0)

    def _outer(self, zone: str) -> bool:
        """In the right half."""
        return self.network.zones.index(zone) * 2 >= len(self.network.zones)

    def _across(self, parts: tuple[Part, ...]) -> None:
        """Centred over the zones."""
        wide = self._between_nats() if len(parts) == 1 else BOX_W + 40
        wide = min(wide, (self.width - 4 * PAD) // len(parts) // 8 * 8)
        total = len(parts) * wide + (len(parts) - 1) * BETWEEN
        x = snap(self.left + (self.width - total) / 2)
        above = self.y - LANE - LOW_H
        row = Area(x, above, total, LOW_H)
        nats = [box.area for box in self.boxes if box.glyph == "out" and box.zone]
        if nats and nats[0].y == above and not any(row.touches(nat, BETWEEN) for nat in nats):
            self.y = above
        for part in parts:
            self.boxes.append(self._box(part, Area(x, self.y, wide, LOW_H)))
            x += wide + BETWEEN
        self.y += LOW_H

    def _between_nats(self) -> int:
        """As wide as is left between NATs that stand right above, where that is wide enough."""
        nats = [box.area for box in self.boxes if box.glyph == "out" and box.zone]
        room = max((one.x for one in nats), default=0) - min((one.right for one in nats), default=0)
        fits = len(nats) == 2 and room >= 200 + 2 * BETWEEN
        return min(2 * BOX_W, (room - 2 * BETWEEN) // 8 * 8) if fits else 2 * BOX_W

    def _zones(self, parts: tuple[Part, ...]) -> None:
        """In as many columns as there are parts, at most; the next part stands where there is most room."""
        columns = min(len(parts), self.columns)
        between = self._between(parts)
        wide = (self.inner - (columns - 1) * between) // columns // 8 * 8
        levels = [0] * columns
        for part in parts:
            column = levels.index(min(levels))
            deepest = 0
            for zone in part.zones:
                x = self.zone_x(zone) + INSET + column * (wide + between)
                for step, box in enumerate(self._copies(part, zone)):
                    y = self.y + (levels[column] + step) * (BOX_H + STACKED)
                    self.boxes.append(_moved(box, Area(x, y, wide, BOX_H)))
                    deepest = max(deepest, step + 1)
            levels[column] += deepest
        self.y += max(*levels, 1) * (BOX_H + STACKED) - STACKED

    def _between(self, parts: tuple[Part, ...]) -> int:
        """Where one calls its neighbour there is room for the port."""
        names = {part.name for part in parts}
        calls = any(link.source in names and link.target in names for link in self.plan.links)
        return CALLING if calls else BETWEEN

    def _hosts(self, part: Part) -> None:
        """As wide as the tasks on them may stand: in every zone one box for all hosts there."""
        for zone in part.zones:
            area = Area(self.zone_x(zone) + INSET, self.y, self.inner, HOST_H)
            self.boxes += [replace(box, area=area) for box in self._copies(part, zone)]
        self.y += HOST_H

    def _copies(self, part: Part, zone: str) -> Iterator[Box]:
        nowhere = Area(0, 0, 0, 0)
        if part.section in ("databases", "caches"):
            for number in range(part.copies):
                if part.zones[number % len(part.zones)] == zone:
                    yield self._box(part, nowhere, zone, number)
        elif part.section in ("services", "servers", "nodes", "capacity"):
            copies = part.spread()[zone]
            more = -(-part.most // len(part.zones)) - copies
            yield self._box(part, nowhere, zone, copies=copies, more=max(more, 0))
        else:
            yield self._box(part, nowhere, zone)

    def _box(
        self,
        part: Part,
        area: Area,
        zone: str | None = None,
        number: int = 0,
        *,
        copies: int = 0,
        more: int = 0,
    ) -> Box:
        text = below(part, self.plan.architecture, number)
        glyph = GLYPHS[part.section]
        aside = known_as(part, self.plan)
        return Box(part.name, glyph, area, part.name, text, zone, copies, more, number, aside)

    def _chip_w(self) -> int:
        """As wide as the longest name asks for: `dynamodb` is followed by more words than others."""
        names = [one.service for one in self.network.endpoints]
        longest = max(len(name) for name in names)
        least = 200 if "dynamodb" in names else 168
        return max(least, 96 + 8 * longest)

    def _endpoints(self) -> None:
        """A strip below the zones: they are in every one of them."""
        if not self.network.endpoints:
            return
        self.y += 16
        width = self.width - 2 * PAD
        each, lead = self._chip_w(), 112
        fit = max((width - lead) // (each + 8), 1)
        top = self.y
        for index, endpoint in enumerate(self.network.endpoints):
            x = self.left + PAD + lead + index % fit * (each + 8)
            y = top + 8 + index // fit * (CHIP_H + 8)
            kind = say("gateway, free") if endpoint.gateway else say("interface")
            name = f"{self.network.name}/{endpoint.service}"
            shown = SERVICES.get(endpoint.service, endpoint.service)
            self.boxes.append(Box(name, "plug", Area(x, y, each, CHIP_H), shown, kind))
        lines = -(-len(self.network.endpoints) // fit)
        height = lines * (CHIP_H + 8) + 8
        area = Area(self.left + PAD, top, width, height)
        self.frames.append(Frame("strip", area, say("Endpoints")))
        self.y += height


def _moved(box: Box, area: Area) -> Box:
    return replace(box, area=area)

"""Drawings: everything has its place, nothing covers anything, and lines go around."""

from collections.abc import Callable
from functools import cache
from itertools import combinations, pairwise

import pytest

from bongsu.infra.draw.labels import HIGH, width_of
from bongsu.infra.draw.layout import layout
from bongsu.infra.draw.route import route
from bongsu.infra.draw.rows import depths_of, rows_of
from bongsu.infra.draw.shape import GRID, Area, Box, Drawing, Wanted
from bongsu.infra.draw.wanted import wanted_lines
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.plan import make_plan
from bongsu.kit.i18n import say
from tests.infra.support import example, plan

FIVE = {
    name: {
        "image": {"build": "."}, "port": 3000 + index, "scale": {"min": 3, "max": 60},
        "uses": {"orders": "connect", "pictures": "read"}, "routes": [{"via": "front", "paths": [f"/{name}"]}],
    }
    for index, name in enumerate(["web", "a-very-long-service-name-here-1", "api", "jobs", "mail"])
}  # fmt: skip
TWO = {
    "networks": {"main": {}, "other": {"nat": "none"}},
    "load_balancers__front__network": "main",
    "services__web__network": "main",
    "databases__orders__network": "main",
    "databases__second": {"network": "other", "engine": "aurora-mysql", "readers": 2},
    "transit": {
        "networks": ["main", "other"],
        "peers": {"far": {"cidr": "10.99.0.0/20"}},
        "on_premises": {"cidrs": ["172.16.0.0/12"], "by": "direct-connect", "connection": "dxgw-1"},
    },
}
HOSTS = {
    "capacity": {"hosts": {}, "idle": {}},
    "services__web__runs_on": "hosts",
    "services__web__uses": {"orders": "connect", "clever": "connect"},
    "services__clever": {"image": {"build": "."}, "port": 9000, "runs_on": "hosts",
                         "routes": [{"via": "front", "paths": ["/clever/*"]}]},
}  # fmt: skip
PLANS: dict[str, Callable[[], Plan]] = {
    "beacon": lambda: make_plan(example("000-health-checking").architecture),
    "beacon staging": lambda: make_plan(example("000-health-checking", "staging").architecture),
    "tasks": lambda: make_plan(example("001-tasks").architecture),
    "containers": lambda: make_plan(example("002-containers").architecture),
    "hybrid": lambda: make_plan(example("004-hybrid").architecture),
    "hybrid staging": lambda: make_plan(example("004-hybrid", "staging").architecture),
    "small": plan,
    "busy": lambda: plan(networks__main={"zones": 3, "nat": "none"}, services=FIVE),
    "one zone": lambda: plan(networks__main={"zones": 1, "nat": "instance"}),
    "four zones": lambda: plan(networks__main={"zones": 4, "nat": "regional"}, caches={"fast": {"nodes": 4}}),
    "two networks": lambda: plan(**TWO),
    "no way in": lambda: plan(load_balancers=None, services__web__routes=[]),
    "hosts": lambda: plan(**HOSTS),
    "old": lambda: plan(records={"old": {"name": "old.example.com", "addresses": ["192.0.2.1"]}}),
}  # fmt: skip
each = pytest.mark.parametrize("name", PLANS)


@cache
def plan_of(name: str) -> Plan:
    """Made when the first test asks, not in every process that collects."""
    return PLANS[name]()


@cache
def drawing_of(name: str) -> Drawing:
    return layout(plan_of(name))


@pytest.fixture
def drawing(name: str) -> Drawing:
    return drawing_of(name)


def stretches(line):
    """As areas without thickness."""
    for (x, y), (to_x, to_y) in pairwise(line.points):
        yield Area(min(x, to_x), min(y, to_y), abs(x - to_x), abs(y - to_y))


def inside(area):
    return Area(area.x + 1, area.y + 1, area.w - 2, area.h - 2)


def label_area(label):
    return Area(label.at[0], label.at[1] + 3 - HIGH, width_of(label.text), HIGH)


@each
def test_every_part_is_drawn(name):
    drawn = {box.part for box in drawing_of(name).boxes}

    assert set(plan_of(name).parts) <= drawn


@each
def test_boxes_stand_apart_on_the_grid_and_on_the_sheet(drawing: Drawing):
    sheet = Area(0, 0, drawing.width, drawing.height)

    for one, other in combinations(drawing.boxes, 2):
        assert not one.area.touches(other.area, GRID), (one.key, other.key)
    for box in drawing.boxes:
        assert box.area.x >= 0
        assert box.area.right <= sheet.w
        assert box.area.bottom <= sheet.h
        assert (box.area.x % GRID, box.area.y % GRID) == (0, 0)


@each
def test_boxes_of_a_zone_stand_in_its_frame(drawing: Drawing):
    frames = [frame for frame in drawing.frames if frame.kind == "zone"]

    for box in drawing.boxes:
        if box.zone and box.zone != "regional":
            assert any(
                frame.zone == box.zone
                and frame.area.x < box.area.x
                and box.area.right < frame.area.right
                and frame.area.y < box.area.y
                and box.area.bottom < frame.area.bottom
                for frame in frames
            ), box.key


@each
def test_lines_run_straight_from_edge_to_edge_and_through_no_box(drawing: Drawing):
    for line in drawing.lines:
        areas = list(stretches(line))
        assert all(0 in (area.w, area.h) for area in areas)
        for box in drawing.boxes:
            assert not any(area.touches(inside(box.area)) for area in areas), (line, box.key)


@each
def test_every_line_that_is_wanted_finds_a_way(name):
    drawing = drawing_of(name)
    wanted = wanted_lines(plan_of(name), list(drawing.boxes))

    found = [line.wanted for line in drawing.lines]

    assert all(one in found for one in wanted)


@each
def test_lines_of_different_nets_never_share_a_track(drawing: Drawing):
    for one, other in combinations(drawing.lines, 2):
        if one.wanted.net == other.wanted.net:
            continue
        for a in stretches(one):
            for b in stretches(other):
                along = (a.w == b.w == 0 and a.x == b.x) or (a.h == b.h == 0 and a.y == b.y)
                apart = a.x > b.right or b.x > a.right or a.y > b.bottom or b.y > a.bottom
                short = max(
                    min(a.right, b.right) - max(a.x, b.x), min(a.bottom, b.bottom) - max(a.y, b.y)
                )
                assert not along or apart or short <= GRID, (one, other)


@each
def test_ports_are_written_over_nothing(drawing: Drawing):
    for label in drawing.labels:
        area = label_area(label)
        assert 0 <= area.x
        assert area.right <= drawing.width
        for box in drawing.boxes:
            assert not area.touches(box.area), (label, box.key)
    for one, other in combinations(drawing.labels, 2):
        assert not label_area(one).touches(label_area(other)), (one, other)


def test_tiers_are_rows_in_the_order_of_a_request():
    one = plan_of("hybrid")
    depths = depths_of(one)

    rows = rows_of(one, one.networks["main"])

    assert list(rows) == ["public", "app", "data"]
    assert [[part.name for part in row.parts] for row in rows["app"]] == [
        ["apache"],
        ["inner"],
        ["tomcat"],
    ]
    assert (
        depths["www"]
        < depths["web"]
        < depths["apache"]
        < depths["inner"]
        < depths["tomcat"]
        < depths["orders"]
    )


def test_a_circle_of_calls_has_an_end():
    loop = {
        "load_balancers": {"front": {}, "in": {"public": False}},
        "services__web__uses": {"in": "connect"},
    }
    loop["services__web__routes"] = [{"via": "front", "hosts": ["shop.example.com"]}, {"via": "in"}]

    drawing = layout(plan(**loop))

    assert {"front", "in", "web"} <= {box.part for box in drawing.boxes}


def test_a_box_that_is_walled_in_has_no_line():
    wall = [Box(f"w{i}", "server", Area(x, y, w, h), "w", say("app")) for i, (x, y, w, h) in enumerate(
        [(80, 80, 240, 16), (80, 96, 16, 208), (304, 96, 16, 208), (80, 304, 240, 16)])]  # fmt: skip
    caught = Box("a", "server", Area(160, 160, 80, 80), "a", say("app"))
    free = Box("b", "server", Area(400, 160, 80, 80), "b", say("app"))

    assert route([Wanted(free, caught, "use")], [*wall, caught, free], [], 600, 400) == ()


def test_words_say_what_the_drawing_shows():
    said = [one.to("en") for one in drawing_of("hybrid").tells]

    assert "Network main, 10.40.0.0/22, in zones a, b." in said
    assert "tomcat calls orders on port 3306." in said
    assert "People reach www on port 443." in said


def test_a_part_that_is_called_people_is_no_visitor():
    uses = {"services__web__uses": {"people": "connect"}, "services__web__environment": {}}
    drawing = layout(plan(**uses, databases={"people": {}}))

    assert not [line for line in drawing.lines if line.wanted.source.part == "people"
                and line.wanted.kind == "serve"]  # fmt: skip


def test_tasks_stand_side_by_side_on_their_hosts():
    boxes = {box.key: box.area for box in drawing_of("hosts").boxes}

    for zone in "ab":
        web, clever, hosts = (boxes[f"{name}@{zone}"] for name in ("web", "clever", "hosts"))
        assert web.y == clever.y
        assert 0 < hosts.y - web.bottom < 24
        assert hosts.x <= min(web.x, clever.x)
        assert hosts.right >= max(web.right, clever.right)


def test_a_drawing_of_very_many_parts_comes_to_an_end_and_says_what_it_leaves_out(monkeypatch):
    """Two hundred services are drawn as boxes; lines are looked for as long as the effort lasts."""
    monkeypatch.setattr("bongsu.infra.draw.route.EFFORT", 10_000)
    many = {f"services__web-{number}": {"image": {"build": "."}, "port": 80, "uses": {"orders": "connect"}}
            for number in range(12)}  # fmt: skip

    found = layout(plan(**many))

    left_out = int(str(found.below).partition("; ")[2].partition(" ")[0])
    assert {f"web-{number}" for number in range(12)} <= {box.part for box in found.boxes}
    assert left_out > 10
    assert "left out" not in str(layout(plan()).below)

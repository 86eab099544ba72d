"""The picture itself: well formed, in two languages, in two themes, and a page can recolour it."""

from dataclasses import replace
from functools import cache
from xml.etree import ElementTree as ET

import pytest

from bongsu.infra.draw.layout import layout
from bongsu.infra.draw.palette import css
from bongsu.infra.draw.shape import Drawing
from bongsu.infra.draw.strokes import fit, width_of
from bongsu.infra.draw.struck import struck
from bongsu.infra.draw.svg import svg
from bongsu.infra.drill.drill import drill, drill_all
from bongsu.infra.drill.losses import Loss
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.plan import make_plan
from tests.infra.support import EXAMPLES, example, source

SVG = "{http://www.w3.org/2000/svg}"


@cache
def plan() -> Plan:
    return make_plan(example("004-hybrid").architecture)


@cache
def drawing() -> Drawing:
    """Made when the first test asks, not in every process that collects."""
    return layout(plan())


def parsed(text):
    return ET.fromstring(text)


def groups(root):
    return {group.get("id"): group for group in root.iter(f"{SVG}g") if group.get("id")}


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_is_one_file_that_fetches_nothing(theme, language):
    text = svg(drawing(), language, theme)

    root = parsed(text)

    assert root.tag == f"{SVG}svg"
    assert root.get("lang") == language
    assert text.count("http") == 1  # the name of the language of the picture
    assert "url(" not in text
    assert "@import" not in text


def test_every_part_is_a_group_that_a_page_can_find():
    found = groups(parsed(svg(drawing())))

    assert {f"part-{box.part.replace('/', '.')}" for box in drawing().boxes} == set(found)
    assert found["part-tomcat"].get("data-part") == "tomcat"
    assert found["part-main.a"].get("data-part") == "main/a"
    zones = [stand.get("data-zone") for stand in found["part-tomcat"] if stand.get("data-zone")]
    assert zones == ["a", "b"]


def test_who_cannot_see_it_is_told():
    root = parsed(svg(drawing(), "ko", ids="one"))

    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "one-title one-desc"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert (title.get("id"), title.text) == ("one-title", "portal 아키텍처")
    assert "포트 3306" in desc.text


def test_labels_are_in_the_language():
    english, korean = svg(drawing(), "en"), svg(drawing(), "ko")

    assert "Data centre" in english
    assert "Data centre" not in korean
    assert "데이터 센터" in korean


def test_text_is_escaped():
    box = replace(drawing().boxes[0], name='<a href="x">&', aside="<b>")
    text = svg(replace(drawing(), title="<script>", boxes=(box,), lines=(), labels=()))

    parsed(text)
    assert "<script>" not in text
    assert "<b>" not in text
    assert 'href="x"' not in text


def test_themes():
    light, dark, auto = css("light"), css("dark"), css("auto")

    assert "prefers-color-scheme" not in light + dark
    assert light != dark
    assert "@media (prefers-color-scheme: dark)" in auto
    assert ':root[data-theme="dark"] .arch .ground' in auto
    for one in (light, dark, auto):
        assert one.count("{") == one.count("}")
        assert "None" not in one


def test_every_rule_stays_in_the_drawing():
    selectors = [
        line.split("{")[0]
        for line in css("auto").splitlines()
        if "{" in line and "@media" not in line
    ]

    assert all(".arch " in part for line in selectors for part in line.split(","))


def test_a_page_may_bring_the_rules_itself():
    assert "<style>" not in svg(drawing(), styled=False)
    assert "<style>" in svg(drawing())


def test_a_drill_strikes_out_what_is_lost_and_colours_what_stands_badly():
    outcome = drill(plan(), [Loss("zone", "a"), Loss("origin", "www/static")])
    shown = struck(plan(), outcome)

    found = groups(parsed(svg(drawing(), states=shown.states, lost=shown.lost)))

    tomcat = [stand.get("class") for stand in found["part-tomcat"]]
    assert tomcat == ["stand lost", "stand"]
    assert found["part-tomcat"].get("class") == "part state-degraded"
    titles = [stand.find(f"{SVG}title").text for stand in found["part-tomcat"]]
    assert titles == ["tomcat: EC2 t4g.medium (lost)", "tomcat: EC2 t4g.medium (Degraded)"]
    assert [stand.get("class") for stand in found["part-static"]] == ["stand lost"]
    assert [stand.get("class") for stand in found["part-static-spare"]] == ["stand"]
    assert found["part-static-spare"].get("class") == "part"


@pytest.mark.parametrize(
    ("loss", "part", "stands"),
    [
        (Loss("nat", "main/b"), "main.b", ["stand lost"]),
        (Loss("database", "orders"), "orders", ["stand lost", "stand", "stand"]),
        (Loss("cache", "sessions"), "sessions", ["stand lost", "stand"]),
        (Loss("endpoint", "main/s3"), "main.s3", ["stand lost"]),
        (Loss("load-balancer", "web"), "web", ["stand lost"]),
        (Loss("origin", "www/site"), "web", ["stand lost"]),
        (Loss("copy", "tomcat"), "tomcat", ["stand", "stand"]),
    ],
)
def test_each_loss_is_struck_where_it_is(loss, part, stands):
    shown = struck(plan(), drill(plan(), [loss]))

    found = groups(parsed(svg(drawing(), states=shown.states, lost=shown.lost)))

    assert [stand.get("class") for stand in found[f"part-{part}"]] == stands


def test_any_drill_can_be_drawn():
    for outcome in drill_all(plan()):
        shown = struck(plan(), outcome)
        parsed(svg(drawing(), states=shown.states, lost=shown.lost))


def test_what_does_not_fit_is_cut_and_said():
    assert fit("short", 100, 6) == "short"
    # As Chromium draws them, semibold and 13 pixels high.
    for text, drawn in (("load-balancer-with-long-name-x…", 222), ("function-with-a-really-lon…", 181),
                        ("database-with-a-really-long-nam1", 220), ("PostgreSQL", 74)):  # fmt: skip
        assert abs(width_of(text, 7.0) - drawn) <= 8
    assert fit("a-name-that-is-too-long", 60, 6) == "a-name-t…"
    assert width_of("가", 8) > width_of("a", 8)


def test_the_page_links_the_rules_that_the_drawing_has_inside_elsewhere():
    sheet = EXAMPLES.parents[1] / "src/bongsu/web/static/css/rooms/drawing.css"

    assert sheet.read_text(encoding="utf-8") == f"@layer room {{\n{css()}}}\n"


def test_a_part_with_a_link_leads_there_and_says_its_state():
    plan = make_plan(source().architecture)
    drawn = svg(layout(plan), states={"web": "degraded"}, links={"web": "/checks/1?a&b"})

    assert '<a href="/checks/1?a&amp;b"><g id="part-web"' in drawn
    assert 'role="group"' in drawn
    assert 'role="img"' in svg(layout(plan))

"""Each macro, in both languages: roles, names and words, read back from the HTML."""

import json
from datetime import timedelta

import pytest

from bongsu.kit.errors import Problem
from bongsu.kit.i18n import say
from tests.web.pages import NOW, html, soup

WORDS = {
    "up": ("Up", "정상"),
    "degraded": ("Degraded", "저하"),
    "down": ("Down", "중단"),
    "unknown": ("Unknown", "알 수 없음"),
    "maintenance": ("Maintenance", "점검"),
    "paused": ("Paused", "일시 중지"),
}


@pytest.mark.parametrize("state", WORDS)
@pytest.mark.parametrize(("language", "index"), [("en", 0), ("ko", 1)])
def test_a_state_is_shape_word_and_colour(state: str, language: str, index: int) -> None:
    found = soup("{{ c.state(s) }}", language, s=state).select_one(".state")

    assert found.get_text() == WORDS[state][index]
    assert found["data-s"] == state
    assert found.use["href"] == f"#g-{state}"
    assert found.svg["aria-hidden"] == "true"


def test_a_tag_takes_other_words_and_attributes() -> None:
    found = soup("{{ c.tag('up', 'Good for 61 days', id='cert') }}").select_one(".state.tag")

    assert (found.get_text(), found["id"]) == ("Good for 61 days", "cert")


@pytest.mark.parametrize("n", range(1, 6))
def test_beacons_burn_as_many_fires_as_the_severity_and_say_so(n: int) -> None:
    found = soup("{{ c.beacons(n) }}", "ko", n=n).select_one(".beacons")

    assert len(found.select("use.on")) == n
    assert len(found.select("rect.off")) == 5 - n
    assert found["aria-label"] == f"심각도 5단계 중 {n}"


def test_a_picture_says_in_words_what_it_shows() -> None:
    page = soup(
        "{{ c.strip(['up', 'down'], 'Two days') }}{{ c.ridge([1, 2], 'down', label='p95') }}"
        "{{ c.ridge([1, 2]) }}"
    )
    strip, named, bare = page.select("svg")

    assert (strip["role"], strip["aria-label"]) == ("img", "Two days")
    assert named["aria-label"] == "p95"
    assert bare["aria-hidden"] == "true"


def test_a_chart_has_axis_limit_mark_and_band() -> None:
    times = [NOW + timedelta(minutes=5 * i) for i in range(13)]
    source = (
        "{{ c.stacked(times, [{'values': values}], limit=800, marks=[{'at': times[9], 'text': '1.2 deployed'}],"
        " bands=[{'start': times[10], 'end': times[12], 'state': 'down'}], label='It rose.') }}"
    )

    chart = soup(source, "ko", times=times, values=[300.0] * 10 + [1900.0] * 3).select_one(
        "svg.chart"
    )

    assert chart["aria-label"] == "It rose."
    assert chart.select_one("text.marktext").get_text() == "1.2 deployed"
    assert chart.select_one("rect.band")["data-s"] == "down"
    assert "기준 0.8초" in chart.get_text()
    assert "10:20" in chart.get_text()


def test_one_probe_is_a_bar_of_its_phases() -> None:
    bar = soup("{{ c.phase_bar([('name', 12000), ('connect', 22000)]) }}").select_one(".phasebar")

    assert bar.svg["aria-label"] == "name 12 ms, connect 22 ms"
    assert [li.get_text(" ", strip=True) for li in bar.select("li")] == [
        "name 12 ms",
        "connect 22 ms",
    ]


def test_a_button_is_not_a_submit_unless_asked() -> None:
    rest, submit = soup(
        "{{ c.btn('Look') }}{{ c.btn('Save', 'main-act', type='submit', hx_post='/x') }}"
    ).select("button")

    assert rest["type"] == "button"
    assert (submit["type"], submit["hx-post"], submit["class"]) == (
        "submit",
        "/x",
        ["btn", "main-act"],
    )


def test_a_button_that_goes_somewhere_is_a_link() -> None:
    assert soup("{{ c.btn('Open', href='/a?b=1&c=2') }}").a["href"] == "/a?b=1&c=2"


def test_a_button_that_is_not_allowed_says_why_and_does_nothing() -> None:
    page = soup(
        "{{ c.btn('Delete', type='submit', why_not='Only an administrator may.', hx_delete='/x') }}"
    )

    assert page.button["aria-disabled"] == "true"
    assert page.button["type"] == "button"
    assert "hx-delete" not in page.button.attrs
    assert page.find(id=page.button["aria-describedby"]).get_text() == "Only an administrator may."


def test_a_busy_button_and_an_icon_button_have_names() -> None:
    busy, icon, copy = soup(
        "{{ c.btn('Saving', busy=true) }}{{ c.icon_btn('Add', 'i-plus') }}{{ c.copy('x y') }}", "ko"
    ).select("button")

    assert (busy["aria-busy"], icon["aria-label"]) == ("true", "Add")
    assert (copy["data-copy"], copy["aria-label"], copy["data-done"]) == ("x y", "복사", "복사됨")


def test_chips_and_segments_say_what_is_chosen() -> None:
    page = soup(
        "{{ c.chip('Down', s='down', pressed=true, n=3) }}"
        "{{ c.chip('Up', href='?s=up', pressed=true) }}{{ c.chip('file') }}"
        "{{ c.seg('Period', [{'text': '6 h', 'value': '6h', 'current': true},"
        " {'text': '7 d', 'href': '?p=7d'}]) }}"
    )

    assert page.select_one("button.chip")["aria-pressed"] == "true"
    assert page.select_one("a.chip")["aria-current"] == "true"
    assert page.select_one("span.chip").get_text() == "file"
    assert page.select_one(".seg")["aria-label"] == "Period"
    assert [e.name for e in page.select(".seg > *")] == ["button", "a"]


def test_who_has_left_is_called_so_in_the_readers_language() -> None:
    page = soup("{{ c.who('Deleted person') }}", "ko")

    assert "삭제된 사람" in page.text


def test_people_and_nobody() -> None:
    page = soup("{{ c.who('박민수') }}{{ c.nobody() }}", "ko")

    assert page.select_one(".face").get_text() == "민수"
    assert page.select(".who")[1].get_text() == "?담당자 없음"


def test_a_field_has_label_help_and_what_is_wrong() -> None:
    page = soup(
        "{{ c.field('url', 'Address', 'x', type='url', help='Where.', error=bad, required=true) }}",
        bad=say("No scheme."),
    )
    field, own = page.select_one(".field"), page.input

    assert page.label["for"] == own["id"]
    assert (own["type"], own["value"], own["aria-invalid"]) == ("url", "x", "true")
    assert own.has_attr("required")
    assert [page.find(id=i).get_text() for i in own["aria-describedby"].split()] == [
        "Where.",
        "No scheme.",
    ]
    assert field.has_attr("data-bad")


@pytest.mark.parametrize(
    ("type_", "element"),
    [
        ("text", "input"),
        ("password", "input"),
        ("textarea", "textarea"),
        ("code", "textarea"),
        ("lines", "textarea"),
        ("mapping", "textarea"),
        ("select", "select"),
        ("checkbox", "input"),
        ("date", "input"),
    ],
)
def test_every_type_of_field_has_one_named_control(type_: str, element: str) -> None:
    page = soup("{{ c.field('n', 'Name', type=type, options=[('a', 'A')]) }}", type=type_)

    assert [e["name"] for e in page.select("input, select, textarea")] == ["n"]
    assert page.find(element)["id"] == "f-n"
    assert "Name" in page.label.get_text()


def test_a_password_is_never_written_back_but_a_reference_is() -> None:
    secret, reference = soup(
        "{{ c.field('a', 'A', 'hunter2', type='password') }}"
        "{{ c.field('b', 'B', 'env:KEY', type='password') }}"
    ).select("input")

    assert (secret["value"], reference["value"]) == ("", "env:KEY")


def test_a_form_comes_out_of_a_schema_with_values_and_problems() -> None:
    schema = {
        "properties": {
            "url": {"type": "string", "title": "Check", "format": "uri"},
            "deep": {
                "type": "object",
                "title": "State",
                "properties": {"user": {"type": "string", "title": "Find"}},
            },
        },
        "required": ["url"],
    }
    problems = (Problem("deep.user", say("Unknown")),)

    page = soup(
        "{{ c.form_for(schema, values, problems) }}",
        "ko",
        schema=schema,
        values={"url": "u", "deep": {"user": "me"}},
        problems=problems,
    )

    assert [(i["name"], i["value"]) for i in page.select("input")] == [
        ("options.url", "u"),
        ("options.deep.user", "me"),
    ]
    assert [label.get_text() for label in page.select("label")] == ["검사", "찾기"]
    assert page.fieldset.legend.get_text() == "상태"
    assert page.select_one(".err").get_text() == "알 수 없음"


def test_all_problems_are_told_above_the_form() -> None:
    problems = (Problem("url", say("No scheme."), say("Write https."), "b.yaml", 4),)

    page = soup(
        "{{ c.problems(said_it, problems) }}{{ c.problems('') }}",
        said_it=say("Not saved."),
        problems=problems,
    )

    assert page.select_one("[role=alert] b").get_text() == "Not saved."
    assert page.select_one("li").get_text() == "b.yaml:4 url No scheme. Write https."
    assert len(page.select(".problems")) == 1


def test_a_panel_is_a_named_region() -> None:
    page = soup(
        "{% call c.panel('Checks', id='checks', right='5', foot='end') %}in{% endcall %}"
        "{% call c.panel('B & C', flush=true) %}x{% endcall %}"
    )
    first, second = page.select("section")

    assert page.find(id=first["aria-labelledby"]).get_text() == "Checks"
    assert second["aria-label"] == "B & C"
    assert first.select_one(".body").get_text() == "in"
    assert second.select_one(".body") is None


def test_a_table_names_its_columns_and_its_order() -> None:
    page = soup(
        "{% call c.table([{'text': 'State', 'sort': 'descending', 'href': '?s'}, "
        "'Check', {'text': 'Acts', 'hide': true, 'end': true}], caption='Checks', rows=true) %}"
        "<tr><td>x</td></tr>{% endcall %}"
    )

    assert [th["scope"] for th in page.select("th")] == ["col"] * 3
    assert page.th["aria-sort"] == "descending"
    assert page.select_one("th .sr").get_text() == "Acts"
    assert page.table.has_attr("data-rows")
    assert page.caption.get_text() == "Checks"


def test_facts_leave_out_what_is_not_known() -> None:
    page = soup(
        "{{ c.facts([('Owner', 'shop'), ('None', none), ('Empty', ''), ('Zero', 0), ('As', 'cli', true)]) }}"
    )

    assert [dt.get_text() for dt in page.select("dt")] == ["Owner", "Zero", "As"]
    assert page.select("dd")[2]["class"] == ["mono"]


def test_conditions_are_told_apart_without_colour() -> None:
    held, broken = soup(
        "{{ c.conditions([{'ok': true, 'text': 'a'}, {'ok': false, 'text': 'b'}]) }}", "ko"
    ).select("li")

    assert (held.select_one(".sr").get_text(), held.use["href"]) == ("충족:", "#g-ok")
    assert (broken.select_one(".sr").get_text(), broken.use["href"]) == ("불충족:", "#g-no")


def test_machine_text_is_escaped_and_can_be_copied() -> None:
    page = soup("{{ c.out('<b> \"x\"') }}")

    assert page.pre.get_text() == '<b> "x"'
    assert page.button["data-copy"] == '<b> "x"'


def test_a_head_holds_crumbs_title_and_actions() -> None:
    page = soup(
        "{% call c.head('Checkout', crumbs=[('Wall', '/'), ('Shop', none)], state='down') %}"
        "{{ c.btn('Edit') }}{% endcall %}{% call c.head('Bare') %}{% endcall %}",
        "ko",
    )
    first, second = page.select(".head")

    assert [a["href"] for a in first.select("nav a")] == ["/"]
    assert first.h1.get_text(" ", strip=True) == "Checkout 중단"
    assert first.select_one(".do button").get_text() == "Edit"
    assert second.select_one(".do") is None


def test_a_timeline_tells_because() -> None:
    page = soup(
        "{% call c.timeline() %}{% call c.event(at, s='down', because='twice') %}"
        "Down{% endcall %}{% endcall %}",
        "ko",
        at=NOW,
    )

    assert page.ol["aria-label"] == "경과"
    assert (page.time.get_text(), page.time["datetime"]) == ("10:04:00", "2026-11-21T01:04:00.000Z")
    assert page.select_one(".because").get_text() == "twice"


def test_times_carry_what_the_script_needs_to_count_on() -> None:
    since, ago, at = soup(
        "{{ c.since(t0) }}{{ c.ago(t0) }}{{ c.at(t0, 'day') }}", "ko", t0=NOW - timedelta(minutes=5)
    ).select("time")

    assert (since.get_text(), since["data-clock"]) == ("09:59 · 5분째", "09:59")
    assert ago.get_text() == "5분 전"
    assert at.get_text() == "11월 21일"


def test_an_empty_state_has_the_command_to_copy() -> None:
    page = soup(
        "{% call c.empty('No service yet', 'Register one:', 'bongsu apply') %}{{ c.btn('New') }}"
        "{% endcall %}{{ c.empty('Nothing') }}"
    )
    first, second = page.select(".empty")

    assert first.pre.get_text() == "bongsu apply"
    assert first.select(".btn")[-1].get_text() == "New"
    assert second.get_text() == "Nothing"


def test_a_sheet_is_a_named_dialog_that_can_be_closed() -> None:
    page = soup("{% call c.sheet('del', 'Delete it') %}x{% endcall %}", "ko")

    assert page.find(id=page.dialog["aria-labelledby"]).get_text() == "Delete it"
    assert page.select_one("[data-close]")["aria-label"] == "닫기"


def test_a_menu_is_a_disclosure_with_a_name() -> None:
    page = soup(
        "{% call c.menu('Acts', icon='i-more', hide_label=true) %}{{ c.item('Go', href='/x') }}"
        "{{ c.item('Do', type='submit') }}{% endcall %}"
    )

    assert page.summary["aria-label"] == "Acts"
    assert page.select_one(".pop a")["href"] == "/x"
    assert page.select_one(".pop button")["type"] == "submit"


def test_live_and_lazy_parts_say_what_they_depend_on() -> None:
    live, lazy = soup(
        "{% call c.live('a', '/a', 'wall service/1', tag='section') %}x{% endcall %}"
        "{{ c.lazy('b', '/b', rows=2) }}",
        "ko",
    ).select("[data-live]")

    assert (live.name, live["data-live"], live["data-src"]) == ("section", "wall service/1", "/a")
    assert lazy.has_attr("data-load")
    assert lazy["aria-busy"] == "true"
    assert "불러오는 중" in lazy.get_text()


def test_the_whole_is_told_with_state_and_beacons() -> None:
    whole = soup("{{ c.overall(4, '1 down', 'of 18', 'down') }}").a

    assert (whole["id"], whole["data-s"], whole["data-say"]) == ("overall", "down", "1 down")
    assert whole.select_one(".beacons")["data-n"] == "4"


def test_a_grid_carries_its_words() -> None:
    grid = soup("{{ c.grid('/g.json') }}", "ko").find("monitor-grid")

    assert json.loads(grid["data-words"])["down"] == "중단"
    assert "T를 누르세요" in grid.get_text()


def test_a_pager_shows_only_where_there_is_more() -> None:
    page = soup("{{ c.pager(older='?p=2') }}|{{ c.pager() }}", "ko")

    assert [a.get_text(strip=True) for a in page.select("a")] == ["이전"]


@pytest.mark.parametrize(
    "macro",
    [
        "reason('down', bad)",
        "banner(bad)",
        "toast(bad, bad)",
        "chip(bad)",
        "tag('up', bad)",
        "btn(bad)",
        "who(bad, bad)",
        "facts([(bad, bad)])",
        "field('n', bad, bad, help=bad, error=bad, placeholder=bad)",
        "overall(1, bad, bad)",
    ],
)
def test_text_from_people_is_escaped_everywhere(macro: str) -> None:
    assert "<script" not in html("{{ c." + macro + " }}", bad='"><script>alert(1)</script>')

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.web import charts

START = datetime(2026, 11, 21, 4, 4, tzinfo=UTC)
STATE = st.sampled_from([None, "up", "degraded", "down", "unknown", "maintenance", "paused"])


def test_a_strip_joins_quiet_days_and_lets_trouble_stand_up() -> None:
    drawn = charts.strip(["up", "up", "down", "up"], step=3, height=18)

    assert drawn.width == 12
    assert drawn.paths == (("u", "M0 15.5H5M9 15.5H11"), ("x", "M6 0h2v18h-2z"))


def test_days_not_yet_watched_are_a_hairline() -> None:
    assert charts.strip([None, None]).paths == (("z", "M0 17H5"),)


@given(st.lists(STATE, max_size=120), st.sampled_from([2.0, 3.0, 4.0]))
def test_a_strip_is_as_wide_as_its_days_and_draws_each_kind_once(
    days: list[str | None], step: float
) -> None:
    drawn = charts.strip(days, step)

    assert drawn.width == len(days) * step
    assert len({name for name, _ in drawn.paths}) == len(drawn.paths)


def test_a_ridge_in_trouble_ends_in_its_states_colour() -> None:
    calm, broken = charts.ridge([1.0, 2, 1, 2]), charts.ridge([1.0, 2, 1, 9], "down", limit=4)

    assert calm.hot == ""
    assert broken.hot.startswith("M")
    assert broken.line.endswith(broken.hot.removeprefix("M"))


def test_a_limit_is_drawn_only_where_the_line_comes_near() -> None:
    assert charts.ridge([100.0, 110], limit=900).limit_y is None
    assert charts.ridge([700.0, 790], limit=800).limit_y is not None


def test_a_gap_stays_a_gap() -> None:
    drawn = charts.ridge([1.0, 2.0, None, 3.0, 4.0])

    assert drawn.line.count("M") == 2
    assert drawn.area.count("z") == 2


@pytest.mark.parametrize("points", [[], [None, None], [5.0], [0.0, 0.0]])
def test_a_ridge_of_nearly_nothing_is_drawn_without_failing(points: list[float | None]) -> None:
    drawn = charts.ridge(points, "down", limit=0)

    assert drawn.limit_y is None
    assert "nan" not in drawn.line + drawn.area


@pytest.mark.parametrize(
    ("top", "steps"),
    [
        (2090, (0, 500, 1000, 1500, 2000)),
        (9, (0, 2, 4, 6, 8)),
        (0.4, (0, 0.1, 0.2, 0.3, 0.4)),
        (1000, (0, 200, 400, 600, 800, 1000)),
    ],
)
def test_value_steps_are_round_and_few(top: float, steps: tuple[float, ...]) -> None:
    assert charts.nice_steps(top) == pytest.approx(steps)


@given(st.floats(1e-6, 1e9))
def test_value_steps_never_pass_the_top(top: float) -> None:
    steps = charts.nice_steps(top)

    assert 2 <= len(steps) <= 6
    assert steps[-1] <= top * (1 + 1e-9)


def test_time_steps_are_round_local_times() -> None:
    times = [START + timedelta(minutes=5 * i) for i in range(72)]

    steps = charts.time_steps(times, UTC)

    assert [s.strftime("%H:%M") for s in steps] == ["05:00", "06:00", "07:00", "08:00", "09:00"]


def test_a_stack_puts_each_part_on_the_one_below() -> None:
    times = [START, START + timedelta(hours=1)]

    drawn = charts.stack(
        times, [{"values": [10, 10]}, {"values": [30, 30], "ramp": 4}], width=100, height=100
    )

    assert [ramp for ramp, _ in drawn.layers] == [1, 4]
    assert drawn.values[0].at == 100
    assert drawn.layers[1][1].startswith("M0 10.7L100 10.7L100 77.7")


def test_a_stack_has_marks_bands_and_a_limit_inside_its_frame() -> None:
    times = [START + timedelta(minutes=i) for i in range(61)]
    late = {"at": START + timedelta(hours=3), "text": "later"}
    band = {
        "start": START + timedelta(minutes=50),
        "end": START + timedelta(hours=2),
        "state": "down",
    }

    drawn = charts.stack(
        times,
        [{"values": [100.0] * 61}],
        limit=80,
        marks=[{"at": START + timedelta(minutes=48), "text": "deploy"}, late],
        bands=[
            band,
            band | {"start": START - timedelta(hours=2), "end": START - timedelta(hours=1)},
        ],
        width=600,
    )

    assert [(m.x, m.text, m.left) for m in drawn.marks] == [(480.0, "deploy", True)]
    assert [(b.x, b.width, b.state) for b in drawn.bands] == [(500.0, 100.0, "down")]
    assert drawn.limit_y is not None
    assert 0 < drawn.limit_y < 200


def test_what_was_not_measured_is_not_drawn() -> None:
    times = [START + timedelta(minutes=i) for i in range(6)]

    drawn = charts.stack(times, [{"values": [5, 5, None, None, 5, 5]}])

    assert drawn.layers[0][1].count("Z") == 2
    assert charts.stack([], []).layers == ()


def test_small_parts_of_a_bar_stay_visible_and_the_whole_is_kept() -> None:
    parts = charts.bar([("name", 1), ("connect", 0), ("first byte", 9999)], width=600)

    assert [width for _, _, _, width in parts][1] == 0
    assert parts[0][3] >= 1.4
    assert sum(width for _, _, _, width in parts) == pytest.approx(600, abs=0.2)

"""Schedules: what AWS would refuse is refused in the file, and how often one runs is known."""

import pytest

from bongsu.infra.schedules import runs_a_month, wrong_schedule
from tests.infra.support import source
from tests.infra.test_unsupported import problems

FUNCTION = {"build": "src", "handler": "a.b"}


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("rate(1 hour)", 730),
        ("rate(5 minutes)", 8760),
        ("rate(2 days)", 15.2),
        ("cron(0 3 * * ? *)", 30.4),
        ("cron(0/15 * * * ? *)", 4 * 24 * 30.4),
        ("cron(0 8-18 ? * MON-FRI *)", 11 * 5 * 30.4 / 7),
        ("cron(0 22 ? * FRI-SUN *)", 3 * 30.4 / 7),
        ("cron(0 0 1 * ? *)", 1),
        ("cron(0 0 L 3,6,9,12 ? *)", 1 / 3),
        ("cron(0 9 ? JAN-MAR 2#1 2026)", 30.4 / 7 / 4),
        ("cron(30 6 15W * ? *)", 1),
    ],
)
def test_it_is_known_how_often_a_schedule_runs(text, runs):
    assert wrong_schedule(text) is None
    assert runs_a_month(text) == pytest.approx(runs, rel=0.01)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0 3 * * *", "This is neither rate(5 minutes) nor cron("),
        ("cron(0 3 * * *)", "AWS's cron has six fields"),
        ("cron(0 3 * * * *)", "Of the day of the month and the day of the week exactly one"),
        ("cron(0 3 ? * ? *)", "Of the day of the month and the day of the week exactly one"),
        ("cron(0 25 * * ? *)", "25 is no hours of AWS's cron."),
        ("cron(0 3 * * 8 *)", "8 is no day of the week of AWS's cron."),
        ("cron(*/0 3 * * ? *)", "*/0 is no minutes of AWS's cron."),
        ("rate(1 minutes)", "AWS takes rate(1 hour) and rate(2 hours)"),
        ("rate(5 minute)", "AWS takes rate(1 hour) and rate(2 hours)"),
        ("rate(0 minutes)", "This is neither rate(5 minutes) nor"),
        ("rate(10 seconds)", "This is neither rate(5 minutes) nor"),
    ],
)
def test_one_that_aws_refuses_is_refused_where_it_stands(text, what):
    found = problems(lambda: source(functions__nightly=FUNCTION | {"on": [{"schedule": text}]}))

    assert [(where, said[: len(what)]) for where, said, _ in found] == [
        ("functions.nightly.on[0].schedule", what)
    ]
    assert runs_a_month(text) == 0

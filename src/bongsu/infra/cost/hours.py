"""Which share of a week an environment runs. Pure."""

from bongsu.infra.model.watching import Hours

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
WEEK_MINUTES = 7 * 24 * 60


def share_running(hours: Hours | None) -> float:
    """1.0 without office hours. A stop before the start is one of the next day."""
    if hours is None:
        return 1.0
    length = (_minutes(hours.stop) - _minutes(hours.start)) % (24 * 60) or 24 * 60
    return _days(hours.days) * length / WEEK_MINUTES


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _days(days: str) -> int:
    first, _, last = days.partition("-")
    return (DAYS.index(last or first) - DAYS.index(first)) % 7 + 1

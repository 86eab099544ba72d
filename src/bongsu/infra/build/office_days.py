"""On which days an environment starts and stops, as AWS's cron writes them. Pure."""

from bongsu.infra.model.watching import Hours

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def starts_on(hours: Hours) -> str:
    """Where it runs from one midnight to the next, days follow each other: it starts on the first of them."""
    return _text(_named(hours)[:1] if hours.start == hours.stop else _named(hours))


def stops_on(hours: Hours) -> str:
    """A stop that is not later than the start is one of the next day."""
    days = _named(hours)
    if hours.start < hours.stop:
        return _text(days)
    return _text([_after(day) for day in (days[-1:] if hours.start == hours.stop else days)])


def _named(hours: Hours) -> list[str]:
    """`FRI-MON` → FRI, SAT, SUN, MON"""
    first, _, last = hours.days.partition("-")
    days = [first]
    while days[-1] != (last or first):
        days.append(_after(days[-1]))
    return days


def _after(day: str) -> str:
    return DAYS[(DAYS.index(day) + 1) % len(DAYS)]


def _text(days: list[str]) -> str:
    """A range where the week does not turn in it, else one by one."""
    places = [DAYS.index(day) for day in days]
    if len(days) > 1 and places == list(range(places[0], places[0] + len(days))):
        return f"{days[0]}-{days[-1]}"
    return ",".join(days)

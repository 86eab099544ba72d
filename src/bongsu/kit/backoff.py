"""How long to wait before trying again: pure, with the random part given."""


def exponential_s(attempt: int, first_s: float, cap_s: float, jitter: float) -> float:
    """Doubling from `first_s` for attempt 0, at most `cap_s`; `jitter` in 0..1 takes up to half off."""
    return min(cap_s, first_s * 2.0 ** min(attempt, 32)) * (1 - jitter / 2)


def ladder_s(steps_s: tuple[float, ...], attempt: int, jitter: float) -> float | None:
    """The wait before attempt number `attempt` (0 = the first); None when the ladder has ended.

    `jitter` in 0..1 adds up to a tenth, so that many deliveries do not come back in one instant.
    """
    if attempt >= len(steps_s):
        return None
    return steps_s[attempt] * (1 + jitter / 10)

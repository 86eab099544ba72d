"""Counts tries before what was typed is looked at; see docs/adr/0027-tries.md."""

from collections.abc import Sequence
from datetime import datetime

from bongsu.accounts import store_keys
from bongsu.accounts.keys import Limit, Tries
from bongsu.db.session import Tx
from bongsu.kit.errors import TooMany
from bongsu.kit.i18n import Said, say_n


async def count(tx: Tx, limits: Sequence[Limit], now: datetime) -> int:
    """How many tries are left by the first limit, this one taken off. Raises TooMany while a wait lasts;
    nothing is written then, so that hammering fills neither log nor table."""
    held = await store_keys.hold_tries(tx, [limit.key for limit in limits], now)
    wait_s = max(limit.wait_s(held[limit.key], now) for limit in limits)
    if wait_s > 0:
        raise TooMany(_wait(wait_s), wait_s)
    counted = {limit.key: limit.count(held[limit.key], now) for limit in limits}
    for key, tries in counted.items():
        await store_keys.keep_tries(tx, key, tries)
    first = counted[limits[0].key]
    if first.count == 1:
        await store_keys.forget_old_tries(tx, now)
    return limits[0].left(first)


def _wait(wait_s: float) -> Said:
    return say_n(
        "Too many tries. Wait {n} minute, then try again.",
        "Too many tries. Wait {n} minutes, then try again.",
        max(1, round(wait_s / 60)),
    )


async def forgive(tx: Tx, limits: Sequence[Limit], now: datetime) -> None:
    """It was a right one: the counters of the account are cleared, those of a place only take it back."""
    held = await store_keys.hold_tries(tx, [limit.key for limit in limits], now)
    for limit in limits:
        place = limit.key.startswith(("address:", "start:"))
        kept = limit.forgive(held[limit.key], now) if place else Tries(0, now)
        await store_keys.keep_tries(tx, limit.key, kept)

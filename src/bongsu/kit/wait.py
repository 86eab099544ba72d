"""Waiting that a stop interrupts."""

import asyncio


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """True at once when `stop` is or becomes set, False after `seconds`."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True

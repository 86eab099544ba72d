"""How the parts of the alarm role wait: until there is something to do, it is time to look, or to stop."""

import asyncio


async def rest(stop: asyncio.Event, wake: asyncio.Event, timeout_s: float) -> None:
    """Returns at `stop`, at `wake` (which it clears) or after `timeout_s`, whichever comes first."""
    if stop.is_set():
        return
    waiting = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(wake.wait())]
    try:
        await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    wake.clear()

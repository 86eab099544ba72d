import asyncio

from bongsu.kit.wait import pause


async def test_a_pause_ends_when_its_time_is_over() -> None:
    assert not await pause(asyncio.Event(), 0.001)


async def test_a_stop_ends_a_pause_at_once() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_soon(stop.set)

    assert await pause(stop, 60)

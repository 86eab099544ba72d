import time
from datetime import UTC, datetime

from bongsu.db.session import Database
from bongsu.kit.clock import ManualClock
from bongsu.watch import store_states, views
from bongsu.watch.board import FRESH_S, Board
from tests.watch.world import fill, register

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


async def test_a_wall_of_ten_thousand_checks_is_read_again_only_where_something_moved(
    tmp_path, sqlite_template
):
    """As ratios of CPU time, so that a slow machine does not fail it; bench/wall.py measures the clock."""
    path = tmp_path / "state.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database.open(f"sqlite:///{path}")
    await fill(database, 500, 10_000)
    board = Board(ManualClock())

    async def cost_s() -> float:
        began_s = time.process_time()
        async with database.read() as tx:
            view = await board.view(tx, NOW)
        shown = [len(one.services) for one in views.shortened(view.groups, 100)]
        assert (view.checks, len(view.groups[0].services), shown) == (10_000, 500, [100])
        return time.process_time() - began_s

    first_s, again_s = await cost_s(), min([await cost_s() for _ in range(5)])
    await database.close()
    assert again_s < first_s / 4


async def test_the_board_shows_a_change_at_once_and_what_has_no_event_within_seconds(db):
    async with db() as database:
        clock = ManualClock()
        board, check = Board(clock), await register(database)

        async def shown() -> tuple[int, str | None, float | None]:
            async with database.read() as tx:
                view = await board.view(tx, clock.now())
            (row,) = view.groups[0].services
            return view.checks, row.state, row.slowest_ms

        assert await shown() == (1, None, None)
        await register(database, "second")
        assert await shown() == (2, None, None)
        async with database.write() as tx:
            body = store_states.pack([[check.id, "up", 12.5, 1.0]])
            await store_states.save_snapshot(tx, "here", clock.now(), 1, body)
        assert await shown() == (2, None, 12.5)
        async with database.write() as tx:
            (known,) = (await store_states.known(tx, {check.id: check}, "here")).values()
            known.changed, known.state, known.since = True, "unknown", clock.now()
            await store_states.save_states(tx, [known])
        assert await shown() == (2, None, 12.5)
        clock.advance(FRESH_S + 0.1)
        assert await shown() == (2, "unknown", 12.5)

from hypothesis import given
from hypothesis import strategies as st

from bongsu.watch.lanes import SLOW_US, Lanes, Place
from bongsu.watch.schedule import LATE_LIMIT_US


def place(name: str, host: str | None = None, slow: bool = False, due_us: int = 0) -> Place[str]:
    return Place(name, host or name, slow, due_us)


def test_looks_start_at_once_until_the_places_are_taken_and_then_wait_their_turn():
    lanes: Lanes[str] = Lanes(total=2)
    first, second, third = place("a"), place("b"), place("c")

    assert [lanes.offer(p, 0) for p in (first, second, third)] == [True, True, False]
    assert (lanes.under_way, lanes.waiting) == (2, 1)

    assert lanes.leave(first, 10) == [third]
    assert lanes.waiting == 0


def test_slow_targets_never_take_the_last_quarter():
    lanes: Lanes[str] = Lanes(total=8)
    started = [lanes.offer(place(f"hole-{n}", slow=True), 0) for n in range(8)]

    assert started == [True] * 6 + [False] * 2
    assert all(lanes.offer(place(f"well-{n}"), 0) for n in range(2))


def test_a_look_that_turns_out_slow_gives_its_quick_place_away():
    lanes: Lanes[str] = Lanes(total=4)
    holes = [place(f"hole-{n}") for n in range(3)]
    for hole in holes:
        lanes.offer(hole, 0)
    assert (lanes.quick_count, lanes.slow_count) == (3, 0)

    assert lanes.settle(SLOW_US) == []
    assert lanes.quick_count == 3
    lanes.settle(SLOW_US + 1)

    assert (lanes.quick_count, lanes.slow_count) == (0, 3)
    assert all(hole.slow for hole in holes)
    assert not lanes.offer(place("known-hole", slow=True), SLOW_US)
    assert lanes.offer(place("well"), SLOW_US)
    for hole in holes:
        lanes.leave(hole, SLOW_US + 2)
    assert lanes.under_way == 2  # the known hole moved up


def test_one_host_is_not_asked_by_more_than_its_share_at_once():
    lanes: Lanes[str] = Lanes(total=100, per_host=2)
    looks = [place(f"look-{n}", host="same") for n in range(4)]

    assert [lanes.offer(p, 0) for p in looks] == [True, True, False, False]
    assert lanes.offer(place("other"), 0)
    assert lanes.leave(looks[0], 1) == [looks[2]]
    assert lanes.leave(looks[1], 1) == [looks[3]]
    assert lanes.waiting == 0


def test_who_waits_longer_than_a_slot_may_be_late_is_given_up():
    lanes: Lanes[str] = Lanes(total=1, per_host=1)
    lanes.offer(place("running", host="a"), 0)
    by_host, by_lane = place("x", host="a", due_us=5), place("y", host="b", due_us=5)
    assert not lanes.offer(by_host, 5)
    assert not lanes.offer(by_lane, 5)

    assert lanes.expired(5 + LATE_LIMIT_US) == []
    assert set(lanes.expired(6 + LATE_LIMIT_US)) == {by_host, by_lane}
    assert lanes.waiting == 0
    assert lanes.expired(10 * LATE_LIMIT_US) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["offer", "leave", "settle", "expire"]),
            st.integers(0, 5),
            st.booleans(),
        ),
        max_size=200,
    )
)
def test_counts_stay_within_their_caps_and_nobody_is_lost(steps):
    lanes: Lanes[int] = Lanes(total=6, per_host=2)
    running: list[Place[int]] = []
    offered = started = given_up = now_us = 0
    for what, host, slow in steps:
        now_us += 300_000
        if what == "offer":
            one = Place(offered, f"host-{host}", slow, now_us)
            offered += 1
            running += [one] if lanes.offer(one, now_us) else []
        elif what == "leave" and running:
            running += lanes.leave(running.pop(0), now_us)
        elif what == "settle":
            running += lanes.settle(now_us)
        elif what == "expire":
            given_up += len(lanes.expired(now_us))
        hosts = [p.host for p in running]
        assert lanes.under_way == len(running) <= lanes.total
        assert all(hosts.count(h) <= lanes.per_host for h in hosts)
        assert min(lanes.quick_count, lanes.slow_count) >= 0
    while running:
        started += 1
        running += lanes.leave(running.pop(), now_us)
    assert lanes.under_way == 0
    given_up += len(lanes.expired(now_us + 10 * LATE_LIMIT_US))
    assert lanes.waiting == 0

"""The allocator's promises, for all inputs: inside, apart, and whoever has a range keeps it."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.infra.plan.cidr import NoRoom, allocate, first_free, overlaps, prefix_for, usable

INSIDE = IPv4Network("10.20.0.0/20")
SIZES = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(24, 28), max_size=12)


def filled(wanted, held=None):
    """As much as fits, in the way the plan asks."""
    left = dict(wanted)
    while True:
        try:
            return allocate(INSIDE, left, held or {})
        except NoRoom as error:
            del left[error.name]


@given(SIZES)
def test_ranges_lie_inside_and_apart_and_have_their_size(wanted):
    given_out = filled(wanted)

    assert all(one.subnet_of(INSIDE) for one in given_out.values())
    assert all(one.prefixlen == wanted[name] for name, one in given_out.items())
    assert list(overlaps(given_out)) == []


@given(SIZES, SIZES)
def test_who_has_a_range_keeps_it_whatever_is_added_or_taken_away(first, second):
    held = filled(first)
    later = filled(second, held)

    assert all(later[name] == held[name] for name in later if name in held)
    apart = {f"held {name}": one for name, one in held.items()}
    apart |= {f"new {name}": one for name, one in later.items() if name not in held}
    assert list(overlaps(apart)) == []


@given(SIZES, st.randoms())
def test_the_order_of_a_file_does_not_matter(wanted, random):
    shuffled = list(wanted.items())
    random.shuffle(shuffled)

    assert filled(dict(shuffled)) == {**filled(wanted)}


def test_what_does_not_fit_is_named():
    with pytest.raises(NoRoom) as caught:
        allocate(IPv4Network("10.0.0.0/24"), {"a": 25, "b": 25, "c": 28}, {})

    assert (caught.value.name, caught.value.prefix) == ("c", 28)


@pytest.mark.parametrize(
    ("prefix", "left"),
    [(28, 11), (27, 27), (26, 59), (25, 123), (24, 251), (23, 507), (22, 1019), (21, 2043)],
)
def test_five_addresses_of_a_subnet_are_not_ours(prefix, left):
    assert usable(prefix) == left
    assert (prefix_for(left), prefix_for(left + 1)) == (prefix, prefix - 1)


@given(st.integers(0, 10_000), st.integers(16, 24))
def test_a_new_network_touches_nothing_that_is_taken(seed, prefix):
    pool = IPv4Network("10.0.0.0/12")
    taken = [IPv4Network("10.0.0.0/16"), IPv4Network("10.9.0.0/16"), IPv4Network("172.16.0.0/12")]

    found = first_free(pool, prefix, taken, seed % 2 ** (prefix - 12))

    assert found is not None
    assert not any(found.overlaps(one) for one in taken)


def test_a_full_pool_has_none():
    assert first_free(IPv4Network("10.0.0.0/16"), 20, [IPv4Network("10.0.0.0/8")], 3) is None

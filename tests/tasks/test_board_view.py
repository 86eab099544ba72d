"""How much of a long column a board shows: 30 cards, more when asked, the rest in the list."""

import re

import pytest

from bongsu.tasks import transfer
from bongsu.tasks.board_view import CARDS, LIMIT, limits, longer, word_of
from tests.people import CLOCK
from tests.tasks.support import house_of
from tests.tasks.test_list_pages import HTMX, get

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_address_says_how_many_cards_each_column_shows():
    shown = limits([1, 2, 3], "2.60-3.90")

    assert {1: CARDS, 2: 60, 3: 90} == shown
    assert "2.60-3.90" == word_of(shown)


@pytest.mark.parametrize(
    "word", ["", "-", "2", "2.", ".60", "x.60", "2.x", "9.60", "2.-4", "²." * 50]
)
def test_what_is_no_column_or_no_number_is_passed_over(word):
    assert {1: CARDS, 2: CARDS} == limits([1, 2], word)


def test_nobody_asks_for_fewer_than_at_first_or_for_more_than_the_most():
    assert {1: CARDS, 2: LIMIT} == limits([1, 2], "1.3-2.999999999")


@pytest.mark.parametrize(
    ("count", "now", "more"),
    [
        (CARDS, "", None),
        (CARDS + 7, "", (7, f"1.{CARDS + 7}")),
        (500, "", (CARDS, f"1.{2 * CARDS}")),
        (500, f"1.{LIMIT - 1}", (1, f"1.{LIMIT}")),
        (500, f"1.{LIMIT}", None),
    ],
)
def test_more_is_offered_up_to_what_there_is_and_to_the_most(count, now, more):
    assert more == longer(limits([1], now), 1, count)


@one_engine
async def test_the_rest_of_a_long_column_can_be_reached_on_the_board_and_in_the_list(db):
    async with db() as database:
        house = await house_of(database)
        text = "title\n" + "".join(f"Card {n}\n" for n in range(1, 71))
        await transfer.take_in(database, house.world.ada, "TSK", text, CLOCK)
        async with await house.client("cho") as client:
            board = await get(client, "/projects/TSK?q=card")
            [more] = board.all(r'href="([^"]+)" data-more="30"')
            longer_board = await get(client, more)
            [rest] = longer_board.all(r'href="([^"]+)" data-more="10"')
            whole = await get(client, rest)
            [src] = whole.all(r'data-src="(/-/projects/[^"]+)"')
            part = await get(client, src, **HTMX)
            [listed] = board.all(r'href="(/tasks/list[^"]+column[^"]+)"')
            page = await get(client, listed)

    assert [f"TSK-{n}" for n in range(1, CARDS + 1)] == _cards(board)
    assert "Show 30 more" in board.text
    assert more.endswith(re.findall(r'id="(card-\d+)"', board)[-1])  # where reading goes on
    assert "Show 10 more" in longer_board.text
    assert [f"TSK-{n}" for n in range(1, 71)] == _cards(whole)
    assert "data-more" not in whole
    assert _cards(whole) == _cards(part)  # what refreshes itself stays as long
    assert "1–50 of 70" in page.text


def _cards(page):
    return page.all(r'data-card="([^"]+)"')

"""In which languages, themes and widths a page is looked at.

`make test` takes the first two, which share nothing; `make long` the other three, with which every pair of a
language, a theme and a width has been met.
"""

import pytest

Look = tuple[str, str, int]
FIRST: list[Look] = [("en", "light", 1440), ("ko", "dark", 390)]
OTHERS: list[Look] = [("en", "dark", 390), ("ko", "light", 390), ("ko", "dark", 1440)]


def name_of(look: Look) -> str:
    return "-".join(map(str, look))


each_look = pytest.mark.parametrize(
    ("lang", "theme", "width"),
    [
        *(pytest.param(*one, id=name_of(one)) for one in FIRST),
        *(pytest.param(*one, id=name_of(one), marks=pytest.mark.long) for one in OTHERS),
    ],
)

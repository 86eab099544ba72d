"""What people read in place of what a browser calls itself."""

import pytest

from bongsu.accounts.devices import device

MOZILLA = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) {}"


@pytest.mark.parametrize(
    ("system", "rest", "said"),
    [
        ("Windows NT 10.0; Win64; x64", "Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Windows NT 10.0; Win64; x64", "Chrome/140.0.0.0 Safari/537.36", "Chrome · Windows"),
        ("iPhone; CPU iPhone OS 18_0 like Mac OS X", "Version/18.0 Mobile/1 Safari/604.1", "Safari · iPhone"),
        ("iPhone; CPU iPhone OS 18_0 like Mac OS X", "CriOS/140.0 Mobile Safari/604.1", "Chrome · iPhone"),
        ("Linux; Android 16; SM-S931N", "SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
         "Samsung Internet · Android"),
        ("Macintosh; Intel Mac OS X 10_15_7", "Chrome/140.0 Whale/4.30 Safari/537.36", "Whale · macOS"),
        ("X11; Linux x86_64; rv:140.0", "Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Haiku", "Firefox/140.0", "Firefox"),
    ],
)  # fmt: skip
def test_a_browser_is_called_as_people_call_it(system, rest, said):
    assert said == device(MOZILLA.format(system, rest))


@pytest.mark.parametrize("agent", ["", "curl/8.11.0", "bongsu-cli"])
def test_what_nobody_knows_stays(agent):
    assert agent == device(agent)

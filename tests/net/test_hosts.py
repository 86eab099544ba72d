import os

from bongsu.kit.clock import ManualClock
from bongsu.net.hosts import HostsFile, Search, is_address, parse_hosts, parse_search, system_search


def test_hosts_lines_give_names_in_lower_case_with_their_addresses_in_order():
    names = parse_hosts(
        "127.0.0.1 localhost # me\n::1 localhost\n10.0.0.1 Web web2\n\nnonsense web\n10.0.0.1 web\n"
    )

    assert names == {
        "localhost": ("127.0.0.1", "::1"),
        "web": ("10.0.0.1",),
        "web2": ("10.0.0.1",),
    }


def test_the_search_list_is_only_for_names_with_too_few_dots():
    search = parse_search(
        "nameserver 10.0.0.53\nsearch a.example.com b.example.com.\noptions ndots:2 edns0\n"
    )

    assert search == Search(("a.example.com", "b.example.com"), 2)
    assert search.candidates("db.svc") == ("db.svc.a.example.com", "db.svc.b.example.com", "db.svc")
    assert search.candidates("shop.example.org") == ("shop.example.org",)
    assert search.candidates("db.") == ("db",)


def test_a_missing_file_means_no_search_list(tmp_path):
    assert system_search(tmp_path / "none") == Search()


def test_the_file_is_read_again_when_it_changed_and_at_most_every_five_seconds(tmp_path):
    path, clock = tmp_path / "hosts", ManualClock()
    path.write_text("10.0.0.1 web\n")
    hosts = HostsFile(path, clock)
    assert hosts.lookup("web") == ("10.0.0.1",)

    path.write_text("10.0.0.222 web\n")
    assert hosts.lookup("web") == ("10.0.0.1",)
    clock.advance(5)
    assert hosts.lookup("web") == ("10.0.0.222",)

    os.unlink(path)
    clock.advance(5)
    assert hosts.lookup("web") == ()


def test_localhost_never_leaves_the_machine(tmp_path):
    hosts = HostsFile(tmp_path / "none", ManualClock())

    assert hosts.lookup("localhost") == ("127.0.0.1", "::1")
    assert hosts.lookup("shop.localhost") == ("127.0.0.1", "::1")


def test_what_is_an_address():
    assert [is_address(x) for x in ("127.0.0.1", "::1", "fe80::1%eth0", "127.1", "x", "")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip

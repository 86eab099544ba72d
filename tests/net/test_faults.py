import errno
import json
import subprocess
import sys

import pycurl
import pytest

from bongsu.net.faults import curl_fault, errno_fault, os_fault


@pytest.mark.parametrize(
    "number",
    [
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.EADDRNOTAVAIL,
        errno.ENETUNREACH,
        errno.ENOMEM,
    ],
)
def test_what_this_machine_lacks_is_its_own_fault_and_named(number):
    fault = curl_fault(pycurl.E_COULDNT_CONNECT, "x", number, connected=False)

    assert ("own", errno.errorcode[number]) == (fault.kind, fault.errno)
    assert fault.kind == os_fault(OSError(number, "x")).kind


@pytest.mark.parametrize(
    ("code", "number", "connected", "kind"),
    [
        (pycurl.E_COULDNT_CONNECT, errno.ECONNREFUSED, False, "connect_refused"),
        (pycurl.E_COULDNT_CONNECT, errno.EHOSTUNREACH, False, "unreachable"),
        (pycurl.E_COULDNT_CONNECT, errno.ETIMEDOUT, False, "connect_timeout"),
        (pycurl.E_COULDNT_CONNECT, 0, False, "own"),
        (pycurl.E_OPERATION_TIMEDOUT, 0, False, "connect_timeout"),
        (pycurl.E_OPERATION_TIMEDOUT, 0, True, "timeout"),
        (pycurl.E_RECV_ERROR, errno.ECONNRESET, True, "connect_reset"),
        (pycurl.E_GOT_NOTHING, 0, True, "protocol"),
        (pycurl.E_PARTIAL_FILE, 0, True, "connect_reset"),
        (pycurl.E_SSL_CONNECT_ERROR, errno.ECONNRESET, True, "tls"),
        (pycurl.E_PEER_FAILED_VERIFICATION, 0, True, "certificate"),
        (pycurl.E_OUT_OF_MEMORY, 0, False, "own"),
        (pycurl.E_UNSUPPORTED_PROTOCOL, 0, True, "protocol"),
        (100, 0, True, "too_large"),
    ],
)
def test_every_error_has_its_kind(code, number, connected, kind):
    assert kind == curl_fault(code, "words", number, connected=connected).kind


def test_words_are_cleaned_and_cut():
    fault = curl_fault(pycurl.E_GOT_NOTHING, "a\n\x00b " + "x" * 1000, 0, connected=True)

    assert fault.text.startswith("a b xxx")
    assert 300 >= len(fault.text)


def test_an_unknown_number_is_nothing_in_particular():
    assert errno_fault(0, "x") is None
    assert "protocol" == os_fault(OSError("odd")).kind


EXHAUSTED = """
import asyncio, json, os, resource
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.net.fetch import Fetcher
from bongsu.net.guard import EgressPolicy
from bongsu.net.handshake import shake_hands
from bongsu.net.model import Request
from bongsu.net.place import Place
from bongsu.net.resolver import Resolver
from bongsu.net.tcp import talk

async def main():
    policy = EgressPolicy.parse("loopback")
    fetcher = Fetcher(Resolver())
    request = Request(url="http://127.0.0.1:9/", timeout_s=2)
    await fetcher.fetch(request, policy)  # everything is loaded and open
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    held = []
    try:
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    seen = [
        await fetcher.fetch(request, policy),
        await shake_hands(fetcher, "127.0.0.1", 9, policy=policy, timeout_s=2),
        await talk(Place("127.0.0.1", 9, 0), SYSTEM_CLOCK, 2),
    ]
    name = await Resolver(nameservers=("127.0.0.1:9",)).resolve("a.example.com", timeout_s=2)
    for fd in held:
        os.close(fd)
    after = await fetcher.fetch(request, policy)
    print(json.dumps([[s.fault.kind, s.fault.errno] for s in (*seen, after)] + [name.kind]))

asyncio.run(main())
"""


def test_a_process_without_descriptors_blames_itself_and_recovers():
    done = subprocess.run(
        [sys.executable, "-c", EXHAUSTED], capture_output=True, text=True, timeout=30, check=False
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        ["own", "EMFILE"],
        ["own", "EMFILE"],
        ["own", "EMFILE"],
        ["connect_refused", "ECONNREFUSED"],
        "resolver",
    ]

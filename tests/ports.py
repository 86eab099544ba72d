"""Ports of loopback that nobody listens on, and that nobody is given by chance before a server of ours begins to.

They lie below those that the kernel gives to whoever names none: else a connection or a server of another test
could take one between the look here and the use there.
"""

import secrets
import socket
from contextlib import ExitStack
from pathlib import Path

GIVEN = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 10_000


def free_port() -> int:
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row."""
    lowest_given = int(GIVEN.read_text(encoding="ascii").split()[0])
    for _ in range(100):
        first = LOWEST + secrets.randbelow(lowest_given - count - LOWEST)
        with ExitStack() as held:
            try:
                for port in range(first, first + count):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise RuntimeError(f"no {count} free ports in a row")

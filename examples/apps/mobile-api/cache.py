"""What was asked a moment ago, in Valkey or Redis. Where nobody answers, the program asks its database instead."""

import socket
import ssl
from urllib.parse import urlsplit

WAIT_S = 0.5


class Cache:
    """A connection for each question: few are asked, and a lost one costs nothing. Empty `url`: no cache."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)

    def get(self, key: str) -> str | None:
        found = self._asked("GET", key)
        return found.decode() if found is not None else None

    def put(self, key: str, value: str, seconds: int) -> None:
        self._asked("SET", key, value, "EX", str(seconds))

    def drop(self, key: str) -> None:
        self._asked("DEL", key)

    def _asked(self, *words: str) -> bytes | None:
        if not self.url.hostname:
            return None
        try:
            with self._connected(self.url.hostname) as connection:
                connection.sendall(_written(words))
                with connection.makefile("rb") as file:
                    return _read(file.readline(), file.read)
        except OSError:
            return None

    def _connected(self, host: str) -> socket.socket:
        plain = socket.create_connection((host, self.url.port or 6379), timeout=WAIT_S)
        if self.url.scheme != "rediss":
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _written(words: tuple[str, ...]) -> bytes:
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(one), one) for one in parts)


def _read(line: bytes, more) -> bytes | None:
    """Text of a known length; everything else says only that it was done."""
    if line[:1] != b"$" or line.startswith(b"$-"):
        return None
    return more(int(line[1:]) + 2)[:-2]

"""As much of Redis's protocol as this program needs: a few commands, over TLS where the address says rediss."""

import socket
import ssl
import threading
from urllib.parse import urlsplit

WAIT_S = 1.0


class Redis:
    """One connection, made at its first use and again after a failure. Raises OSError where nobody answers."""

    def __init__(self, url: str) -> None:
        self.url, self.lock = urlsplit(url), threading.Lock()
        self.socket: socket.socket | None = None

    def get(self, key: str) -> bytes | None:
        found = self._ask("GET", key)
        return found if isinstance(found, bytes) else None

    def put(self, key: str, value: str, seconds: int) -> None:
        self._ask("SET", key, value, "EX", str(seconds))

    def drop(self, key: str) -> None:
        self._ask("DEL", key)

    def count(self, key: str, seconds: int) -> int:
        """How often it was counted since the first time; that is forgotten after so many seconds."""
        found = self._ask("INCR", key)
        if found == 1:
            self._ask("EXPIRE", key, str(seconds))
        return int(found or 0)

    def _ask(self, *words: str) -> bytes | int | None:
        parts = [word.encode() for word in words]
        text = b"".join(b"$%d\r\n%s\r\n" % (len(one), one) for one in parts)
        with self.lock:
            try:
                if self.socket is None:
                    self.socket = self._connected()
                    self.file = self.socket.makefile("rb")
                self.socket.sendall(b"*%d\r\n" % len(parts) + text)
                return self._answer()
            except OSError:
                self._close()
                raise

    def _connected(self) -> socket.socket:
        host = self.url.hostname or "127.0.0.1"
        plain = socket.create_connection((host, self.url.port or 6379), timeout=WAIT_S)
        if self.url.scheme != "rediss":
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)

    def _answer(self) -> bytes | int | None:
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the connection ended")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise ConnectionError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            length = int(rest)
            return None if length < 0 else self.file.read(length + 2)[:-2]
        return rest

    def _close(self) -> None:
        if self.socket:
            self.socket.close()
        self.socket = None

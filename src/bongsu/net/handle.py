"""libcurl's easy handles, prepared once and used again, with the sinks that what they read falls into."""

import os
import socket
import struct
from functools import cache
from pathlib import Path
from typing import Any

import pycurl

from bongsu import __version__

USER_AGENT = f"Bongsu/{__version__}"
_MAX_IDLE = 512
# Without the post-quantum hybrid, whose key costs a tenth of a handshake and is thrown away after one probe.
_CURVES = "X25519:P-256:P-384:P-521"
_RESET = struct.pack("ii", 1, 0)
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)


@cache
def system_bundle() -> Path | None:
    """The machine's trusted authorities, or those of SSL_CERT_FILE; None leaves libcurl its built-in place."""
    places = (os.environ.get("SSL_CERT_FILE", ""), *_BUNDLES)
    return next((Path(path) for path in places if path and Path(path).is_file()), None)


def end_with_reset(fd: int, _purpose: int) -> int:
    """For SOCKOPTFUNCTION. Who closes first keeps the port in TIME_WAIT for a minute; a reset does not.

    Set when the socket is made: with CLOSESOCKETFUNCTION libcurl would call into a handle that may
    be gone, because it shuts TLS down after the transfer.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fd)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    sock.detach()
    return int(pycurl.SOCKOPT_OK)


class Sink:
    """Takes what libcurl reads. `header_lines` grows by itself, up to libcurl's own cap of 300 KiB;
    the body up to the caps given: answering 0 ends the transfer."""

    __slots__ = ("body_bytes", "chunks", "full", "header_lines", "keep", "read")

    def __init__(self) -> None:
        self.header_lines: list[bytes] = []
        self.chunks: list[bytes] = []
        self.start(0, 0)

    def start(self, keep_bytes: int, read_bytes: int) -> None:
        self.header_lines.clear()
        self.chunks.clear()
        self.body_bytes = 0
        self.keep, self.read = keep_bytes, read_bytes
        self.full = False

    def body(self, chunk: bytes) -> int | None:
        room = self.keep - self.body_bytes
        if room > 0:
            self.chunks.append(chunk if len(chunk) <= room else chunk[:room])
        self.body_bytes += len(chunk)
        self.full = self.body_bytes > self.read
        return 0 if self.full else None


class Handle:
    """`soiled` handles carry options of one request and are reset before the next."""

    __slots__ = ("curl", "sink", "soiled")

    def __init__(self) -> None:
        self.curl: Any = pycurl.Curl()
        self.sink = Sink()
        self.soiled = False


class HandlePool:
    def __init__(self, ca_file: Path | None) -> None:
        self._ca_file = ca_file or system_bundle()
        self._idle: list[Handle] = []

    def take(self) -> Handle:
        if self._idle:
            return self._idle.pop()
        handle = Handle()
        self._prepare(handle)
        return handle

    def give(self, handle: Handle) -> None:
        if len(self._idle) >= _MAX_IDLE:
            handle.curl.close()
            return
        if handle.soiled:
            handle.curl.reset()
            self._prepare(handle)
            handle.soiled = False
        handle.sink.start(0, 0)
        self._idle.append(handle)

    def close(self) -> None:
        for handle in self._idle:
            handle.curl.close()
        self._idle.clear()

    def _prepare(self, handle: Handle) -> None:
        setopt = handle.curl.setopt
        setopt(pycurl.NOSIGNAL, 1)
        setopt(pycurl.NOPROGRESS, 1)
        setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        setopt(pycurl.FOLLOWLOCATION, 0)
        setopt(pycurl.PATH_AS_IS, 1)
        setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        setopt(pycurl.PROXY, "")  # what HTTP_PROXY says would get round the egress guard
        setopt(pycurl.FRESH_CONNECT, 1)
        setopt(pycurl.FORBID_REUSE, 1)
        setopt(pycurl.DNS_CACHE_TIMEOUT, 0)
        setopt(pycurl.SSL_SESSIONID_CACHE, 0)  # a resumed session shows no certificate
        setopt(pycurl.SSL_EC_CURVES, _CURVES)
        setopt(pycurl.OPT_CERTINFO, 1)
        setopt(pycurl.ACCEPT_ENCODING, "")  # every coding libcurl knows; caps count decoded bytes
        if self._ca_file is not None:
            setopt(pycurl.CAINFO, str(self._ca_file))
        setopt(pycurl.HEADERFUNCTION, handle.sink.header_lines.append)
        setopt(pycurl.WRITEFUNCTION, handle.sink.body)
        setopt(pycurl.USERAGENT, USER_AGENT)
        # Else we close first, and at 500 probes/s of one target every port to it is in TIME_WAIT.
        setopt(pycurl.HTTPHEADER, ["Connection: close"])

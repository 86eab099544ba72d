"""libcurl's and the operating system's errors, in our words."""

import errno as os_errno
import socket

import pycurl

from bongsu.kit.text import one_line
from bongsu.net.model import Fault

# Descriptors, memory, ports or network of this machine: they say nothing about the target.
OWN_ERRNOS = frozenset(
    {
        os_errno.EMFILE,
        os_errno.ENFILE,
        os_errno.ENOBUFS,
        os_errno.ENOMEM,
        os_errno.EADDRNOTAVAIL,
        os_errno.ENETUNREACH,
        os_errno.ENETDOWN,
    }
)
_BY_ERRNO = {
    os_errno.ECONNREFUSED: "connect_refused",
    os_errno.ECONNRESET: "connect_reset",
    os_errno.ECONNABORTED: "connect_reset",
    os_errno.EPIPE: "connect_reset",
    os_errno.ETIMEDOUT: "connect_timeout",
    os_errno.EHOSTUNREACH: "unreachable",
    os_errno.EHOSTDOWN: "unreachable",
    os_errno.EACCES: "unreachable",
    os_errno.EPERM: "unreachable",
}
_TOO_LARGE = 100  # CURLE_TOO_LARGE, which pycurl does not name
_BY_CODE = {
    pycurl.E_SSL_CONNECT_ERROR: "tls",
    pycurl.E_SSL_CIPHER: "tls",
    pycurl.E_PEER_FAILED_VERIFICATION: "certificate",
    pycurl.E_SSL_ISSUER_ERROR: "certificate",
    pycurl.E_SSL_CACERT_BADFILE: "own",
    pycurl.E_OUT_OF_MEMORY: "own",
    pycurl.E_URL_MALFORMAT: "options",
    pycurl.E_PARTIAL_FILE: "connect_reset",
}


def curl_fault(code: int, words: str, errno: int, *, connected: bool) -> Fault:
    """For a transfer that ended with `code` (not 0)."""
    text = one_line(words)[:300]
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return Fault("timeout" if connected else "connect_timeout", text)
    # libcurl's caps on headers: 300 KiB in all, 100 KiB a line, 5000 lines; two different codes.
    if code == _TOO_LARGE or "response headers" in text:
        return Fault("too_large", text or "too large response header")
    if code == pycurl.E_COULDNT_CONNECT and not errno:
        return _no_socket()
    known = errno_fault(errno, text)
    if known is not None and code not in {
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_PEER_FAILED_VERIFICATION,
    }:
        return known
    return Fault(_BY_CODE.get(code, "protocol"), text)


def _no_socket() -> Fault:
    """libcurl keeps the number of every failed connect, but not of a failed socket(): that one is
    ours whatever it was. What it was shows when it is tried again; by then it may have passed."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    except OSError as error:
        name = os_errno.errorcode.get(error.errno or 0, "socket")
        return Fault("own", one_line(error.strerror or str(error)), name)
    return Fault("own", "this machine had no socket for the connection", "EMFILE")


def errno_fault(errno: int, text: str) -> Fault | None:
    name = os_errno.errorcode.get(errno, "")
    if errno in OWN_ERRNOS:
        return Fault("own", text, name)
    kind = _BY_ERRNO.get(errno)
    return Fault(kind, text, name) if kind else None


def os_fault(error: OSError) -> Fault:
    """For a socket of our own making."""
    text = one_line(error.strerror or str(error))
    return errno_fault(error.errno or 0, text) or Fault("protocol", text)

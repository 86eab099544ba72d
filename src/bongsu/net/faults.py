"""libcurl's and the operating system's errors, in our words. Pure."""

import errno as os_errno

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
_BY_CODE = {
    pycurl.E_COULDNT_CONNECT: "unreachable",
    pycurl.E_SSL_CONNECT_ERROR: "tls",
    pycurl.E_SSL_CIPHER: "tls",
    pycurl.E_PEER_FAILED_VERIFICATION: "certificate",
    pycurl.E_SSL_ISSUER_ERROR: "certificate",
    pycurl.E_SSL_CACERT_BADFILE: "own",
    pycurl.E_OUT_OF_MEMORY: "own",
    100: "too_large",  # CURLE_TOO_LARGE, which pycurl does not name
    pycurl.E_URL_MALFORMAT: "options",
    pycurl.E_PARTIAL_FILE: "connect_reset",
}


def curl_fault(code: int, words: str, errno: int, *, connected: bool) -> Fault:
    """For a transfer that ended with `code` (not 0)."""
    text = one_line(words)[:300]
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return Fault("timeout" if connected else "connect_timeout", text)
    known = errno_fault(errno, text)
    if known is not None and code not in {
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_PEER_FAILED_VERIFICATION,
    }:
        return known
    return Fault(_BY_CODE.get(code, "protocol"), text)


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

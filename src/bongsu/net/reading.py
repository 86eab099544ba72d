"""From a finished libcurl handle to a Response."""

import pycurl

from bongsu.net.certificate import NOT_VERIFIED, problem_of, read_certificate
from bongsu.net.curl import OK
from bongsu.net.faults import curl_fault
from bongsu.net.handle import Handle
from bongsu.net.model import Certificate, Fault, Phases, Request, Response
from bongsu.net.place import Place
from bongsu.net.url import Target

_HTTP_VERSIONS = {1: "1.0", 2: "1.1", 3: "2", 30: "3"}


def read_response(
    handle: Handle, target: Target, request: Request, place: Place, code: int, words: str
) -> Response:
    sink, curl = handle.sink, handle.curl
    connected = code == OK or curl.getinfo(pycurl.CONNECT_TIME_T) > 0
    secure = target.scheme == "https"
    shown = handle_certificate(handle, code, words, verify=request.verify) if secure else None
    return Response(
        target.url,
        connected=connected,
        status=curl.getinfo(pycurl.RESPONSE_CODE) or None,
        header_lines=tuple(sink.header_lines),
        body=b"".join(sink.chunks),
        body_truncated=sink.body_bytes > sink.keep,
        phases_us=read_phases(handle, place.name_us, secure=secure),
        address=place.shown,
        http_version=_HTTP_VERSIONS.get(curl.getinfo(pycurl.INFO_HTTP_VERSION)),
        certificate=shown,
        fault=None if code == OK or sink.full else read_fault(handle, code, words, shown),
    )


def read_fault(handle: Handle, code: int, words: str, shown: Certificate | None) -> Fault:
    """For a certificate that is not trusted, our few words about it; else libcurl's."""
    getinfo = handle.curl.getinfo
    if code == pycurl.E_PEER_FAILED_VERIFICATION and shown is not None and shown.problem:
        return Fault("certificate", shown.problem)
    connected = getinfo(pycurl.CONNECT_TIME_T) > 0
    return curl_fault(code, words, getinfo(pycurl.OS_ERRNO), connected=connected)


def read_phases(handle: Handle, name_us: int, *, secure: bool) -> Phases:
    """libcurl's cumulative times, each phase alone. The phase in which it failed holds the rest."""
    getinfo = handle.curl.getinfo
    looked_up, connect = getinfo(pycurl.NAMELOOKUP_TIME_T), getinfo(pycurl.CONNECT_TIME_T)
    total = getinfo(pycurl.TOTAL_TIME_T)
    if not connect:
        return Phases(name_us, connect=max(total - looked_up, 0))
    secured = getinfo(pycurl.APPCONNECT_TIME_T) if secure else connect
    if not secured:
        return Phases(name_us, connect - looked_up, tls=total - connect)
    first = getinfo(pycurl.STARTTRANSFER_TIME_T) or total
    return Phases(
        name_us,
        connect - looked_up,
        secured - connect,
        max(first - secured, 0),
        max(total - first, 0),
    )


def handle_certificate(
    handle: Handle, code: int, words: str, *, verify: bool, protocol: str = ""
) -> Certificate | None:
    """Also there when the handshake ended over it: libcurl verifies after taking the chain."""
    info = handle.curl.getinfo(pycurl.INFO_CERTINFO)
    problem = None if verify else NOT_VERIFIED
    if code == pycurl.E_PEER_FAILED_VERIFICATION:
        problem = problem_of(handle.curl.getinfo(pycurl.SSL_VERIFYRESULT), words)
    return read_certificate(info, problem, protocol)

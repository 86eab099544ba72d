"""Real counterparts on loopback: HTTP servers that behave badly, certificates of every sort, a name server."""

import asyncio
import datetime
import gzip
import os
import socket
import ssl
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from dnslib import AAAA, QTYPE, RCODE, RR, SOA, A
from dnslib.server import BaseResolver, DNSLogger, DNSServer

from bongsu.net.fetch import Fetcher
from bongsu.net.guard import EgressPolicy
from bongsu.net.resolver import Resolver

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LOCAL = EgressPolicy.parse("private,loopback")
PUBLIC_ONLY = EgressPolicy()


@asynccontextmanager
async def serving(
    talk: Talk, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Runs `talk` for every connection; gives the port. What the client does to it is no error."""

    talking: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        talking.add(task)
        try:
            await talk(reader, writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            talking.discard(task)

    server = await asyncio.start_server(handle, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)


async def request_head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def reply(body: bytes = b"fine\n", status: str = "200 OK", *headers: str) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_head(reader)
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode() + body)

    return talk


def redirect(*locations: str, status: int = 302) -> Talk:
    """The first request is sent to the first location, the second to the second, the rest to the last."""
    left = list(locations)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_head(reader)
        to = left.pop(0) if len(left) > 1 else left[0]
        writer.write(
            f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()
        )

    return talk


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()  # until the client goes


async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Half of the promised body, then a reset."""
    await request_head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500)
    await writer.drain()
    await asyncio.sleep(0.2)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """100 MB of zeros in 100 kB of gzip."""
    await request_head(reader)
    packed = gzip.compress(bytes(100 << 20), 9)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    writer.write(head.encode() + packed)


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Headers without end."""
    await request_head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for n in range(20_000):
        writer.write(f"X-Flood-{n}: {'y' * 100}\r\n".encode())
        await writer.drain()


def echo_request(seen: list[bytes]) -> Talk:
    """Notes the request's head and the start of its body, and sends them back."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await request_head(reader)
        length = next(
            (int(x[15:]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")),
            0,
        )
        seen.append(head + await reader.readexactly(length))
        writer.write(
            f"HTTP/1.1 200 OK\r\nContent-Length: {len(seen[-1])}\r\n\r\n".encode() + seen[-1]
        )

    return talk


class Pki:
    """An authority that the tests trust, and certificates that are wrong in every way."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(str(self.ca_file))
        self._folder = folder

    def good(self, *names: str) -> ssl.SSLContext:
        return self._server(self.authority.issue_cert(*names))

    def expired(self, *names: str) -> ssl.SSLContext:
        now = datetime.datetime.now(datetime.UTC)
        before, after = now - datetime.timedelta(days=20), now - datetime.timedelta(days=2)
        return self._server(self.authority.issue_cert(*names, not_before=before, not_after=after))

    def unknown_issuer(self, *names: str) -> ssl.SSLContext:
        return self._server(trustme.CA().issue_cert(*names))

    def incomplete(self, *names: str) -> ssl.SSLContext:
        """Issued by an intermediate that the server forgets to send."""
        leaf = self.authority.create_child_ca().issue_cert(*names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        path = self._folder / "incomplete.pem"
        path.write_bytes(leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes())
        context.load_cert_chain(path)
        return context

    def self_signed(self, name: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        path = self._folder / "self.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _server(self, certificate: trustme.LeafCert) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context


class Zone(BaseResolver):
    """`records`: name → addresses, or a word: nxdomain, servfail, refused. Counts what it is asked."""

    def __init__(self, records: dict[str, list[str] | str], ttl_s: int = 60) -> None:
        self.records = records
        self.ttl_s = ttl_s
        self.asked: Counter[tuple[str, str]] = Counter()

    def resolve(self, request, handler):
        name, kind = str(request.q.qname).rstrip("."), QTYPE[request.q.qtype]
        self.asked[name, kind] += 1
        answer = request.reply()
        found = self.records.get(name, "nxdomain")
        if isinstance(found, str):
            answer.header.rcode = getattr(RCODE, found.upper())
            if (
                found == "nxdomain"
            ):  # as name servers do; c-ares keeps the "no" as long as the SOA says
                times = (1, 3600, 3600, 3600, 3600)
                soa = SOA("ns.example.com", "root.example.com", times)
                answer.add_auth(RR("example.com", QTYPE.SOA, ttl=3600, rdata=soa))
            return answer
        for address in found:
            if kind == "A" and ":" not in address:
                answer.add_answer(RR(name, QTYPE.A, ttl=self.ttl_s, rdata=A(address)))
            if kind == "AAAA" and ":" in address:
                answer.add_answer(RR(name, QTYPE.AAAA, ttl=self.ttl_s, rdata=AAAA(address)))
        return answer


@contextmanager
def name_server(zone: Zone) -> Iterator[str]:
    """Gives `127.0.0.1:port`."""
    server = DNSServer(
        zone, address="127.0.0.1", port=0, logger=DNSLogger("-request,-reply,-truncated,-error")
    )
    server.start_thread()
    try:
        yield f"127.0.0.1:{server.server.server_address[1]}"
    finally:
        server.stop()
        server.server.server_close()


@contextmanager
def dead_name_server() -> Iterator[str]:
    """Takes questions and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{sock.getsockname()[1]}"


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that takes no connection and refuses none: its queue is full."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        clients = [socket.socket() for _ in range(4)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        try:
            yield server.getsockname()[1]
        finally:
            for client in clients:
                client.close()


@asynccontextmanager
async def fetching(ca_file: Path | None = None, **names) -> AsyncIterator[Fetcher]:
    """A Fetcher with a resolver of its own; keywords go to the resolver."""
    resolver = Resolver(**names)
    fetcher = Fetcher(resolver, ca_file=ca_file)
    try:
        yield fetcher
    finally:
        await fetcher.close()
        await resolver.close()


def open_sockets() -> set[str]:
    """The sockets this process holds open, by inode."""
    links = set()
    for fd in os.listdir("/proc/self/fd"):
        try:
            links.add(os.readlink(f"/proc/self/fd/{fd}"))
        except OSError:
            continue
    return {link for link in links if link.startswith("socket:")}


async def until(true: Callable[[], object], within_s: float = 30.0) -> None:
    """Waits for a condition, not for a time."""
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.005)

"""A small company on loopback whose services can be broken on purpose.

Every service listens on a port of its own; the panel on the first port has its switches. Faults: `ok`,
`500`, `slow` (1.5 s), `hang` (never answers), `refuse` (nobody listens), `certificate` (HTTPS ones: expired).
"""

import argparse
import asyncio
import contextlib
import datetime
import html
import json
import signal
import ssl
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from site_services import SERVICES

FAULTS = ("ok", "500", "slow", "hang", "refuse", "certificate")
SLOW_S = 1.5


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A good context and one whose certificate ran out yesterday, by one authority (`ca.pem`)."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Demo Authority", authority_key, authority_key, None, 3650, ca=True)
    pem = authority.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    return tuple(
        _context(folder, name, authority_key, days) for name, days in (("good", 61), ("old", -1))
    )


def _context(
    folder: Path, name: str, authority_key: ec.EllipticCurvePrivateKey, days: int
) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate("localhost", key, authority_key, "Demo Authority", days)
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    issuer: str | None,
    days: int,
    *,
    ca: bool = False,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    parent = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer or name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=30))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(signer, hashes.SHA256())
    )


@dataclass(slots=True)
class Service:
    name: str
    title: str
    group: str
    team: str
    https: bool
    port: int
    fault: str = "ok"
    server: asyncio.Server | None = None


class Site:
    """All services and their panel; `switch` breaks or mends one at once."""

    def __init__(self, host: str, base_port: int, folder: Path) -> None:
        self.host, self.base_port = host, base_port
        self.good, self.old = certificates(folder)
        self.services = {
            row[0]: Service(*row, port=base_port + number) for number, row in enumerate(SERVICES, 1)
        }

    async def start(self) -> None:
        self.panel = await asyncio.start_server(self._panel, self.host, self.base_port)
        for service in self.services.values():
            await self._listen(service)

    async def stop(self) -> None:
        self.panel.close()
        for service in self.services.values():
            if service.server:
                service.server.close()

    async def switch(self, name: str, fault: str) -> None:
        service = self.services[name]
        service.fault = fault
        if service.server:
            service.server.close()
            service.server = None
        if fault != "refuse":
            await self._listen(service)

    async def _listen(self, service: Service) -> None:
        context = (
            (self.old if service.fault == "certificate" else self.good) if service.https else None
        )

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _serve(service, reader, writer)

        service.server = await asyncio.start_server(
            answer, self.host, service.port, ssl=context, reuse_address=True
        )

    async def _panel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            method, target = (await reader.readuntil(b"\r\n")).decode().split()[:2]
            parts = target.strip("/").split("/")
            if (
                method == "POST"
                and parts[0] == "switch"
                and parts[1] in self.services
                and parts[2] in FAULTS
            ):
                await self.switch(parts[1], parts[2])
                _answer(writer, 303, "", location="/")
            elif target == "/state":
                _answer(writer, 200, json.dumps({s.name: s.fault for s in self.services.values()}))
            else:
                _answer(writer, 200, self._page())
        await _close(writer)

    def _page(self) -> str:
        rows = "".join(self._row(service) for service in self.services.values())
        return (
            "<!doctype html><meta charset=utf-8><title>Fault switches</title>"
            "<style>body{font:15px system-ui;margin:2rem}td{padding:.3rem .8rem}"
            "button[data-on]{font-weight:700}</style>"
            f"<h1>Fault switches</h1><p>Break a service; watch Bongsu.</p><table>{rows}</table>"
        )

    def _row(self, service: Service) -> str:
        buttons = "".join(
            f'<form method=post action="/switch/{service.name}/{fault}" style="display:inline">'
            f"<button{' data-on' if fault == service.fault else ''}>{fault}</button></form> "
            for fault in FAULTS
            if fault != "certificate" or service.https
        )
        return f"<tr><td>{html.escape(service.group)}<td>{html.escape(service.title)}<td>{buttons}"


async def _serve(
    service: Service, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        if service.fault == "hang":
            await asyncio.sleep(30)
        if service.fault == "slow":
            await asyncio.sleep(SLOW_S)
        if service.fault == "500":
            _answer(writer, 500, '{"state": "failed", "code": "UPSTREAM_TIMEOUT"}')
        else:
            _answer(
                writer,
                200,
                json.dumps({"state": "ok", "service": service.name, "items": [1, 2, 3]}),
            )
    await _close(writer)


def _answer(writer: asyncio.StreamWriter, status: int, body: str, location: str = "") -> None:
    words = {200: "OK", 303: "See Other", 500: "Internal Server Error"}[status]
    kind = "text/html" if body.startswith("<") else "application/json"
    extra = f"Location: {location}\r\n" if location else ""
    head = f"HTTP/1.1 {status} {words}\r\nContent-Type: {kind}; charset=utf-8\r\n{extra}"
    writer.write(
        f"{head}Content-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n{body}".encode()
    )


async def _close(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        await writer.drain()
        writer.close()
        await writer.wait_closed()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="bongsu-site-"))
    site, stop = Site(given.host, given.port, folder), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await site.start()
    print(f"Fault switches: http://{given.host}:{given.port}/", flush=True)
    await stop.wait()
    await site.stop()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

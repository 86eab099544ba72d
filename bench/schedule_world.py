"""What the schedule bench runs against: a name server, one nginx on all of 127.0.0.0/8, a port that swallows."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import trustme

ZONE = "bench.example"
TTL_S = 60
_TICKS = os.sysconf("SC_CLK_TCK")


def address_of(number: int) -> str:
    """Of host `h<number>`: its own loopback address."""
    return f"127.{1 + number // 62_500 % 100}.{number // 250 % 250}.{1 + number % 250}"


class _Names(asyncio.DatagramProtocol):
    """Answers A for h<number>.<zone>, and says that there is nothing else."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        end = 12
        labels = []
        while data[end]:
            labels.append(data[end + 1 : end + 1 + data[end]])
            end += 1 + data[end]
        question = data[12 : end + 5]
        wants_a = question[-4:-2] == b"\x00\x01"
        number = labels[0][1:].decode()
        answer = b""
        if wants_a and number.isdecimal():
            packed = socket.inet_aton(address_of(int(number)))
            answer = b"\xc0\x0c\x00\x01\x00\x01" + TTL_S.to_bytes(4, "big") + b"\x00\x04" + packed
        counts = b"\x00\x01" + (b"\x00\x01" if answer else b"\x00\x00") + b"\x00\x00\x00\x00"
        self.transport.sendto(data[:2] + b"\x85\x80" + counts + question + answer, address)  # type: ignore[attr-defined]


def serve_names(port: int) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(_Names, local_addr=("127.0.0.1", port))
        print("ready", flush=True)
        await asyncio.Event().wait()

    asyncio.run(serve())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def names() -> Iterator[int]:
    """A name server in a process of its own; gives its port."""
    port = free_port()
    argv = [
        sys.executable,
        "-c",
        f"from bench.schedule_world import serve_names; serve_names({port})",
    ]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield port
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[tuple[int, int, Path]]:
    """Debian's nginx, one worker, all loopback addresses; plain port, TLS port, file of authorities."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    certificate = authority.issue_cert(f"*.{ZONE}", key_type=trustme.KeyType.ECDSA)
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    known = bundle.read_bytes() if bundle.exists() else b""
    (folder / "authorities.pem").write_bytes(known + authority.cert_pem.bytes())
    plain, secure = free_port(), free_port()
    (folder / "nginx.conf").write_text(
        f"""daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
        events {{ worker_connections 8192; }}
        http {{
          access_log off; server_tokens off; keepalive_timeout 5; reset_timedout_connection on;
          client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
          uwsgi_temp_path {folder}; scgi_temp_path {folder};
          ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.pem;
          ssl_session_cache off; ssl_session_tickets off;
          server {{
            listen 0.0.0.0:{plain} backlog=4096; listen 0.0.0.0:{secure} ssl backlog=4096;
            location / {{ default_type text/plain; return 200 "all is well at the bench, quite well\\n"; }}
          }}
        }}"""
    )
    process = subprocess.Popen(
        ["/usr/sbin/nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    )
    try:
        _wait_for(plain)
        yield plain, secure, folder / "authorities.pem"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on {port}")


@contextlib.contextmanager
def black_hole() -> Iterator[int]:
    """A port on every loopback address whose queue is full: the kernel drops each further SYN."""
    with contextlib.ExitStack() as open_sockets:
        listening = open_sockets.enter_context(socket.socket())
        listening.bind(("0.0.0.0", 0))
        listening.listen(0)
        port = int(listening.getsockname()[1])
        for _ in range(3):
            filler = open_sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        time.sleep(0.2)
        yield port


def cpu_s(pid: int) -> float:
    """User and system time of all threads so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def rss_mb(pid: int) -> tuple[float, float]:
    """Now and at most, in megabytes."""
    status = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if ":" in line
    )
    return (int(status["VmRSS"].split()[0]) / 1024, int(status["VmHWM"].split()[0]) / 1024)

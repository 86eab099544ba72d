"""A real S3 conversation: moto's server in a process of its own, which tests may stop for a while."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from bongsu.objects.store import ObjectStore, open_objects

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class S3Server:
    def __init__(self, port: int) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, prefix: str = "bongsu") -> str:
        return f"s3://bucket/{prefix}?region=eu-west-1&endpoint={self.endpoint}"

    def wait(self) -> None:
        for _ in range(400):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(self.endpoint, timeout=5).close()
                return
            time.sleep(0.05)
        pytest.fail("moto's server did not answer within 20 s")

    def hang(self) -> None:
        """Connections are accepted by the kernel and nobody answers."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ.update(CREDENTIALS)
    server = S3Server(port)
    server.wait()
    client = boto3.client("s3", endpoint_url=server.endpoint, region_name="eu-west-1")
    client.create_bucket(
        Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    client.close()
    yield server
    server.go_on()
    server.process.kill()
    server.process.wait()


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.heavy)])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """Both kinds of store; what holds for one holds for the other."""
    if request.param == "folder":
        return open_objects(f"file://{tmp_path / 'objects'}")
    server: S3Server = request.getfixturevalue("s3_server")
    return open_objects(server.url(tmp_path.name.replace("[", "").replace("]", "")))

"""ministack as AWS for a deployment: it keeps to change sets, outputs and protection by itself."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from bongsu.infra.build.migrations import ACCOUNT_ROLES
from bongsu.infra.deploy.aws import clients
from bongsu.infra.deploy.service_roles import ECS
from tests.aws.emulator import REGION
from tests.infra.deploy.emulated import EMPTY_ZIP, PACKAGE, PACKAGES
from tests.infra.deploy.reduced import HOSTS, Emulator
from tests.infra.venvs import programs

ASK = (
    "import json; from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as known; "
    "print(json.dumps(sorted(known)))"
)
ATTRIBUTES = {
    (
        "AWS::SES::EmailIdentity",
        f"DkimDNSToken{half}{number}",
    ): f"{half.lower()}{number}.example.com"
    for half in ("Name", "Value")
    for number in (1, 2, 3)
}
# Its EKS has no call to take it off again.
UNTAKEN = {"AWS::EKS::Cluster": ("DeletionProtection",)}
REFUSED = {"AWS::CloudWatch::Alarm": ("Metrics",)}
IMAGE = "ami-0123456789abcdef0"
STARTS_IN_S, STOPS_IN_S = 60.0, 10.0


@contextmanager
def ministack(folder: Path) -> Iterator[str]:
    """Its address. `folder`: for what it writes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "TMPDIR": str(folder)}
    own |= {
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "LOG_LEVEL": "WARNING",
    }
    with (folder / "ministack.log").open("wb") as log:
        process = subprocess.Popen(
            [programs("ministack") / "ministack"], env=os.environ | own, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, folder / "ministack.log")
        yield address
    finally:
        process.terminate()
        try:
            process.wait(STOPS_IN_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + STARTS_IN_S
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/_ministack/health", timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"ministack does not answer: {log.read_text()[-2000:]}")


@cache
def known_types() -> frozenset[str]:
    """As its own code says; its documentation lags behind."""
    asked = [programs("ministack") / "python", "-c", ASK]
    done = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)
    return frozenset(json.loads(done.stdout))


def gaps() -> Emulator:
    return Emulator("ministack", known_types(), HOSTS, ATTRIBUTES, UNTAKEN, REFUSED, IMAGE)


def furnish(address: str) -> None:
    """What every account has before a deployment, on an emulator that forgot everything."""
    urllib.request.urlopen(f"{address}/_ministack/reset", b"", timeout=30).close()
    make: Any = clients(address)
    make("route53", REGION).create_hosted_zone(Name="example.com", CallerReference="1")
    for role in ACCOUNT_ROLES:
        make("iam", REGION).create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    make("iam", REGION).create_service_linked_role(AWSServiceName=ECS)
    where = {"LocationConstraint": REGION}
    make("s3", REGION).create_bucket(Bucket=PACKAGES, CreateBucketConfiguration=where)
    make("s3", REGION).put_object(Bucket=PACKAGES, Key=PACKAGE, Body=EMPTY_ZIP)

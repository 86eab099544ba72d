"""Architectures with a pipeline through two environments, and their files."""

from typing import Any

import yaml

from bongsu.infra.delivery.delivery import Delivery, deliveries
from bongsu.infra.delivery.files import files_of
from bongsu.infra.read import read_all
from tests.infra.check.mutations import TWO
from tests.infra.support import put

KINDS = ("github", "gitlab", "jenkins", "codepipeline")
STAGING, PRODUCTION = "111111111111", "222222222222"


def written(kind: str, changes: dict[str, Any] | None = None) -> str:
    """`changes`: dotted places, of the pipeline where they begin with a dot."""
    data = yaml.safe_load(TWO)
    data["accounts"] = {"staging": STAGING, "production": PRODUCTION}
    made = {"kind": kind, "repository": "team/shop", "test": "make test", "bongsu": "."}
    stages = {"environments": {"staging": {}, "production": {}}}
    data["pipelines"] = {"delivery": made | stages | ({"host": "ci"} if kind == "jenkins" else {})}
    if kind == "jenkins":
        data["servers"] = {"ci": {"memory_needed_mib": 1024}}
    for place, value in (changes or {}).items():
        whole = f"pipelines.delivery{place}" if place.startswith(".") else place
        put(data, whole.split("."), value)
    return yaml.safe_dump(data, sort_keys=False)


def delivery(kind: str, changes: dict[str, Any] | None = None) -> Delivery:
    sources = read_all("architecture.yaml", written(kind, changes).encode())
    (found,) = deliveries([one.architecture for one in sources], "architecture.yaml")
    return found


def files(kind: str, changes: dict[str, Any] | None = None) -> dict[str, str]:
    return files_of([delivery(kind, changes)])

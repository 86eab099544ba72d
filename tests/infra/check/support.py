"""Checks for tests: text or changes in, ids out."""

from datetime import date
from typing import Any

import yaml

from bongsu.infra.check.check import Checked, check_file
from bongsu.infra.plan.lock import Lock
from tests.infra.support import SMALL, put

TODAY = date(2026, 11, 28)
FILE = "architecture.yaml"


def changed(text: str, changes: dict[str, Any]) -> bytes:
    """`services.web.port`: a dotted place; a key with a dot or slash in it stands in a mapping."""
    data = yaml.safe_load(text)
    for place, value in changes.items():
        put(data, place.split("."), value)
    return yaml.safe_dump(data, sort_keys=False).encode()


def checked(
    changes: dict[str, Any] | None = None,
    text: str = SMALL,
    lock: Lock | None = None,
    environment: str | None = None,
) -> Checked:
    return check_file(FILE, changed(text, changes or {}), lock or Lock(), TODAY, environment)


def ids(one: Checked) -> list[str]:
    return [finding.id for finding in one.findings]

"""Which of our services an alarm elsewhere is about. Pure.

`infra watch` tags the service of a part with its architecture, environment and part; alarms that `infra deploy`
makes are named `ARCHITECTURE-ENVIRONMENT-…` and described as `PART: what`.
"""

from collections.abc import Iterable

from bongsu.intake.model import Report
from bongsu.services.model import Service


def concerned(services: Iterable[Service], report: Report) -> Service | None:
    """The service of the part itself; else one of the same architecture, whose owners are the same people."""
    part = f"part:{report.about.partition(':')[0]}"
    found: list[tuple[bool, int, str, Service]] = []
    for one in services:
        tags = dict(tag.split(":", 1) for tag in one.tags if ":" in tag)
        stem = f"{tags.get('architecture')}-{tags.get('environment')}-"
        if {"architecture", "environment"} <= set(tags) and report.title.startswith(stem):
            found.append((part in one.tags, len(stem), one.name, one))
    return max(found, key=lambda each: each[:3])[3] if found else None

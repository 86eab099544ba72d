"""What Trivy says of an image, in JSON of schema 2, read strictly: a report that says nothing is none. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said, say

SCHEMA = 2
IMAGE = "container_image"
PACKAGES = ("os-pkgs", "lang-pkgs")
SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
KEYS = ("PkgName", "InstalledVersion", "FixedVersion")
UNKNOWN = "UNKNOWN"  # that nobody has rated yet


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """`fixed`: the version that has it no more; empty where there is none."""

    id: str
    package: str
    installed: str
    fixed: str
    severity: str


@dataclass(frozen=True, slots=True)
class Report:
    """`artifact`: what was looked at, as the scanner was told. `forgotten`: a system that nobody mends."""

    artifact: str
    vulnerabilities: tuple[Vulnerability, ...]
    forgotten: str | None = None


def read_report(text: bytes) -> Report:
    """Raises Invalid for everything that is not a whole report on an image."""
    found = _mapping(_decoded(text))
    if found.get("SchemaVersion") != SCHEMA:
        raise Invalid(say("It is not a report of Trivy's schema {schema}.", schema=SCHEMA))
    if found.get("ArtifactType") != IMAGE:
        raise Invalid(say("It is a report on {what}, not on an image.", what=_word(found)))
    all_of = map(_mapping, _list(found.get("Results")))
    results = [one for one in all_of if one.get("Class") in PACKAGES]
    if not results:
        raise Invalid(say("It says that nothing was looked at: no packages were found."))
    seen = {
        (one.id, one.package): one for result in results for one in _of(result)
    }  # the same in several places of an image counts once
    return Report(str(found.get("ArtifactName")), tuple(seen.values()), _forgotten(found))


def _decoded(text: bytes) -> Any:
    if not text.strip():
        raise Invalid(say("It is empty: the scanner did not finish."))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(say("It is not JSON: the scanner did not finish.")) from None


def _of(result: Mapping[str, Any]) -> Iterator[Vulnerability]:
    for one in _list(result.get("Vulnerabilities")):
        raw = _mapping(one)
        id, severity = raw.get("VulnerabilityID"), raw.get("Severity")  # noqa: A001
        if not (isinstance(id, str) and id and severity in (*SEVERITIES, UNKNOWN)):
            raise _broken()
        package, installed, fixed = (str(raw.get(key, "")) for key in KEYS)
        yield Vulnerability(id, package, installed, fixed, str(severity))


def _forgotten(found: Mapping[str, Any]) -> str | None:
    """Of a distribution at its end of life no news come: that nothing is found means nothing."""
    system = _mapping(_mapping(found.get("Metadata") or {}).get("OS") or {})
    return f"{system.get('Family')} {system.get('Name')}" if system.get("EOSL") else None


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _broken()
    return value


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _broken()
    return value


def _broken() -> Invalid:
    return Invalid(say("Parts of it are not as Trivy writes them."))


def _word(found: Mapping[str, Any]) -> Said | str:
    kind = found.get("ArtifactType")
    return kind if isinstance(kind, str) and kind else say("something unnamed")

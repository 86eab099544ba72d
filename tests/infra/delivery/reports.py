"""Reports as Trivy writes them with --format json, by its documentation: schema 2, an archive of an image."""

import json
from typing import Any

OF = "web-abc.tar"
HOLE = {
    "VulnerabilityID": "CVE-2026-1111",
    "PkgID": "openssl@3.5.1-r0",
    "PkgName": "openssl",
    "PkgIdentifier": {"PURL": "pkg:apk/alpine/openssl@3.5.1-r0", "UID": "1b2"},
    "InstalledVersion": "3.5.1-r0",
    "FixedVersion": "3.5.2-r0",
    "Status": "fixed",
    "Layer": {"DiffID": "sha256:aa"},
    "SeveritySource": "nvd",
    "PrimaryURL": "https://avd.aquasec.com/nvd/cve-2026-1111",
    "Title": "openssl: a hole",
    "Severity": "HIGH",
    "CVSS": {"nvd": {"V3Score": 7.5}},
}
UNFIXED = HOLE | {"VulnerabilityID": "CVE-2026-2222", "FixedVersion": "", "Status": "affected"}


def hole(**values: Any) -> dict[str, Any]:
    return HOLE | values


def report(*holes: dict[str, Any], **values: Any) -> dict[str, Any]:
    """What has no vulnerability has no key for them."""
    system = {"Target": f"{OF} (alpine 3.22.1)", "Class": "os-pkgs", "Type": "alpine"}
    found = {"Vulnerabilities": list(holes)} if holes else {}
    program = {"Target": "Python", "Class": "lang-pkgs", "Type": "python-pkg"}
    return {
        "SchemaVersion": 2,
        "CreatedAt": "2026-11-28T19:00:00Z",
        "ArtifactName": OF,
        "ArtifactType": "container_image",
        "Metadata": {
            "Size": 8_000_000,
            "OS": {"Family": "alpine", "Name": "3.22.1"},
            "ImageID": "sha256:cc",
            "DiffIDs": ["sha256:aa"],
            "RepoTags": ["shop-web:abc"],
        },
        "Results": [system | found, program],
        **values,
    }


def text(document: Any) -> bytes:
    return json.dumps(document).encode()

"""Findings for people and for machines: text with places to click on, JSON, SARIF 2.1.0. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from bongsu.infra.check.check import Checked
from bongsu.infra.check.finding import SEVERITIES, Finding
from bongsu.kit.i18n import Said, say, say_n

SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {"error": "error", "warning": "warning", "info": "note"}
WORDS = {"error": say("error"), "warning": say("warning"), "info": say("note")}


def to_json(checked: Checked, language: str = "en") -> str:
    data = {
        "findings": [_fields(one, language) for one in checked.findings],
        "accepted": [
            {
                "id": one.finding.id,
                "path": one.finding.at,
                "line": one.finding.line,
                "why": one.entry.why,
                "until": one.entry.until.isoformat(),
            }
            for one in checked.accepted
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _fields(one: Finding, language: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "severity": one.severity,
        "path": one.at,
        "line": one.line,
        "message": one.message.to(language),
        "why": one.why.to(language),
        "fix": one.fix.to(language),
    }


def to_text(checked: Checked, language: str = "en") -> str:
    """`file:line: error NET007 services.web: …`; why and what to do stand below it."""
    lines = [line for one in checked.findings for line in _lines(checked.file, one, language)]
    for lived in checked.accepted:
        said = say(
            "{id} at {at} is accepted until {day}: {why}",
            id=lived.finding.id,
            at=lived.finding.at,
            day=lived.entry.until.isoformat(),
            why=lived.entry.why,
        )
        lines.append(f"{checked.file}:{lived.finding.line}: {said.to(language)}")
    lines.append(summary(checked).to(language))
    safe = sum(one.safe_fix is not None for one in checked.findings)
    if safe:
        lines.append(say("--fix may mend {n} of them.", n=safe).to(language))
    return "\n".join(lines) + "\n"


def _lines(file: str, one: Finding, language: str) -> list[str]:
    word = WORDS[one.severity].to(language)
    where = f" ({', '.join(one.environments)})" if one.environments else ""
    return [
        f"{file}:{one.line}: {word} {one.id} {one.at}{where}: {one.message.to(language)}",
        f"    {one.why.to(language)}",
        f"    → {one.fix.to(language)}",
    ]


def summary(checked: Checked) -> Said:
    counts = dict.fromkeys(SEVERITIES, 0)
    for one in checked.findings:
        counts[one.severity] += 1
    if not checked.findings:
        return say("Nothing to say against it.")
    return say(
        "{errors}, {warnings}, {notes}.",
        errors=say_n("{n} error", "{n} errors", counts["error"]),
        warnings=say_n("{n} warning", "{n} warnings", counts["warning"]),
        notes=say_n("{n} note", "{n} notes", counts["info"]),
    )


def to_sarif(checked: Checked, version: str, language: str = "en") -> str:
    """For code hosts that show findings beside the lines. What is accepted is there, suppressed."""
    known = [*checked.findings, *(one.finding for one in checked.accepted)]
    results = [_result(checked.file, one, language) for one in checked.findings]
    for lived in checked.accepted:
        why = [{"kind": "external", "justification": lived.entry.why}]
        results.append(_result(checked.file, lived.finding, language) | {"suppressions": why})
    driver = {"name": "Bongsu", "version": version, "rules": _rules(known, language)}
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    data = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _rules(found: Sequence[Finding], language: str) -> list[dict[str, Any]]:
    first = {one.id: one for one in reversed(found)}
    return [
        {
            "id": one.id,
            "shortDescription": {"text": one.why.to(language)},
            "help": {"text": one.fix.to(language)},
            "properties": {"tags": [one.pillar]},
        }
        for one in sorted(first.values(), key=lambda one: one.id)
    ]


def _result(file: str, one: Finding, language: str) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": file},
        "region": {"startLine": one.line},
    }
    return {
        "ruleId": one.id,
        "level": LEVELS[one.severity],
        "message": {"text": one.message.to(language)},
        "locations": [
            {"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": one.at}]}
        ],
        "partialFingerprints": {"place/v1": f"{one.id}:{one.at}"},
    }

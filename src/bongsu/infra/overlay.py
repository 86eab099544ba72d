"""Environments: what one of them says laid over what all of them share, lines kept."""

from typing import Any

from bongsu.document import Document, Path
from bongsu.kit.i18n import say

KEY = "environments"


def environments_of(document: Document) -> tuple[str, ...]:
    """Their names in the order of the file; none where the file is for one environment only."""
    found = document.data.get(KEY) if isinstance(document.data, dict) else None
    return tuple(found) if isinstance(found, dict) else ()


def overlay(document: Document, environment: str) -> Document:
    """Mappings are joined key by key, everything else is replaced, and null takes away. Never raises."""
    data = document.data
    merged = Document(document.file)
    if not isinstance(data, dict):
        merged.data, merged.lines = data, dict(document.lines)
        return merged
    base = {key: value for key, value in data.items() if key != KEY}
    merged.lines = {path: line for path, line in document.lines.items() if path[:1] != (KEY,)}
    found = data.get(KEY)
    if found is not None and not isinstance(found, dict):
        merged.data = base
        merged.problems.append(document.problem((KEY,), say("This is a mapping of names.")))
        return merged
    above = (found or {}).get(environment)
    if above is not None and not isinstance(above, dict):
        merged.problems.append(
            document.problem((KEY, environment), say("This is a mapping of settings."))
        )
        above = None
    merged.data = _join(base, above or {})
    _take_lines(merged, document, (KEY, environment))
    return merged


def _join(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    joined = dict(below)
    for key, value in above.items():
        if value is None:
            joined.pop(key, None)
        elif isinstance(value, dict) and isinstance(joined.get(key), dict):
            joined[key] = _join(joined[key], value)
        else:
            joined[key] = value
    return joined


def _take_lines(merged: Document, document: Document, prefix: Path) -> None:
    for path, line in document.lines.items():
        if len(path) > len(prefix) and path[: len(prefix)] == prefix:
            merged.lines[path[len(prefix) :]] = line

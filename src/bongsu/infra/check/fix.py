"""`--fix`: single values set in the text of a file; comments and layout stay. Pure.

A change is kept only when the file still reads, its finding is gone and nothing new was found.
"""

from dataclasses import dataclass
from datetime import date

import yaml

from bongsu.document import Path
from bongsu.infra.check.check import Checked, check_file
from bongsu.infra.check.finding import Change, Finding
from bongsu.infra.overlay import KEY
from bongsu.infra.plan.lock import Lock
from bongsu.kit.errors import Invalid

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Fixed:
    """The text after the changes, and what they mended, in order."""

    text: bytes
    mended: tuple[Finding, ...]


def fix(file: str, text: bytes, lock: Lock, today: date, environment: str | None = None) -> Fixed:
    """Raises Invalid for a file that does not read to begin with."""
    checked = check_file(file, text, lock, today, environment)
    mended: list[Finding] = []
    for finding in checked.findings:
        if finding.safe_fix and _key(finding) in _keys(checked):
            tried = _tried(file, text, finding, lock, today, environment, checked)
            if tried:
                text, checked = tried
                mended.append(finding)
    return Fixed(text, tuple(mended))


def _tried(
    file: str,
    text: bytes,
    finding: Finding,
    lock: Lock,
    today: date,
    environment: str | None,
    before: Checked,
) -> tuple[bytes, Checked] | None:
    changed = finding.safe_fix and with_change(
        text.decode(), finding.safe_fix, finding.environments
    )
    if not changed or changed.encode() == text:
        return None
    try:
        after = check_file(file, changed.encode(), lock, today, environment)
    except Invalid:
        return None
    here, there = _keys(before), _keys(after)
    return (changed.encode(), after) if there < here and _key(finding) not in there else None


def _keys(checked: Checked) -> set[tuple[str, Path]]:
    return {_key(one) for one in checked.findings}


def _key(finding: Finding) -> tuple[str, Path]:
    return finding.id, finding.path


def with_change(text: str, change: Change, environments: tuple[str, ...] = ()) -> str | None:
    """Set where the environment says it, else where all share it; None where its block is not in the file."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.Node):
        return None
    places = [(KEY, name, *change.path) for name in environments] + [change.path]
    for place in places:
        node = _node(root, place)
        if isinstance(node, yaml.ScalarNode):
            return _replaced(text, node, _written(change.value))
    above = (_node(root, place[:-1]) for place in reversed(places))
    block = next((node for node in above if isinstance(node, yaml.MappingNode)), None)
    return _added(text, block, str(change.path[-1]), _written(change.value)) if block else None


def _node(root: yaml.Node, path: Path) -> yaml.Node | None:
    node: yaml.Node | None = root
    for part in path:
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part] if part < len(node.value) else None
        else:
            return None
    return node


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _replaced(text: str, node: yaml.Node, value: str) -> str:
    return text[: node.start_mark.index] + value + text[node.end_mark.index :]


def _added(text: str, block: yaml.MappingNode, key: str, value: str) -> str:
    """Inside braces at the end; in a block before its first key, with the same indentation."""
    if block.flow_style:
        close = block.end_mark.index - 1
        comma = ", " if block.value else ""
        return f"{text[:close].rstrip()}{comma}{key}: {value}{text[close:]}"
    start = block.value[0][0].start_mark
    return f"{text[: start.index]}{key}: {value}\n{' ' * start.column}{text[start.index :]}"

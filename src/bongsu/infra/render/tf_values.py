"""Values that hold Terraform expressions, and their two spellings: in the JSON syntax and inside an expression."""

import json
from dataclasses import dataclass
from typing import Any

_QUOTED = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


@dataclass(frozen=True, slots=True)
class Code:
    """An expression, such as `awscc_ec2_vpc.Main.id`."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text and expressions, in order."""

    parts: tuple[str | Code, ...]


def in_json(value: Any) -> Any:
    """As the JSON syntax takes it: an expression is a text of its own, `${…}`."""
    if isinstance(value, str):
        return _literal(value)
    if isinstance(value, Code | Text):
        return "".join(_in_text(part) for part in _parts(value))
    if isinstance(value, dict):
        return {_literal(key): in_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [in_json(inner) for inner in value]
    return value


def in_expression(value: Any) -> str:
    """As an argument of a function, such as what `jsonencode` takes."""
    if isinstance(value, Code):
        return value.text
    if isinstance(value, str):
        return f'"{_quoted(value)}"'
    if isinstance(value, Text):
        parts = (_in_text(one) if isinstance(one, Code) else _quoted(one) for one in _parts(value))
        return f'"{"".join(parts)}"'
    if isinstance(value, dict):
        pairs = (f'"{_quoted(key)}" = {in_expression(inner)}' for key, inner in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(in_expression(inner) for inner in value)}]"
    return json.dumps(value)


def called(function: str, value: Any) -> Code:
    return Code(f"{function}({in_expression(value)})")


def _parts(value: Code | Text) -> tuple[str | Code, ...]:
    """A dollar before an expression would make it text: it is written as an expression too."""
    found: list[str | Code] = []
    for part in (value,) if isinstance(value, Code) else value.parts:
        last = found[-1] if found else None
        if isinstance(part, Code) and isinstance(last, str) and last[-1:] in {"$", "%"}:
            found[-1:] = [last[:-1], Code(f'"{last[-1]}"')]
        found.append(part)
    return tuple(found)


def _in_text(part: str | Code) -> str:
    return f"${{{part.text}}}" if isinstance(part, Code) else _literal(part)


def _literal(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _quoted(text: str) -> str:
    return _literal(text).translate(_QUOTED)

"""Forms out of declarations: a pydantic model's JSON schema becomes fields, a posted form its values again.

Both ways are pure. What a field may hold is decided by the model; here is only how it is shown and read.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bongsu.kit.errors import Problem
from bongsu.kit.i18n import Said
from bongsu.kit.redact import is_reference, is_secret_name

__all__ = [
    "Field",
    "fields_of",
    "id_of",
    "is_reference",
    "is_secret_name",
    "problem_for",
    "read_form",
    "shown",
    "text_of",
    "value_of",
]

Schema = Mapping[str, Any]
_FORMATS = {
    "uri": "url",
    "uri-reference": "url",
    "email": "email",
    "password": "password",
    "date": "date",
}


def text_of(form: Mapping[str, Any], name: str) -> str:
    """What was typed into a field; nothing where a file was sent in its place."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Field:
    """One input. `type` is what `c.field` takes, or `fieldset` with `fields`."""

    name: str
    label: str
    type: str = "text"
    help: str = ""
    placeholder: str = ""
    unit: str = ""
    required: bool = False
    default: Any = None
    options: tuple[tuple[str, str], ...] = ()
    fields: tuple["Field", ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: str = ""


def fields_of(schema: Schema, prefix: str = "") -> tuple[Field, ...]:
    """The fields of an object schema, in the order of the model."""
    return _fields(schema, schema.get("$defs", {}), prefix)


def _fields(schema: Schema, defs: Schema, prefix: str) -> tuple[Field, ...]:
    required = set(schema.get("required", ()))
    found = []
    for name, raw in schema.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        found.append(_field(path, name, _plain(raw, defs), defs, name in required))
    return tuple(found)


def _plain(raw: Schema, defs: Schema) -> dict[str, Any]:
    """References followed and `X | None` read as an X that may be left out."""
    outer = {
        key: value for key, value in raw.items() if key not in {"$ref", "allOf", "anyOf", "oneOf"}
    }
    for one in ([raw] if "$ref" in raw else []) + list(raw.get("allOf", ())):
        outer = _plain(defs.get(str(one["$ref"]).rsplit("/", 1)[-1], {}), defs) | outer
    choices = [c for c in (*raw.get("anyOf", ()), *raw.get("oneOf", ())) if c.get("type") != "null"]
    if choices:
        outer = _plain(choices[0], defs) | outer
    return outer


def _field(path: str, name: str, schema: Schema, defs: Schema, required: bool) -> Field:
    kind = _type(schema)
    whole = schema.get("type") == "integer"
    return Field(
        name=path,
        label=str(schema.get("title") or name),
        type=kind,
        help=str(schema.get("description") or ""),
        placeholder=_example(schema),
        unit=str(schema.get("unit") or ""),
        required=required and kind != "checkbox",
        default=schema.get("default"),
        options=tuple((str(v), str(v)) for v in schema.get("enum", ())),
        fields=_fields(schema, defs, path) if kind == "fieldset" else (),
        minimum=_bound(schema, "minimum", "exclusiveMinimum"),
        maximum=_bound(schema, "maximum", "exclusiveMaximum"),
        step=("1" if whole else "any") if kind == "number" else "",
    )


def _type(schema: Schema) -> str:
    asked = schema.get("ui")
    if asked:
        return str(asked)
    if schema.get("writeOnly"):
        return "password"
    if "enum" in schema:
        return "select"
    kind = schema.get("type")
    if kind == "object":
        return "fieldset" if "properties" in schema else "mapping"
    by_type = {"boolean": "checkbox", "integer": "number", "number": "number", "array": "lines"}
    return by_type.get(str(kind)) or _FORMATS.get(str(schema.get("format")), "text")


def _bound(schema: Schema, *names: str) -> float | None:
    return next((schema[name] for name in names if name in schema), None)


def _example(schema: Schema) -> str:
    examples = schema.get("examples")
    return shown(examples[0]) if examples else ""


def shown(value: Any) -> str:
    """A value as its input shows it: lists one a line, mappings `name: value` a line."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {inner}" for key, inner in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return "\n".join(str(inner) for inner in value)
    return str(value)


def value_of(values: Any, field: Field, prefix: str = "") -> Any:
    """The value at the field's path in nested or flat `values`; the default when there is none."""
    if isinstance(values, Mapping) and field.name in values:
        return values[field.name]
    path = field.name.removeprefix(f"{prefix}.") if prefix else field.name
    found = values
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return field.default
        found = found[step]
    return found


def read_form(schema: Schema, form: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Posted fields as the model takes them. What was left empty is left out, so that defaults hold."""
    return _read(fields_of(schema, prefix), form)


def _read(fields: Sequence[Field], form: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields:
        name = field.name.rsplit(".", 1)[-1]
        if field.type == "fieldset":
            inner = _read(field.fields, form)
            if inner or field.required:
                found[name] = inner
        elif field.type == "checkbox":
            found[name] = field.name in form
        else:
            text = str(form.get(field.name, "")).strip()
            if text:
                found[name] = _value(field, text)
    return found


def _value(field: Field, text: str) -> Any:
    if field.type == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if field.type == "mapping":
        pairs = (line.partition(":") for line in text.splitlines() if line.strip())
        return {key.strip(): value.strip() for key, _, value in pairs}
    return text


def id_of(*texts: object) -> str:
    """An id that is the same at every rendering of the same words, so that a morph finds its element again."""
    return "x" + hashlib.sha256("\0".join(map(str, texts)).encode()).hexdigest()[:8]


def problem_for(problems: Iterable[Problem] | Mapping[str, Any] | None, name: str) -> Said | str:
    """What is wrong with the field called `name`. Problems may name it with or without the form's prefix."""
    if not problems:
        return ""
    if isinstance(problems, Mapping):
        found = problems.get(name) or problems.get(name.rsplit(".", 1)[-1]) or ""
        return found if isinstance(found, Said) else str(found)
    for problem in problems:
        if problem.where == name or name.endswith(f".{problem.where}"):
            return problem.what
    return ""

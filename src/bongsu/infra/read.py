"""From a file to one environment's architecture; every mistake is named with its line."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bongsu.document import Document, Path, parse
from bongsu.infra.expected_forms import WRITTEN, fields, form
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import PRODUCTION
from bongsu.infra.overlay import environments_of, overlay
from bongsu.infra.references import wrong_references
from bongsu.kit.errors import Invalid, NotFound
from bongsu.kit.i18n import say
from bongsu.kit.problems import problems_of

DEFAULT_ENVIRONMENT = PRODUCTION


@dataclass(frozen=True, slots=True)
class Source:
    """An architecture and where each of its values stands."""

    file: str
    architecture: Architecture
    document: Document

    def line(self, path: Path) -> int:
        return self.document.line(path)


def read(file: str, source: bytes, environment: str | None = None) -> Source:
    """One environment. Raises Invalid with every problem, NotFound for an environment that is not there."""
    return _read(_parsed(file, source), environment)


def read_all(file: str, source: bytes) -> tuple[Source, ...]:
    """Every environment of a file, in its order."""
    document = _parsed(file, source)
    return tuple(
        _read(document, name) for name in environments_of(document) or (DEFAULT_ENVIRONMENT,)
    )


def _parsed(file: str, source: bytes) -> Document:
    document = parse(file, source)
    if document.data is None and not document.problems:
        document.problems.append(document.problem((), say("The file is empty.")))
    _refuse(document)
    return document


def _read(document: Document, environment: str | None) -> Source:
    chosen = _chosen(document, environment)
    merged = overlay(document, chosen)
    architecture = _validated(merged, chosen, environments_of(document) or (chosen,))
    merged.problems += [merged.problem(*wrong) for wrong in wrong_references(architecture)]
    _refuse(merged)
    return Source(document.file, architecture, merged)


def _chosen(document: Document, wanted: str | None) -> str:
    known = environments_of(document)
    if not known:
        return wanted or DEFAULT_ENVIRONMENT
    if wanted is None:
        return DEFAULT_ENVIRONMENT if DEFAULT_ENVIRONMENT in known else known[0]
    if wanted not in known:
        names = ", ".join(known)
        raise NotFound(
            say(
                "{file} has no environment {name}; it has {names}.",
                file=document.file,
                name=wanted,
                names=names,
            )
        )
    return wanted


def _validated(document: Document, environment: str, siblings: tuple[str, ...]) -> Architecture:
    """Raises Invalid with every problem of form."""
    if not isinstance(document.data, dict):
        document.problems.append(
            document.problem((), say("A file is a mapping; it begins with name and region."))
        )
        _refuse(document)
    defaults: dict[str, Any] = {
        "environment": environment,
        "production": environment == DEFAULT_ENVIRONMENT,
    }
    try:
        known = {"siblings": siblings}
        return Architecture.model_validate(defaults | document.data, context=known)
    except ValidationError as error:
        errors = error.errors()
        for raw, problem in zip(errors, problems_of(errors), strict=True):
            path = tuple(part for part in raw["loc"] if part != "[key]")
            document.problems.append(document.problem(path, problem.what, _todo(raw, path)))
        raise _refusal(document) from None


def _todo(raw: Any, path: Path) -> Any:
    """What would be right, where the model knows."""
    context, kind = raw.get("ctx", {}), raw["type"]
    if kind == "extra_forbidden":
        return fields(path)
    if kind in WRITTEN:
        return WRITTEN[kind]
    if "expected" in context:
        names = str(context["expected"]).replace(" or ", ", ").replace("'", "")
        return say("Known here: {values}.", values=names)
    if "pattern" in context:
        return form(str(context["pattern"]))
    for key in ("ge", "gt", "le", "lt"):
        if key in context:
            return say("The limit is {limit}.", limit=str(context[key]))
    return None


def _refuse(document: Document) -> None:
    if document.problems:
        raise _refusal(document)


def _refusal(document: Document) -> Invalid:
    ordered = sorted(document.problems, key=lambda problem: problem.line or 0)
    said = say("{file} cannot be used. Mend these places.", file=document.file)
    return Invalid(said, tuple(ordered))

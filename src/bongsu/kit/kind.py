"""A kind is one file on a shelf (a folder); its id is its file name, imported when asked for."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import Said, say


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind declares as `SPEC`. `options` is a pydantic model; form, API schema, validation and
    documentation come from its field titles, descriptions, examples and `json_schema_extra` units."""

    id: str
    label: Said
    options: type[Any]
    examples: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """A kind whose file does not import: it is off, and says why; the server goes on."""

    id: str
    why: str


class Shelf:
    """`Shelf("bongsu.watch.checks")`: the kinds in one package."""

    def __init__(self, package: str) -> None:
        self.package = package

    def ids(self) -> tuple[str, ...]:
        path = importlib.import_module(self.package).__path__
        return tuple(
            sorted(m.name for m in pkgutil.iter_modules(path) if not m.name.startswith("_"))
        )

    def module(self, kind_id: str) -> ModuleType:
        """Raises NotFound for an unknown id; ImportError for a broken kind."""
        if kind_id not in _ids(self.package):
            raise NotFound(
                say(
                    "There is no kind {kind} here. Known kinds: {known}.",
                    kind=kind_id,
                    known=", ".join(_ids(self.package)),
                )
            )
        return importlib.import_module(f"{self.package}.{kind_id}")

    def spec(self, kind_id: str) -> Kind:
        spec: Kind = self.module(kind_id).SPEC
        return spec

    def all(self) -> tuple[Kind | Broken, ...]:
        return tuple(self._spec_or_broken(kind_id) for kind_id in self.ids())

    def _spec_or_broken(self, kind_id: str) -> Kind | Broken:
        try:
            return self.spec(kind_id)
        except ImportError as error:
            return Broken(kind_id, str(error))


@cache
def _ids(package: str) -> tuple[str, ...]:
    return Shelf(package).ids()

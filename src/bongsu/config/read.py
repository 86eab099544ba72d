"""From files to what they want: every section read, every mistake collected with file and line."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from bongsu.config import kinds
from bongsu.config.plan import Thing
from bongsu.document import Document, Path
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.kit.problems import problems_of
from bongsu.kit.text import is_slug
from bongsu.services.model import ServiceDraft

TOP = ("teams", "services", "rules", "channels")


@dataclass(slots=True)
class Wanted:
    """What all files together ask for, and what is wrong with them."""

    things: list[Thing] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def checked(self) -> "Wanted":
        """Raises Invalid with every problem, in the order of files and lines."""
        if self.problems:
            ordered = sorted(self.problems, key=lambda p: (p.file or "", p.line or 0))
            said = say("The files cannot be applied; nothing was changed. Mend these places.")
            raise Invalid(said, tuple(ordered))
        return self


def read(documents: Sequence[Document]) -> Wanted:
    wanted = Wanted()
    seen: dict[tuple[str, str], str] = {}
    for document in documents:
        wanted.problems += document.problems
        if document.problems and document.data is None:
            continue
        for thing in _Reader(document, wanted.problems).things():
            key = (thing.section, thing.name)
            if key in seen:
                what = say(
                    "{name} is already defined at {place}.", name=thing.name, place=seen[key]
                )
                path: Path = (thing.section, *thing.name.split("/"))
                wanted.problems.append(document.problem(path, what, say("Keep one of them.")))
            seen[key] = thing.defined_in or ""
            wanted.things.append(thing)
    return wanted


class _Reader:
    """One file."""

    def __init__(self, document: Document, problems: list[Problem]) -> None:
        self.document, self.problems = document, problems

    def things(self) -> Iterator[Thing]:
        data = self.document.data
        if data is None:
            return
        if not isinstance(data, dict):
            self._wrong((), say("A file is a mapping with the keys {keys}.", keys=", ".join(TOP)))
            return
        for key in data:
            if key not in TOP:
                what = say("There is no section {name}.", name=key)
                self._wrong((key,), what, say("Known sections: {keys}.", keys=", ".join(TOP)))
        readers: dict[str, Callable[[Path, Any], Iterator[Thing]]] = {
            "teams": self._team,
            "channels": self._channel,
            "services": self._service,
            "rules": self._rule,
        }
        for section, reader in readers.items():
            for path, value in self._named(section, data.get(section)):
                yield from reader(path, value)

    def _named(self, section: str, value: Any, above: Path = ()) -> Iterator[tuple[Path, Any]]:
        base = (*above, section)
        if value is None:
            return
        if not isinstance(value, dict):
            self._wrong(base, say("This is a mapping of names."))
            return
        for name, inner in value.items():
            if not is_slug(name):
                what = say("{name} is not a name.", name=name)
                self._wrong((*base, name), what, say("Use a-z, 0-9 and inner hyphens."))
            elif inner is not None and not isinstance(inner, dict):
                self._wrong((*base, name), say("This is a mapping of settings."))
            else:
                yield (*base, name), inner or {}

    def _team(self, path: Path, value: dict[str, Any]) -> Iterator[Thing]:
        draft = self._model(kinds.TeamEntry, value, path)
        if draft:
            title = draft.title or str(path[-1])
            yield self._thing(path, {"title": title, "members": sorted(draft.members)})

    def _service(self, path: Path, value: dict[str, Any]) -> Iterator[Thing]:
        name = str(path[-1])
        plain = {key: inner for key, inner in value.items() if key != "checks"}
        draft = self._model(ServiceDraft, plain | {"name": name}, path)
        if draft:
            values = draft.model_dump(mode="json", exclude={"name"})
            yield self._thing(path, values | {"title": draft.title or name})
        for place, inner in self._named("checks", value.get("checks"), path):
            values = self._collect(place, kinds.check_values, str(place[-1]), inner)
            if values is not None:
                yield self._thing(place, values, "checks", f"{name}/{place[-1]}")

    def _rule(self, path: Path, value: dict[str, Any]) -> Iterator[Thing]:
        values = self._collect(path, kinds.rule_values, str(path[-1]), value)
        if values is not None:
            yield self._thing(path, values)

    def _channel(self, path: Path, value: dict[str, Any]) -> Iterator[Thing]:
        values = self._collect(path, kinds.channel_values, str(path[-1]), value)
        if values is not None:
            yield self._thing(path, values)

    def _thing(
        self, path: Path, values: dict[str, Any], section: str = "", name: str = ""
    ) -> Thing:
        place = f"{self.document.file}:{self.document.line(path)}"
        return Thing(section or str(path[0]), name or str(path[-1]), values, place)

    def _model(self, model: type[Any], value: dict[str, Any], path: Path) -> Any:
        try:
            return _validated(model, value)
        except ValidationError as error:
            for problem in problems_of(error.errors()):
                self._place(path, problem)
        return None

    def _collect(self, path: Path, make: Callable[..., dict[str, Any]], *arguments: Any) -> Any:
        """What `make` gives, or None after its problems were put in their places."""
        try:
            return make(*arguments)
        except Invalid as error:
            for problem in error.problems or (Problem("", error.said),):
                self._place(path, problem)
        return None

    def _place(self, path: Path, problem: Problem) -> None:
        inner = tuple(
            _part(part) for part in problem.where.replace("[", ".").replace("]", "").split(".")
        )
        whole = (*path, *(part for part in inner if part != ""))
        self.problems.append(self.document.problem(whole, problem.what, problem.todo))

    def _wrong(self, path: Path, what: Any, todo: Any = None) -> None:
        self.problems.append(self.document.problem(path, what, todo))


def _validated(model: type[BaseModel], value: dict[str, Any]) -> BaseModel:
    return model.model_validate(value)


def _part(text: str) -> str | int:
    return int(text) if text.isdigit() else text

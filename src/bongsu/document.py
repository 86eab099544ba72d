"""YAML with places: every value knows its line, and every mistake of form is found, not only the first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from bongsu.kit.errors import Problem
from bongsu.kit.i18n import say
from bongsu.kit.problems import DEPTH_LIMIT, TOO_DEEP

SIZE_LIMIT_BYTES = 2 << 20
NODE_LIMIT = 200_000  # also ends documents that multiply themselves by aliases
MERGE = "tag:yaml.org,2002:merge"
Path = tuple[str | int, ...]


@dataclass(slots=True)
class Document:
    """One file: its data, the line of every path, and what is wrong with its form."""

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of the nearest known place at or above `path`."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def problem(self, path: Path, what: Any, todo: Any = None) -> Problem:
        return Problem(dotted(path), what, todo, self.file, self.line(path))


def dotted(path: Path) -> str:
    """`services.shop.checks.home.expect[0]`"""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "file"


def parse(file: str, source: bytes) -> Document:
    """Never raises: what is wrong is in `problems`, with lines."""
    document = Document(file)
    text = _decode(document, source)
    if text is None:
        return document
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        document.problems.append(document.problem((), TOO_DEEP))
        return document
    except yaml.YAMLError as error:
        document.problems.append(_syntax(file, error))
        return document
    if root is not None:
        document.data = _Builder(document).build(root, ())
    return document


def _decode(document: Document, source: bytes) -> str | None:
    if len(source) > SIZE_LIMIT_BYTES:
        what = say(
            "The file has {size} bytes; the limit is {limit}.",
            size=len(source),
            limit=SIZE_LIMIT_BYTES,
        )
        document.problems.append(document.problem((), what, say("Split it into several files.")))
        return None
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        what = say("Byte {position} is not UTF-8.", position=error.start)
        todo = say("Save the file as UTF-8.")
        document.problems.append(Problem("file", what, todo, document.file, line))
        return None


def _syntax(file: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    words = getattr(error, "problem", None) or str(error).splitlines()[0]
    what = say("This is not YAML: {words}.", words=words)
    todo = say("Check the indentation and quotes around this line.")
    return Problem("file", what, todo, file, mark.line + 1 if mark else 1)


class _Builder:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0
        self.constructor = yaml.SafeLoader("")

    def build(self, node: yaml.Node, path: Path) -> Any:
        self.count += 1
        if self.count > NODE_LIMIT:
            if self.count == NODE_LIMIT + 1:
                what = say("The file holds more than {limit} values.", limit=NODE_LIMIT)
                self.document.problems.append(self.document.problem(path, what))
            return None
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if len(path) > DEPTH_LIMIT:  # also a thing that holds itself
            self.document.problems.append(self.document.problem(path[:4], TOO_DEEP))
            return None
        if isinstance(node, yaml.MappingNode):
            return dict(self._items(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _items(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if key_node.tag == MERGE:
                self._refuse_merge(key_node, path)
                continue
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            place = (*path, key)
            if not key or key in seen:
                what = (
                    say("The key {key} stands here twice.", key=key)
                    if key
                    else say("A key must be text.")
                )
                problem = self.document.problem(place, what, say("Keep one of them."))
                line = key_node.start_mark.line + 1
                values = (problem.where, problem.what, problem.todo, problem.file, line)
                self.document.problems.append(Problem(*values))
            seen.add(key)
            self.document.lines.setdefault(place, key_node.start_mark.line + 1)
            yield key, self.build(value_node, place)

    def _refuse_merge(self, key: yaml.Node, path: Path) -> None:
        """Of YAML 1.1 only; whoever reads the file could not tell from a line what holds there."""
        what = say("The merge key << mixes one mapping into another; files here do without it.")
        todo = say(
            "Write the fields out. A whole value may be repeated: &name where it stands first, *name where again."
        )
        place, line = dotted((*path, "<<")), key.start_mark.line + 1
        self.document.problems.append(Problem(place, what, todo, self.document.file, line))

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        try:
            return self.constructor.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:
            # The last two come from a tag that does not fit its value, such as `!!int ""`.
            words = (str(error).splitlines() or [type(error).__name__])[0]
            what = say("This value cannot be read: {words}.", words=words)
            self.document.problems.append(self.document.problem(path, what))
            return None


def parse_all(files: Sequence[tuple[str, bytes]]) -> list[Document]:
    return [parse(name, source) for name, source in files]

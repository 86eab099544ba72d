"""Resources as CloudFormation types them, and how they hang together. Renderers are views of it.

A property that points at another resource holds a `Ref`, `Att` or `Sub` instead of text; across stacks the
renderer turns it into an output and a parameter. Types and properties are those of the CloudFormation registry.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from bongsu.document import Path

Stack = Literal["edge", "network", "data", "app"]
ORDER: tuple[Stack, ...] = ("edge", "network", "data", "app")  # in which they are deployed
Keep = Literal["delete", "retain", "snapshot"]


@dataclass(frozen=True, slots=True)
class Ref:
    """What CloudFormation's Ref gives for a resource; a name such as `AWS::AccountId` is a pseudo parameter."""

    id: str


@dataclass(frozen=True, slots=True)
class Att:
    """An attribute of a resource."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Given:
    """A value that the deployment finds out, such as the id of a prefix list: a parameter of the stack.

    `how`: `zone:example.com`, `prefix-list:name`, `ami:name`, `image:service`: see `deploy`.
    """

    id: str
    how: str
    type: str = "String"


@dataclass(frozen=True, slots=True)
class Sub:
    """Text with `${name}` places; a name is a key of `values` or a pseudo parameter."""

    text: str
    values: dict[str, "Ref | Att | Given"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """`path`: the place in the file that asked for it. `keep`: what becomes of it when it is taken out."""

    id: str
    type: str
    properties: dict[str, Any]
    stack: Stack
    path: Path
    region: str | None = None  # None: the architecture's own (us-east-1 for `edge`)
    keep: Keep = "delete"
    after: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)  # CreationPolicy, UpdatePolicy


class Graph:
    """Resources in the order in which they were added; ids are unique."""

    def __init__(self) -> None:
        self.resources: dict[str, Resource] = {}

    def add(self, resource: Resource) -> Ref:
        """Raises ValueError for an id that is there: two builders would mean one resource."""
        if resource.id in self.resources:
            raise ValueError(f"{resource.id} was added twice")
        self.resources[resource.id] = resource
        return Ref(resource.id)

    def of_type(self, type: str) -> tuple[Resource, ...]:  # noqa: A002
        return tuple(one for one in self.resources.values() if one.type == type)

    def stacks(self) -> tuple[tuple[Stack, str | None], ...]:
        """Name and region of every stack that is not empty, in the order of deployment."""
        present = {(one.stack, one.region) for one in self.resources.values()}
        return tuple(sorted(present, key=lambda key: (ORDER.index(key[0]), key[1] or "")))


def pointers(value: Any) -> Iterator[Ref | Att | Given]:
    """Every pointer in a property, in order; those inside a `Sub` too."""
    if isinstance(value, Ref | Att | Given):
        yield value
    elif isinstance(value, Sub):
        yield from value.values.values()
    elif isinstance(value, dict):
        for inner in value.values():
            yield from pointers(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from pointers(inner)


def logical_id(*words: str) -> str:
    """`("subnet", "main-app", "a")` → `SubnetMainAppA`"""
    return "".join(
        part[:1].upper() + part[1:]
        for word in words
        for part in word.replace("/", "-").replace(".", "-").split("-")
    )

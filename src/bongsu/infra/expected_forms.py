"""What would be right in a place of a file: the fields that are known there, and how a value is written. Pure."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import EXAMPLES, NAME_FORM
from bongsu.kit.i18n import Said, say

WRITTEN = {
    "string_type": say("Put it in quotes."),
    "tuple_type": say("Write a list, such as [one, two]."),
    "dict_type": say("Write a mapping, a name and a colon on each line."),
    "model_type": say("Write its fields below it, or an empty mapping."),
    "int_parsing": say(
        "Write the number alone; its unit stands in the name of the field or in the documentation."
    ),
}  # fmt: skip


def form(pattern: str) -> Said:
    """How a value of this form is written."""
    example = EXAMPLES.get(pattern)
    if pattern == NAME_FORM:
        return say("Small letters, digits and hyphens, a letter first, 2 to 32 in all, such as {example}.",
                   example=example)  # fmt: skip
    if example is None:
        return say("Its form is {form}.", form=pattern)
    return say("Write it like {example}.", example=example)


def fields(path: Sequence[Any]) -> Said | None:
    """For a field that is not known: which one may be meant, and all that there are."""
    blocks = [Architecture]
    for word in path[:-1]:
        blocks = [block for one in blocks for block in _below(one, word)]
    known = list(
        dict.fromkeys(name for block in blocks for name in getattr(block, "model_fields", {}))
    )
    if not known:
        return None
    near = get_close_matches(str(path[-1]), known, 1, 0.6)
    names = ", ".join(known)
    if near:
        return say("Is {near} meant? Known here: {values}.", near=near[0], values=names)
    return say("Known here: {values}.", values=names)


def _below(annotation: Any, word: Any) -> Iterator[Any]:
    """What may stand under a word: a field of a block, an entry of a mapping or of a list."""
    for kind in _kinds(annotation):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(word)
            yield from _kinds(field.annotation) if field else ()
        elif get_origin(kind) is dict:
            yield from _kinds(get_args(kind)[1])
        elif get_origin(kind) is tuple:
            yield from _kinds(get_args(kind)[0])


def _kinds(annotation: Any) -> Iterator[Any]:
    """The alternatives of an annotation, without what is said about them."""
    if get_origin(annotation) is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif get_origin(annotation) in (None, dict, tuple):
        yield annotation
    else:
        for one in get_args(annotation):
            yield from _kinds(one)

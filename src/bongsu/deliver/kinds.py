"""The shelf of channel kinds: `channels/<kind>.py` with SPEC, LADDER_S and `async send`."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError

from bongsu.kit.errors import Problem
from bongsu.kit.i18n import say
from bongsu.kit.kind import Shelf
from bongsu.kit.problems import problems_of as in_our_words

SHELF = Shelf("bongsu.deliver.channels")


def problems_of(kind: str, options: Any, where: str = "options") -> tuple[Problem, ...]:
    """Everything wrong with a channel's kind and options; empty when it can be used."""
    if kind not in SHELF.ids():
        known = ", ".join(SHELF.ids())
        what = say("There is no channel kind {kind}.", kind=kind)
        return (Problem("kind", what, say("Choose one of {known}.", known=known)),)
    try:
        SHELF.spec(kind).options.model_validate(options)
    except ValidationError as error:
        return tuple(_problems(error, where))
    return ()


def _problems(error: ValidationError, where: str) -> Iterator[Problem]:
    for one in in_our_words(error.errors(include_url=False, include_input=False)):
        yield Problem(f"{where}.{one.where}" if one.where != "body" else where, one.what)


def parsed(module: ModuleType, options: dict[str, Any]) -> BaseModel:
    """Raises pydantic's ValidationError for options of an older or newer version."""
    made: BaseModel = module.SPEC.options.model_validate(options)
    return made

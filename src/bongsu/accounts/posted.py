"""What a page's form sent, as one of our input models, or with what is wrong at each field."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from bongsu.accounts.inputs import time_zone
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said, say
from bongsu.kit.problems import problems_of
from bongsu.web.shell import state_of

M = TypeVar("M", bound=BaseModel)
OWN_FIELDS = frozenset({"csrf"})
NOT_RIGHT = say("Something in it is not right")


async def posted(request: Request, *lists: str) -> dict[str, Any]:
    """Texts by name, without our own fields; the names in `lists` give all their values. Files are left out."""
    async with request.form() as form:
        texts = {
            name: value
            for name, value in form.items()
            if isinstance(value, str) and name not in OWN_FIELDS
        }
        many = {name: [one for one in form.getlist(name) if isinstance(one, str)] for name in lists}
    return texts | many


def read(model: type[M], values: Mapping[str, Any], said: Said = NOT_RIGHT) -> M:
    """Raises Invalid with one problem a field. `said`: what is not done because of them."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise Invalid(said, problems_of(found)) from None


def at_home(request: Request, values: Mapping[str, Any]) -> dict[str, Any]:
    """With language and time zone of the browser of somebody who comes in for the first time. A browser may
    call its zone what nobody here knows: that keeps nobody out."""
    zone = str(values.get("time_zone") or "")
    try:
        known: str | None = time_zone(zone) if zone else None
    except ValueError:
        known = None
    return dict(values) | {"language": state_of(request).language, "time_zone": known}


def or_none(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """An empty choice of a form is none at all."""
    return dict(values) | {name: values.get(name) or None for name in names}

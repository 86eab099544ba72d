"""What a function is told by its environment."""

import os

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say


def needed(name: str) -> str:
    """Raises Invalid when it is not set: nothing can be done without it."""
    value = os.environ.get(name, "")
    if not value:
        raise Invalid(
            say(
                "The function needs the environment variable {name}. Set it in its configuration.",
                name=name,
            )
        )
    return value

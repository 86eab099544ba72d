"""How much CloudFormation takes in one template: more is refused by its name, before anything is sent."""

from collections.abc import Mapping
from typing import Any

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

LIMITS = {"Resources": 500, "Parameters": 200, "Outputs": 200}


def refuse_crowded(stack: str, body: Mapping[str, Any]) -> None:
    """Raises Invalid where a section has more entries than AWS takes."""
    for section, limit in LIMITS.items():
        count = len(body.get(section, ()))
        if count > limit:
            raise Invalid(
                say(
                    "The template of {stack} has {count} entries under {section}; AWS takes {limit}. Split the "
                    "architecture.",
                    stack=stack,
                    count=count,
                    section=section,
                    limit=limit,
                )
            )

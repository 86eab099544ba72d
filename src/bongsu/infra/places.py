"""`${part}` in an environment stands for the address of a part, and among secrets for that of a database. Pure."""

import re
from collections.abc import Iterator

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Wrong
from bongsu.kit.i18n import Said, say

PLACE = re.compile(r"\$\{([^}]*)\}")
ADDRESSED = (
    "buckets",
    "tables",
    "events",
    "topics",
    "queues",
    "streams",
    "push",
    "databases",
    "caches",
    "load_balancers",
)  # sections that have an address


def places_in(text: str) -> tuple[str, ...]:
    """`s3://${evidence}/x` → `("evidence",)`, each once."""
    return tuple(dict.fromkeys(PLACE.findall(text)))


def wrong_places(architecture: Architecture) -> Iterator[Wrong]:
    for section, name, user in architecture.users():
        for variable, text in user.environment.items():
            for place in places_in(text):
                if architecture.section_of(place) not in ADDRESSED:
                    path = (section, name, "environment", variable)
                    said = say("{place} has no address.", place=f"${{{place}}}")
                    yield path, said, _known(architecture, ADDRESSED)
    for section, name, block in architecture.users():
        for variable, text in block.secrets.items():
            found = PLACE.fullmatch(text)
            if places_in(text) and not (found and found[1] in architecture.databases):
                path = (section, name, "secrets", variable)
                said = say("{secret} is no secret of a database.", secret=text)
                yield path, said, _known(architecture, ("databases",))


def _known(architecture: Architecture, sections: tuple[str, ...]) -> Said:
    names = [name for section in sections for name in getattr(architecture, section)]
    return say("Known there: {names}.", names=", ".join(names) or "–")

"""The page's form and the API's document of the same choices: pure, both ways."""

from collections.abc import Mapping
from typing import Any

from bongsu.tell.choices import Mine
from bongsu.tell.preferences import AT_ONCE, CHANNELS, KINDS

ON = "on"


def form_values(mine: Mine) -> dict[str, Any]:
    """What each field shows; boxes are `on` or empty."""
    choice = mine.preferences
    boxes = {f"kind.{c}.{k}": choice.wants(k, c) for c in CHANNELS for k in KINDS}
    boxes |= {f"once.{kind}": kind in choice.at_once for kind in AT_ONCE}
    boxes |= {"mails": not choice.off, "own": choice.own, "weekends": choice.quiet_weekends}
    texts = {
        "digest": choice.digest,
        "digest_hour": choice.digest_hour,
        "quiet_from": f"{choice.quiet_from:%H:%M}" if choice.quiet_from else "",
        "quiet_until": f"{choice.quiet_until:%H:%M}" if choice.quiet_until else "",
    }
    projects = {one.project: one.choice for one in mine.projects}
    return {name: ON if value else "" for name, value in boxes.items()} | texts | projects


def values_of(posted: Mapping[str, Any]) -> dict[str, Any]:
    """A box that was not sent is off: the form is sent whole."""
    quiet = {"from": posted.get("quiet_from") or None, "until": posted.get("quiet_until") or None}
    return {
        "off": "mails" not in posted,
        "own": "own" in posted,
        "kinds": {c: {k: f"kind.{c}.{k}" in posted for k in KINDS} for c in CHANNELS},
        "at_once": [kind for kind in AT_ONCE if f"once.{kind}" in posted],
        "digest": posted.get("digest", ""),
        "digest_hour": posted.get("digest_hour", ""),
        "quiet": quiet | {"weekends": "weekends" in posted},
        "projects": {name: value for name, value in posted.items() if name.startswith("project/")},
    }

"""What is watched, as a file that `bongsu apply` takes; the same text for the same architecture."""

from typing import Any

import yaml

from bongsu.infra.watched.watching import Watched, Watching, tags_of
from bongsu.kit.i18n import say


def document(found: Watching) -> dict[str, Any]:
    return {"services": {one.name: _service(found, one) for one in found.services}}


def text(found: Watching, language: str = "en") -> str:
    """With a head of comments: who made it, and what nobody can ask from outside."""
    named = {"name": found.architecture.name, "env": found.architecture.environment}
    lines = [say("{name}, {env}: what `bongsu infra watch` registers.", **named).to(language)]
    if found.architecture.hours:
        said = say("It stops every evening, so its checks are paused: looked at, and nobody told.")
        lines.append(said.to(language))
    if found.unseen:
        lines.append(say("Not asked from outside:").to(language))
        lines += [f"  {part}: {why.to(language)}" for part, why in found.unseen.items()]
    head = "".join(f"# {line}\n" for line in lines)
    body = yaml.safe_dump(
        document(found), sort_keys=False, allow_unicode=True, default_flow_style=None, width=120
    )
    return head + str(body)


def _service(found: Watching, one: Watched) -> dict[str, Any]:
    architecture = found.architecture
    values: dict[str, Any] = {
        "title": one.part,
        "group": f"{architecture.name} ({architecture.environment})",
        "owners": list(architecture.alarms.owners),
        "tags": list(tags_of(architecture.name, architecture.environment, one.part)),
    }
    if one.url:
        values["links"] = [{"title": one.url.split("/")[2], "url": one.url}]
    return values | {"checks": one.checks}

"""The files of a repository that make its pipelines: text by place, the same for the same architecture."""

from collections.abc import Sequence
from typing import Any

import yaml

from bongsu.infra.delivery import github, gitlab, jenkins
from bongsu.infra.delivery.delivery import Delivery, made_from
from bongsu.infra.delivery.script import script


def files_of(deliveries: Sequence[Delivery]) -> dict[str, str]:
    """CodePipeline's own part stands in the template of the stack `data`; here is the script that it runs."""
    found: dict[str, str] = {}
    for one in deliveries:
        found[one.script] = script(one)
        match one.pipeline.kind:
            case "github":
                found[github.place(one)] = _yaml(one, github.workflow(one), github.VERSIONS)
            case "gitlab":
                found[gitlab.place(one)] = _yaml(one, gitlab.pipeline(one), {})
            case "jenkins":
                found[jenkins.place(one)] = jenkins.jenkinsfile(one)
    return found


def _yaml(one: Delivery, document: Any, versions: dict[str, str]) -> str:
    """`versions`: which version a commit is, as a comment behind it."""
    head = f"# {made_from(one)}\n"
    text = yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)
    for pinned, version in versions.items():
        text = text.replace(f"{pinned}\n", f"{pinned}  # {version}\n")
    return head + text


class _Plain(yaml.SafeDumper):
    """Without anchors: code hosts do not all know them."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  PyYAML's signature
        return True

"""`bongsu infra render`: templates, configurations, manifests: all views of one plan. Nothing here needs AWS."""

import json as codec
import sys
from pathlib import Path
from typing import Literal

from bongsu.infra.build.build import build_graph
from bongsu.infra.delivery.delivery import deliveries
from bongsu.infra.delivery.files import files_of
from bongsu.infra.graph import Graph
from bongsu.infra.options import Environment, FileHere
from bongsu.infra.plan.model import Plan
from bongsu.infra.read import read_all
from bongsu.infra.render.cfn import templates
from bongsu.infra.render.k8s import manifests
from bongsu.infra.render.tf import FILE, configuration
from bongsu.infra.workbench import open_file, text_of, with_lines, write_text
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say, terminal_language


def render(
    file: FileHere,
    *,
    env: Environment = None,
    to: Literal["cloudformation", "terraform", "kubernetes", "pipelines"] = "cloudformation",
    state_bucket: str | None = None,
    tag: str | None = None,
    out: Path | None = None,
) -> int:
    """CloudFormation templates, one for each stack, in the order of deployment; or Terraform, or pipelines' files.

    Parameters
    ----------
    to
        terraform gives one configuration in JSON for the providers awscc and aws; kubernetes gives manifests
        of the services that run on clusters; pipelines the files that a repository needs for them, whose place
        is below its root.
    state_bucket
        For terraform: the bucket of S3 that keeps its state; a file where it runs unless given.
    tag
        Of the images that the pipeline pushed: manifests name them. With it they stand beside the templates.
    out
        A folder; without it everything is printed as one JSON document, templates by name of their stack.
    """
    if state_bucket and to != "terraform":
        raise Invalid(say("--state-bucket is for --to terraform only."))
    if to == "pipelines":
        return _pipelines(file, out)
    work = open_file(file, env)
    if to == "kubernetes":
        return _kubernetes(work.plan, tag, out)
    with with_lines(work.source):
        graph = build_graph(work.plan)
        if to == "terraform":
            return _terraform(work.plan, graph, state_bucket, out)
        made = templates(work.plan, graph)
    if out is None:
        _print({one.name: one.body for one in made})
        return 0
    for one in made:
        print(write_text(out / f"{one.name}.json", one.text))
    if work.plan.architecture.clusters and tag:
        return _kubernetes(work.plan, tag, out)
    return 0


def _kubernetes(plan: Plan, tag: str | None, out: Path | None) -> int:

    made = manifests(plan, tag)
    needed = say(
        "Pods are put behind load balancers by the AWS Load Balancer Controller, nodes are added by the Cluster "
        "Autoscaler: install both once, as docs/en/kubernetes.md says."
    )
    print(needed.to(terminal_language()), file=sys.stderr)
    if out is None:
        _print({one.name: list(one.documents) for one in made})
        return 0
    for one in made:
        print(write_text(out / one.name, one.text))
    return 0


def _terraform(plan: Plan, graph: Graph, state_bucket: str | None, out: Path | None) -> int:

    made = configuration(plan, graph, state_bucket)
    said = [say("A preview: no provider has seen this yet. CloudFormation is what is tested.")]
    if made.gaps:
        said.append(say("Terraform has no words for {names}.", names=", ".join(made.gaps)))
    for one in said:
        print(one.to(terminal_language()), file=sys.stderr)
    if out is None:
        _print(made.body)
    else:
        print(write_text(out / FILE, made.text))
    return 0


def _pipelines(file: Path, out: Path | None) -> int:
    """Of all environments: a pipeline leads through them. Raises Invalid where the file has none."""

    sources = read_all(str(file), text_of(file))
    found = files_of(deliveries([one.architecture for one in sources], file.as_posix()))
    if not found:
        raise Invalid(say("{file} has no pipelines.", file=str(file)))
    if file.is_absolute():
        raise Invalid(say("Name the file as it lies below the root of the repository."))
    if out is None:
        _print(dict(found))
        return 0
    for place, text in found.items():
        print(write_text(out / place, text))
    return 0


def _print(what: object) -> None:
    print(codec.dumps(what, ensure_ascii=False))

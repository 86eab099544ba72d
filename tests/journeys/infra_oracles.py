"""What the journey asks other programs about one environment: Terraform, kubernetes-validate, checkov."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from bongsu.infra.build.build import build_graph
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.render.k8s import manifests
from bongsu.infra.render.tf import configuration
from bongsu.kit.errors import Invalid
from tests.infra.render.terraformed import lay, planned, reattached
from tests.infra.test_checkov import found_in, is_accepted
from tests.infra.venvs import programs

ROOT = Path(__file__).resolve().parents[2]


def refused_by_terraform(plan: Plan) -> tuple[str, ...]:
    """Places of the file that its providers cannot make."""
    try:
        configuration(plan, build_graph(plan, ROOT))
    except Invalid as error:
        return tuple(dict.fromkeys(str(one.what) for one in error.problems))
    return ()


def in_terraform(plan: Plan, folder: Path) -> int:
    """How many resources it would make, of all but what is refused. Raises ValueError with what it says."""
    kept = {n: one for n, one in plan.architecture.pipelines.items() if one.kind != "codepipeline"}
    less = {"migrations": {}, "pipelines": kept}
    left = make_plan(plan.architecture.model_copy(update=less))
    graph = build_graph(left, ROOT)
    folder.mkdir(parents=True)
    lay(configuration(left, graph).body, folder)
    with reattached([graph]) as providers:
        made = planned(folder, providers)
    if others := [key for key, actions in made.items() if actions != ["create"]]:
        raise ValueError(f"not made: {', '.join(others)}")
    return len(made)


def unfit_manifests(plan: Plan, folder: Path) -> tuple[int, str]:
    """How many there are, and what kubernetes-validate says against them."""
    folder.mkdir(parents=True)
    made = manifests(plan, "1")
    for number, one in enumerate(made):
        (folder / f"{number}.yaml").write_text(one.text)
    said = ""
    for version in sorted({block.version for block in plan.architecture.clusters.values()}):
        command = [programs("kubernetes") / "kubernetes-validate", "-k", version, "--strict"]
        done = subprocess.run(
            [*command, *sorted(folder.iterdir())], capture_output=True, text=True, check=False
        )
        said += done.stdout + done.stderr if done.returncode else ""
    return len(made), said


def by_checkov(folder: Path) -> tuple[list[str], list[str]]:
    """What nobody accepted, and what is lived with: ids of checks and TEMPLATE:RESOURCE."""
    found = sorted(found_in(folder))
    return _told(one for one in found if not is_accepted(*one)), _told(
        one for one in found if is_accepted(*one)
    )


def _told(found: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{check} at {place}" for check, place in found]

"""Terraform, run on a configuration with providers that know schemas and nothing else."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bongsu.infra.graph import Graph
from bongsu.infra.render.tf_types import exceptions
from tests.infra.render.tf_schemas import schemas
from tests.infra.venvs import programs

PROGRAM = shutil.which("terraform")
MISSING = "there is no terraform on this machine"
STUB = Path(__file__).with_name("stub_provider.py")
QUIET = {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull, "TF_IN_AUTOMATION": "1"}
STEPS = (("init", "-input=false"), ("validate",), ("plan", "-out=made", "-input=false"))


@contextmanager
def reattached(graphs: Iterable[Graph]) -> Iterator[str]:
    """The value of TF_REATTACH_PROVIDERS, for providers that have every type of these graphs."""
    used = {provider_type(one.type) for graph in graphs for one in graph.resources.values()}
    with tempfile.TemporaryDirectory(prefix="tf-") as folder:  # a socket's path must be short
        told = Path(folder) / "schemas.json"
        told.write_text(json.dumps(schemas(used - {*exceptions().cloud_control})))
        command = [programs("terraform") / "python", STUB, told, folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
            try:
                yield served.stdout.readline()
            finally:
                served.terminate()


def provider_type(type: str) -> str:  # noqa: A002
    return exceptions().substitutes.get(type, {}).get("type", type)


def terraform(folder: Path, providers: str, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [PROGRAM, f"-chdir={folder}", *words],
        env=os.environ | QUIET | {"TF_REATTACH_PROVIDERS": providers},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def lay(body: dict[str, Any], folder: Path) -> None:
    """With something for what a person would be asked."""
    (folder / "main.tf.json").write_text(json.dumps(body))
    asked = {name: f"given-{name.lower()}" for name in body.get("variable", {})}
    (folder / "given.auto.tfvars.json").write_text(json.dumps(asked))


def planned(folder: Path, providers: str) -> dict[str, list[str]]:
    """What would be done with each resource. Raises ValueError with what Terraform says against it."""
    for words in STEPS:
        status, said = terraform(folder, providers, *words, "-no-color")
        if status:
            raise ValueError(f"{words[0]}: {said}")
    changes = json.loads(terraform(folder, providers, "show", "-json", "made")[1])
    actions = {one["address"]: one["change"]["actions"] for one in changes["resource_changes"]}
    return {key: one for key, one in actions.items() if not key.startswith("data.")}

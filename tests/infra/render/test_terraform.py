"""A real `terraform validate` and `plan` of every example, with providers that know schemas and nothing else.

They find unknown types, arguments and attributes, wrong types, references that lead nowhere and circles, but not
what a provider itself would refuse. Where there is no terraform, that is said and nothing is shown.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bongsu.infra.render.tf import configuration
from bongsu.infra.render.tf_types import exceptions
from tests.infra.render.tf_schemas import schemas
from tests.infra.render.views import EVERY, Views, views
from tests.infra.venvs import programs

PROGRAM = shutil.which("terraform")
STUB = Path(__file__).with_name("stub_provider.py")
QUIET = {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull, "TF_IN_AUTOMATION": "1"}
pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(PROGRAM is None, reason="there is no terraform on this machine"),
]
# One environment of each file in every run, and the variants of many choices; the others in the long one.
EACH = [
    pytest.param(name, marks=pytest.mark.long if name.endswith("/staging") else ())
    for name in EVERY
]


@pytest.fixture(scope="module")
def providers() -> Iterator[str]:
    """The value of TF_REATTACH_PROVIDERS."""
    seen = [views(name) for name in EVERY]
    types = {provider_type(one.type) for each in seen for one in each.graph.resources.values()}
    with tempfile.TemporaryDirectory(prefix="tf-") as folder:  # a socket's path must be short
        told = Path(folder) / "schemas.json"
        told.write_text(json.dumps(schemas(types - {*exceptions().cloud_control})))
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


def laid(seen: Views, folder: Path) -> None:
    """Without its state in S3, and with something for what a person would be asked."""
    body = configuration(seen.plan, seen.graph).body
    (folder / "main.tf.json").write_text(json.dumps(body))
    asked = {name: f"given-{name.lower()}" for name in body.get("variable", {})}
    (folder / "given.auto.tfvars.json").write_text(json.dumps(asked))


def planned(folder: Path, providers: str) -> dict[str, Any]:
    for words in (("init", "-input=false"), ("validate",), ("plan", "-out=made", "-input=false")):
        status, said = terraform(folder, providers, *words, "-no-color")
        assert status == 0, f"{words[0]}: {said}"
    status, said = terraform(folder, providers, "show", "-json", "made")
    assert status == 0, said
    return json.loads(said)


@pytest.mark.parametrize("name", EACH)
def test_terraform_takes_it_and_would_make_every_resource(name, providers, tmp_path):
    seen = views(name)
    laid(seen, tmp_path)

    made = planned(tmp_path, providers)

    blocks = {f"{kind}.{one}" for kind, of in seen.tf.body["resource"].items() for one in of}
    actions = {one["address"]: one["change"]["actions"] for one in made["resource_changes"]}
    resources = {key: one for key, one in actions.items() if not key.startswith("data.")}
    assert resources == {key: ["create"] for key in blocks}


# An unknown name inside an object is dropped without a word: test_tf.py looks each up in the registry's schemas.
WRONG = {
    "An argument": ("nmae", "a", "Extraneous"),
    "A reference": ("bucket_name", "${awscc_s3_bucket.Other.id}", "undeclared resource"),
    "A type": ("versioning_configuration", {"status": ["a"]}, "string required"),
    "An attribute": ("bucket_name", "${awscc_s3_bucket.BucketOpen.nmae}", "Unsupported attribute"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_terraform_does_find_what_is_wrong(mistake, providers, tmp_path):
    key, value, expected = WRONG[mistake]
    seen = views("every store, no nat")
    laid(seen, tmp_path)
    path = tmp_path / "main.tf.json"
    body = json.loads(path.read_text())
    body["resource"]["awscc_s3_bucket"]["BucketPictures"][key] = value
    path.write_text(json.dumps(body))

    assert terraform(tmp_path, providers, "init", "-input=false")[0] == 0
    status, said = terraform(tmp_path, providers, "validate", "-no-color")

    assert status == 1
    assert expected in said

"""A real `terraform validate` and `plan` of every example, with providers that know schemas and nothing else.

They find unknown types, arguments and attributes, wrong types, references that lead nowhere and circles, but not
what a provider itself would refuse. Where there is no terraform, that is said and nothing is shown.
"""

import json
from collections.abc import Iterator

import pytest

from bongsu.infra.render.tf import configuration
from tests.infra.render.terraformed import MISSING, PROGRAM, lay, planned, reattached, terraform
from tests.infra.render.views import EVERY, Views, views
from tests.infra.support import SMALLER, in_every_run

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(PROGRAM is None, reason=MISSING),
]
# One environment of each file in every run, and the variants of many choices.
EACH = in_every_run(lambda name: name.rpartition("/")[2] not in SMALLER, EVERY)


@pytest.fixture(scope="module")
def providers() -> Iterator[str]:
    with reattached(views(name).graph for name in EVERY) as told:
        yield told


def body_of(seen: Views) -> dict[str, dict]:
    """Without its state in S3."""
    return configuration(seen.plan, seen.graph).body


@pytest.mark.parametrize("name", EACH)
def test_terraform_takes_it_and_would_make_every_resource(name, providers, tmp_path):
    body = body_of(views(name))
    lay(body, tmp_path)

    made = planned(tmp_path, providers)

    blocks = {f"{kind}.{one}" for kind, of in body["resource"].items() for one in of}
    assert made == {key: ["create"] for key in blocks}


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
    body = json.loads(json.dumps(body_of(views("every store, no nat"))))
    body["resource"]["awscc_s3_bucket"]["BucketPictures"][key] = value
    lay(body, tmp_path)

    assert terraform(tmp_path, providers, "init", "-input=false")[0] == 0
    status, said = terraform(tmp_path, providers, "validate", "-no-color")

    assert status == 1
    assert expected in said

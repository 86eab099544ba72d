"""An image that is deployed is marked, and fifty later pushes do not let it expire."""

import json

import pytest
from botocore.exceptions import ClientError

from bongsu.infra.deploy.marks import mark_deployed
from bongsu.kit.errors import Invalid
from tests.infra.build.worked import properties
from tests.infra.deploy.test_stacks import Told
from tests.infra.support import graph, plan

OURS = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/shop-production-web"
HELD = {"images": [{"imageManifest": "{}", "imageManifestMediaType": "m"}]}
AGAIN = ClientError({"Error": {"Code": "ImageAlreadyExistsException", "Message": "no"}}, "op")


def marked(uri: str, **answers) -> Told:
    client = Told(**{"batch_get_image": [HELD], **answers})
    mark_deployed(plan().architecture, {"web": uri}, "run-1", lambda *_: client)
    return client


def test_what_was_marked_outlives_what_is_only_pushed():
    text = properties(graph(), "RepositoryWeb")["LifecyclePolicy"]["LifecyclePolicyText"]

    first, last = sorted(json.loads(text)["rules"], key=lambda one: one["rulePriority"])
    assert first["selection"]["tagPrefixList"] == ["released-"]
    assert last["selection"] == {
        "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("uri", "which"),
    [(f"{OURS}:0123abc", {"imageTag": "0123abc"}), (f"{OURS}@sha256:1", {"imageDigest": "sha256:1"})],
)  # fmt: skip
def test_it_gets_one_more_tag_with_the_name_of_the_run(uri, which):
    asked = dict(marked(uri).asked)

    assert asked["batch_get_image"]["imageIds"] == [which]
    assert asked["put_image"] == {
        "registryId": "123456789012",
        "repositoryName": "shop-production-web",
        "imageManifest": "{}",
        "imageManifestMediaType": "m",
        "imageTag": "released-run-1",
    }


def test_marked_twice_is_marked():
    assert "put_image" in marked(f"{OURS}:1", put_image=[AGAIN]).names()


def test_images_of_others_are_left_alone():
    assert marked("nginx:1").asked == marked(OURS.replace("web", "other") + ":1").asked == []


def test_one_that_is_not_there_is_said_before_anything_is_changed():
    with pytest.raises(Invalid, match=r"There is no image .*shop-production-web:1\. Push it first"):
        marked(f"{OURS}:1", batch_get_image=[{"images": []}])

"""An image that is deployed is marked, and fifty later pushes do not let it expire."""

import json

import pytest
from botocore.exceptions import ClientError

from bongsu.infra.deploy.marks import mark_deployed, mark_running
from bongsu.kit.errors import Conflict, Invalid
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


def kept(images: dict[str, str], account: str = "123456789012") -> Told:
    client = Told(batch_get_image=[HELD], get_caller_identity=[{"Account": account}])
    mark_running(plan(account="123456789012").architecture, images, "run-1", lambda *_: client)
    return client


def test_what_kubectl_starts_is_marked_as_what_a_release_starts():
    assert dict(kept({"web": f"{OURS}:1"}).asked)["put_image"]["imageTag"] == "released-run-1"


@pytest.mark.parametrize(
    ("images", "account", "said"),
    [
        ({}, "123456789012", "Which image"),
        ({"web": "nginx:1"}, "123456789012", "is not in the registry of web, which is shop-production-web"),
        ({"web": f"{OURS.replace('web', 'api')}:1"}, "123456789012", "is not in the registry of web"),
        ({"web": f"{OURS}:1"}, "999999999999", "these credentials are of 999999999999"),
    ],
)  # fmt: skip
def test_an_image_that_cannot_be_kept_is_said_and_nothing_is_marked(images, account, said):
    with pytest.raises((Invalid, Conflict), match=said):
        kept(images, account)

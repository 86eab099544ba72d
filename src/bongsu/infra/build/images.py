"""Registries for the images that are built from this repository: scanned, never overwritten, and not for ever."""

import json
import re
from typing import Any

from bongsu.infra.build.policies import Statement, allow
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Given, Ref, Sub, logical_id
from bongsu.infra.model.compute import Image

KEPT_IMAGES, KEPT_RELEASES = 50, 20
RELEASED = "released-"  # begins the tag of an image that was deployed
PRIVATE = re.compile(r"^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^:@]+)")
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")


def build(site: Site) -> None:
    for name, block in site.architecture.services.items():
        if block.image.build is not None:
            _repository(site, name, block.image)


def repository(service: str) -> Ref:
    return Ref(logical_id("repository", service))


def _repository(site: Site, name: str, image: Image) -> None:
    values = {
        "RepositoryName": site.name(name),
        "ImageScanningConfiguration": {"ScanOnPush": True},
        "ImageTagMutability": "MUTABLE" if image.mutable else "IMMUTABLE",
        "EncryptionConfiguration": {"EncryptionType": "AES256"},
        "LifecyclePolicy": {"LifecyclePolicyText": json.dumps({"rules": _rules()})},
        "Tags": site.tags(name),
    }
    id = repository(name).id  # noqa: A001
    path = ("services", name, "image")
    site.add("data", id, "AWS::ECR::Repository", path, values, keep="retain")


def _rules() -> list[dict[str, Any]]:
    """Every commit is pushed, few are released: what the first rule takes is safe from the second."""
    released = {"tagStatus": "tagged", "tagPrefixList": [RELEASED]}
    return [
        _last(1, f"The last {KEPT_RELEASES} that ran", released, KEPT_RELEASES),
        _last(2, f"The last {KEPT_IMAGES}", {"tagStatus": "any"}, KEPT_IMAGES),
    ]


def _last(priority: int, text: str, which: dict[str, Any], count: int) -> dict[str, Any]:
    return {
        "rulePriority": priority,
        "description": text,
        "selection": which | {"countType": "imageCountMoreThan", "countNumber": count},
        "action": {"type": "expire"},
    }


def image_of(service: str, image: Image) -> Given | str:
    """What the task runs. One that is built is known when it has been pushed: the deployment tells it."""
    if image.uri is None:
        return Given(logical_id("image", service), f"image:{service}")
    named = "@" in image.uri or ":" in image.uri.rpartition("/")[2]
    return image.uri if named or image.tag == "git" else f"{image.uri}:{image.tag}"


def may_pull(service: str, image: Image) -> list[Statement]:
    """Of an execution role. Only the first of these rights has no narrower resource in AWS."""
    found = PRIVATE.match(image.uri or "")
    if image.build is None and found is None:
        return []
    arn: Att | Sub = Att(repository(service).id, "Arn")
    if found:
        account, region, name = found.groups()
        arn = Sub(f"arn:${{AWS::Partition}}:ecr:{region}:{account}:repository/{name}")
    return [allow(["ecr:GetAuthorizationToken"], ["*"]), allow(PULL, [arn])]

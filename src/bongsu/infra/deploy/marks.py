"""Images that are deployed: marked in their registry, or later pushes would let what runs expire."""

from collections.abc import Mapping
from typing import Any

from bongsu.infra.build.images import PRIVATE, RELEASED
from bongsu.infra.deploy.account import refuse_other_account
from bongsu.infra.deploy.aws import Clients, asking, code_of
from bongsu.infra.model.architecture import Architecture
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
MARKED_ALREADY = "ImageAlreadyExistsException"


def mark_deployed(
    architecture: Architecture, images: Mapping[str, str], run: str, clients: Clients
) -> None:
    """Gives those in this environment's own registries one more tag: `released-` and the name of the run.

    Raises Invalid for an image that is not there.
    """
    for service, uri in images.items():
        found = PRIVATE.match(uri)
        if found and found[3] == f"{architecture.stem}-{service}":
            account, region, name = found.groups()
            here = {"registryId": account, "repositoryName": name}
            _mark(clients("ecr", region), here, uri, f"{RELEASED}{run}")


def mark_running(
    architecture: Architecture, images: Mapping[str, str], run: str, clients: Clients
) -> None:
    """Those that somebody else starts, such as kubectl. Raises Invalid for one that is not of these registries,
    Conflict in the wrong account; nothing is marked then."""
    if not images:
        raise Invalid(say("Which image? Say it: --image SERVICE=REGISTRY/NAME:TAG."))
    for service, uri in images.items():
        found, registry = PRIVATE.match(uri), f"{architecture.stem}-{service}"
        if not found or found[3] != registry:
            raise Invalid(
                say(
                    "{uri} is not in the registry of {service}, which is {name}; only what lies there is kept.",
                    uri=uri,
                    service=service,
                    name=registry,
                )
            )
    refuse_other_account(architecture, clients)
    mark_deployed(architecture, images, run, clients)


def _mark(ecr: Any, here: dict[str, str], uri: str, mark: str) -> None:
    image = _image(ecr, here, uri)
    try:
        with asking(uri):
            ecr.put_image(
                **here,
                imageManifest=image["imageManifest"],
                imageManifestMediaType=image["imageManifestMediaType"],
                imageTag=mark,
            )
    except Invalid as error:
        if code_of(error) != MARKED_ALREADY:
            raise


def _image(ecr: Any, here: dict[str, str], uri: str) -> Any:
    _, is_digest, digest = uri.partition("@")
    which = {"imageDigest": digest} if is_digest else {"imageTag": uri.rpartition(":")[2]}
    with asking(uri):
        found = ecr.batch_get_image(**here, imageIds=[which], acceptedMediaTypes=list(MANIFESTS))
    if not found["images"]:
        raise Invalid(say("There is no image {uri}. Push it first.", uri=uri))
    return found["images"][0]

"""What machines start from: images that AWS keeps up to date, and the disk that they name."""

from bongsu.infra.graph import Given, logical_id

AMI_TYPE = "AWS::EC2::Image::Id"
DISK = "/dev/xvda"  # the root of Amazon Linux


def machine_image(image: str) -> Given | str:
    """A public name, whose newest image the deployment finds out, or the id of one of the team's own.

    CloudFormation could look it up by itself, but does so at every change of the stack: the release of a container
    would replace the machines too.
    """
    if image.startswith("ami-"):
        return image
    return Given(logical_id("image", image), f"ami:{image}", AMI_TYPE)

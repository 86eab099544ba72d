"""Templates that are too long for a call come to AWS by a bucket of the architecture's own."""

import json
import logging
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from bongsu.infra.build.build import build_graph
from bongsu.infra.deploy.artefacts import Artefacts, bucket_name
from bongsu.infra.deploy.deployment import Deployment, Wishes
from bongsu.infra.deploy.stacks import BODY_LIMIT_BYTES, body_of
from bongsu.infra.deploy.state import Timing
from bongsu.kit.errors import Conflict, Invalid
from tests.aws.emulator import ACCOUNT, REGION, credentials, emulator, keys
from tests.infra.deploy.emulated import Emulated
from tests.infra.support import plan

BUCKET = f"many-artefacts-{ACCOUNT}-{REGION}"
MANY = "name: many\nregion: ap-northeast-2\nbuckets:\n" + "".join(
    f"  pictures-of-{n:03}: {{}}\n" for n in range(60)
)
pytestmark = pytest.mark.filterwarnings(
    "ignore"
)  # moto warns; an error would end its server's answer


@pytest.fixture
def aws(monkeypatch):
    """moto would refuse whatever a policy refuses under some condition: it reads no conditions."""
    credentials(monkeypatch)
    neutral = lambda *_: PermissionResult.NEUTRAL  # noqa: E731
    monkeypatch.setattr(FakeBucket, "get_permission", neutral)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with emulator() as address:
        made = Emulated(
            address.replace("127.0.0.1", "localhost")
        )  # as moto reads addresses of templates
        made.furnish()
        yield made


def test_a_long_template_is_deployed_from_a_bucket_that_somebody_agreed_to(aws):
    planned = plan(MANY)
    made = Deployment(planned, build_graph(planned, Path()), aws, Timing(sleep=lambda _: None))
    assert max(len(body_of(one)) for one in made.templates) > BODY_LIMIT_BYTES

    with pytest.raises(Conflict, match=f"the bucket {BUCKET}, which is not there.*--make-bucket"):
        made.deploy(Wishes("first"))
    assert BUCKET not in [one["Name"] for one in aws("s3", REGION).list_buckets()["Buckets"]]
    made.deploy(Wishes("second", make_bucket=True))

    (key,) = keys(aws.address, BUCKET)
    assert key.startswith("templates/")
    assert made.preview(Wishes("third")) == ()
    assert keys(aws.address, BUCKET) == [key]
    ours = [one["Name"] for one in aws("s3", REGION).list_buckets()["Buckets"]]
    assert len([one for one in ours if "pictures-of" in one]) == 60


def test_the_bucket_is_closed_encrypted_and_versioned(aws):
    Artefacts("many", aws, may_make=True).put("packages/a", b"1", REGION)

    s3, bucket = aws("s3", REGION), {"Bucket": BUCKET}
    assert set(s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values()) == {
        True
    }
    (rule,) = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
    rules = s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]
    assert {one["ID"]: one.get("Expiration", {}).get("Days") for one in rules} == {
        "templates": 30,
        "old-versions": None,
    }
    (refused,) = json.loads(s3.get_bucket_policy(**bucket)["Policy"])["Statement"]
    assert (refused["Effect"], refused["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_one_that_was_left_half_made_becomes_whole(aws):
    s3 = aws("s3", REGION)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})

    with pytest.raises(Conflict, match="--make-bucket"):
        Artefacts("many", aws).put("packages/a", b"1", REGION)
    Artefacts("many", aws, may_make=True).put("packages/a", b"1", REGION)

    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"


def test_what_lies_there_already_is_not_put_there_again(aws):
    shelf = Artefacts("many", aws, may_make=True)
    shelf.put("packages/a", b"1", REGION)
    shelf.put("packages/a", b"2", REGION)

    found = aws("s3", REGION).get_object(Bucket=BUCKET, Key="packages/a")
    assert found["Body"].read() == b"1"


def test_a_bucket_of_somebody_else_is_not_used():
    class Theirs:
        def __call__(self, service, region):
            return self

        def get_caller_identity(self):
            return {"Account": ACCOUNT}

        def head_bucket(self, **asked):
            assert asked["ExpectedBucketOwner"] == ACCOUNT
            raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")

    with pytest.raises(Invalid, match=f"AWS refused {BUCKET}"):
        Artefacts("many", Theirs(), may_make=True).put("packages/a", b"1", REGION)


def test_a_long_name_is_cut_and_stays_its_own():
    names = {bucket_name("a" * 31 + last, ACCOUNT, "ap-southeast-2") for last in "bc"}

    assert len(names) == 2
    assert {len(one) for one in names} == {63}

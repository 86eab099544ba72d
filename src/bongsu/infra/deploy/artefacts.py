"""What a deployment hands to AWS by a bucket: templates that are too long for a call, and packages of functions.

One bucket for each architecture, account and region: private, encrypted, versioned. It is made only when somebody
agrees. What lies in it is named after its content, so that the same thing is never put there twice.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from bongsu.infra.artefact_names import bucket_name
from bongsu.infra.deploy.aws import Clients, asking, code_of
from bongsu.infra.regions import EDGE
from bongsu.kit.errors import Conflict, Invalid
from bongsu.kit.i18n import say

TEMPLATE_DAYS = 30  # CloudFormation keeps a copy of its own
OLD_DAYS = 90
CLOSED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)


@dataclass(slots=True)
class Artefacts:
    """`may_make`: whether somebody agreed that buckets are made."""

    architecture: str
    clients: Clients
    may_make: bool = False
    _account: str = ""
    _ready: set[str] = field(default_factory=set)

    def put_template(self, text: str, region: str) -> str:
        """Its address. Raises Conflict where there is no bucket and nobody agreed to make one."""
        body = text.encode()
        key = f"templates/{hashlib.sha256(body).hexdigest()}.json"
        bucket = self.put(key, body, region)
        return f"{self.clients('s3', region).meta.endpoint_url}/{bucket}/{key}"

    def put(self, key: str, body: bytes, region: str) -> str:
        """The bucket. `key` names the content: what lies there already is left as it is."""
        bucket = self._bucket(region)
        ours = {"Bucket": bucket, "Key": key, "ExpectedBucketOwner": self.account}
        client = self.clients("s3", region)
        if not _is_there(client.head_object, ours, key):
            with asking(bucket):
                client.put_object(**ours, Body=body, ServerSideEncryption="AES256")
        return bucket

    @property
    def account(self) -> str:
        if not self._account:
            with asking("sts"):
                self._account = str(self.clients("sts", EDGE).get_caller_identity()["Account"])
        return self._account

    def _bucket(self, region: str) -> str:
        """Ready for use; one that was left half made becomes whole."""
        name = bucket_name(self.architecture, self.account, region)
        if name not in self._ready:
            client, asked = self.clients("s3", region), {"Bucket": name}
            asked["ExpectedBucketOwner"] = self.account
            stands = _is_there(client.head_bucket, asked, name)
            if not (stands and _is_there(client.get_bucket_policy, asked, name)):
                self._refuse_unasked(name)
                make_bucket(client, name, region, stands=stands)
            self._ready.add(name)
        return name

    def _refuse_unasked(self, name: str) -> None:
        if not self.may_make:
            raise Conflict(
                say(
                    "This needs the bucket {bucket}, which is not there. It would be private, encrypted and "
                    "versioned. If that is meant, say --make-bucket.",
                    bucket=name,
                )
            )


def make_bucket(client: Any, name: str, region: str, *, stands: bool = False) -> None:
    """Closed before anything lies in it. Its policy comes last: one with a policy is whole."""
    where = {} if region == EDGE else {"LocationConstraint": region}
    made = {"CreateBucketConfiguration": where} if where else {}
    with asking(name):
        if not stands:
            client.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerEnforced", **made)
        client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=CLOSED)
        client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=ENCRYPTION)
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        client.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": LIFECYCLE}
        )
        client.put_bucket_policy(Bucket=name, Policy=json.dumps(_tls_only(name)))


ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
LIFECYCLE = [
    {
        "ID": "templates",
        "Status": "Enabled",
        "Filter": {"Prefix": "templates/"},
        "Expiration": {"Days": TEMPLATE_DAYS},
    },
    {
        "ID": "old-versions",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": OLD_DAYS},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    },
]


def _tls_only(name: str) -> dict[str, Any]:
    everything = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    refused = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": everything}
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return {"Version": "2012-10-17", "Statement": [{**refused, "Condition": plain}]}


def _is_there(look: Any, asked: dict[str, str], what: str) -> bool:
    """Raises Invalid for one that is not ours to look at."""
    try:
        with asking(what):
            look(**asked)
    except Invalid as error:
        if code_of(error) not in ("404", "NoSuchBucket", "NoSuchBucketPolicy", "NoSuchKey"):
            raise
        return False
    return True

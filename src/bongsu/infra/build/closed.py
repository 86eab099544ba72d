"""What every bucket of ours is: encrypted, without owners of single objects, closed to the public."""

from typing import Any

SHUT = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
UNFINISHED_DAYS = 7
BY_POLICY = ("BlockPublicPolicy", "RestrictPublicBuckets")


def closed(*, public: bool = False) -> dict[str, Any]:
    """`public`: a policy may open it."""
    encryption = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    return {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {key: not (public and key in BY_POLICY) for key in SHUT},
    }


def expire(days: int, old_days: int | None = None) -> dict[str, Any]:
    """A rule of its life cycle: what is in it goes, and what was overwritten or deleted there `old_days` after."""
    rule = {"Id": "expire", "Status": "Enabled", "ExpirationInDays": days}
    old = {"NoncurrentVersionExpiration": {"NoncurrentDays": old_days}}
    return rule | (old if old_days is not None else {})


def unfinished() -> dict[str, Any]:
    """A rule of its life cycle: uploads that were given up are paid for until somebody takes them away."""
    after = {"DaysAfterInitiation": UNFINISHED_DAYS}
    return {"Id": "unfinished", "Status": "Enabled", "AbortIncompleteMultipartUpload": after}

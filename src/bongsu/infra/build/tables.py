"""DynamoDB: paid for by the request, kept when it is taken out of the file, restorable to the second."""

from typing import Any

from bongsu.infra.build.addresses import table
from bongsu.infra.build.site import Site
from bongsu.infra.model.data import Table

TYPES = {"string": "S", "number": "N", "binary": "B"}
STREAM = "NEW_AND_OLD_IMAGES"


def build(site: Site) -> None:
    for name, block in site.architecture.tables.items():
        path = ("tables", name)
        values = _values(block) | {"Tags": site.tags(name)}
        site.add("data", table(name).id, "AWS::DynamoDB::Table", path, values, keep="retain")


def _values(block: Table) -> dict[str, Any]:
    keys = [(block.key, block.key_type, "HASH")]
    keys += [(block.sort, block.sort_type, "RANGE")] if block.sort else []
    expires = {"AttributeName": block.expires, "Enabled": True} if block.expires else None
    return {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": TYPES[kind]} for name, kind, _ in keys
        ],
        "KeySchema": [{"AttributeName": name, "KeyType": role} for name, _, role in keys],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": block.recovery},
        "DeletionProtectionEnabled": block.delete_protection,
        "TimeToLiveSpecification": expires,
        "StreamSpecification": {"StreamViewType": STREAM} if block.stream else None,
    }

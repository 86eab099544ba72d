"""Which mails went out already: a table in DynamoDB, when one is named. Without it a retry may mail twice.

SES gives every mail a Message-ID of its own, so that nobody behind it could tell a repeat.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from bongsu.aws.clients import call
from bongsu.kit.errors import Conflict
from bongsu.kit.i18n import say

LEASE = timedelta(seconds=90)  # longer than the function may run; then its try counts as lost
KEPT = timedelta(days=14)  # longer than any retry of a stream or a bus
_FREE = "attribute_not_exists(pk) OR (attribute_not_exists(message_id) AND claimed_until < :now)"


@dataclass(frozen=True, slots=True)
class Sent:
    """`table`: keys pk and sk, both strings; TTL attribute `expires`. Empty: nothing is kept."""

    table: str = ""

    def claim(self, key: str, now: datetime) -> bool:
        """True: send it. False: it went out. Raises Conflict while another try has it."""
        if not self.table:
            return True
        item = self._key(key) | {
            "claimed_until": {"N": str(_seconds(now + LEASE))},
            "expires": {"N": str(_seconds(now + KEPT))},
        }
        try:
            call(
                "dynamodb",
                "put_item",
                TableName=self.table,
                Item=item,
                ConditionExpression=_FREE,
                ExpressionAttributeValues={":now": {"N": str(_seconds(now))}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            if "message_id" in error.response.get("Item", {}):
                return False
            said = say("Another try is sending this mail. It is looked at again.")
            raise Conflict(said) from error
        return True

    def keep(self, key: str, message_id: str) -> None:
        if self.table:
            self._set(key, "SET message_id = :value", {":value": {"S": message_id}})

    def give_back(self, key: str) -> None:
        """It did not go out: the next try need not wait for the claim to run out."""
        if self.table:
            self._set(key, "SET claimed_until = :value", {":value": {"N": "0"}})

    def _set(self, key: str, expression: str, values: dict[str, dict[str, str]]) -> None:
        call(
            "dynamodb",
            "update_item",
            TableName=self.table,
            Key=self._key(key),
            UpdateExpression=expression,
            ExpressionAttributeValues=values,
        )

    def _key(self, key: str) -> dict[str, dict[str, str]]:
        return {"pk": {"S": key}, "sk": {"S": "mail"}}


def _seconds(at: datetime) -> int:
    return int(at.timestamp())

"""What went wrong at AWS, by what can be done about it: pure.

slow     it asks us to slow down: later
refused  rights, or a table, bucket or topic that is not there: later, somebody may mend it meanwhile
wrong    the request itself: never
away     no answer, or a fault of theirs: later
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from bongsu.kit.text import head, one_line

TEXT_LIMIT = 200
Kind = Literal["slow", "refused", "wrong", "away"]
SLOW = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
WRONG = frozenset(
    {
        "EntityTooLarge",
        "InvalidArgument",
        "InvalidParameter",
        "InvalidParameterValue",
        "ItemCollectionSizeLimitExceededException",
        "KeyTooLongError",
        "MalformedDetail",
        "MessageRejected",
        "SerializationException",
        "ValidationError",
        "ValidationException",
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    kind: Kind
    code: str
    text: str
    retry_after_s: float | None = None

    @property
    def permanent(self) -> bool:
        return self.kind == "wrong"


def fault_of(error: ClientError | BotoCoreError) -> Fault:
    if isinstance(error, ParamValidationError):
        return Fault("wrong", type(error).__name__, _short(str(error)))
    if isinstance(error, BotoCoreError):
        return Fault("away", type(error).__name__, _short(str(error)))
    detail, meta = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code = str(detail.get("Code", "unknown"))
    status = int(meta.get("HTTPStatusCode", 0))
    return Fault(
        kind_of(code, status),
        code,
        _short(str(detail.get("Message", ""))),
        _retry_after_s(meta.get("HTTPHeaders", {})),
    )


def kind_of(code: str, status: int = 0) -> Kind:
    """By AWS's code; where it says nothing, by the status of the answer."""
    if code in SLOW or status == 429:
        return "slow"
    if code in WRONG:
        return "wrong"
    return "away" if status >= 500 or code.startswith("Internal") else "refused"


def _retry_after_s(headers: Mapping[str, Any]) -> float | None:
    text = str(headers.get("retry-after", ""))
    return float(text) if text.isdecimal() and len(text) < 6 else None


def _short(text: str) -> str:
    return head(one_line(text), TEXT_LIMIT)

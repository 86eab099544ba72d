"""What went wrong at AWS, told apart by what can be done about it."""

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

from bongsu.aws.faults import Fault, fault_of, kind_of


def client_error(code: str, status: int = 400, message: str = "", **headers: str) -> ClientError:
    meta = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": meta}, "PutItem"
    )


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ProvisionedThroughputExceededException", 400, "slow"),
        ("ThrottlingException", 400, "slow"),
        ("SlowDown", 503, "slow"),
        ("Anything", 429, "slow"),
        ("ValidationException", 400, "wrong"),
        ("EntityTooLarge", 400, "wrong"),
        ("MalformedDetail", 0, "wrong"),
        ("AccessDeniedException", 400, "refused"),
        ("ResourceNotFoundException", 400, "refused"),
        ("NoSuchBucket", 404, "refused"),
        ("ExpiredTokenException", 403, "refused"),
        ("InternalServerError", 500, "away"),
        ("InternalFailure", 0, "away"),
        ("ServiceUnavailable", 503, "away"),
    ],
)
def test_a_code_says_what_can_be_done(code, status, kind):
    assert kind == kind_of(code, status)
    assert (kind == "wrong") == fault_of(client_error(code, status)).permanent


def test_the_pause_that_they_ask_for_is_kept():
    asked = client_error("SlowDown", 503, "Reduce\nyour rate", **{"retry-after": "30"})

    assert Fault("slow", "SlowDown", "Reduce your rate", 30.0) == fault_of(asked)
    assert fault_of(client_error("SlowDown", 503, **{"retry-after": "soon"})).retry_after_s is None


def test_no_answer_and_no_credentials_are_tried_again_and_a_wrong_parameter_is_not():
    away = [EndpointConnectionError(endpoint_url="http://x"), NoCredentialsError()]

    assert ["away", "away"] == [fault_of(error).kind for error in away]
    assert fault_of(ParamValidationError(report="Unknown parameter")).permanent


def test_what_they_say_is_one_short_line():
    assert 200 >= len(fault_of(client_error("X", message="a\n" * 500)).text)

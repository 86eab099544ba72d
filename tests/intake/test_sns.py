"""What is believed of a message of SNS: signed, fresh, with addresses of SNS's own. Everything else is refused."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bongsu.events.envelope import Event
from bongsu.events.pattern.compile import compile_pattern
from bongsu.intake.sources import cloudwatch
from bongsu.kit.errors import NotAllowed
from tests.intake import signed

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
PEM = signed.certificate(NOW)


@pytest.mark.parametrize("version", ["1", "2"])
def test_an_alarm_is_an_event_in_the_shape_of_eventbridge(version):
    body = signed.message(NOW, version=version, Message=signed.alarm(NOW), Subject='ALARM: "cpu"')

    found = cloudwatch.parse(body, PEM, NOW)

    assert (found.type, found.source) == ("CloudWatch Alarm State Change", "aws.cloudwatch")
    assert (found.subject, found.site, found.severity) == (signed.ARN, "ap-northeast-2", 4)
    assert found.sender == "123456789012"
    assert found.data["state"]["value"] == "ALARM"
    assert found.data["previousState"] == {"value": "OK"}
    assert found.data["configuration"]["metrics"] == [
        {
            "id": "m1",
            "metricStat": {
                "metric": {
                    "namespace": "AWS/RDS",
                    "name": "CPUUtilization",
                    "dimensions": {"DBInstanceIdentifier": "orders-1"},
                },
                "period": 60,
                "stat": "Average",
            },
            "returnData": True,
        }
    ]


def test_a_pattern_of_aws_pastes_in_unchanged():
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [{"prefix": "shop-"}], "state": {"value": ["ALARM"]}},
    }
    found = cloudwatch.parse(signed.message(NOW, Message=signed.alarm(NOW)), PEM, NOW)
    event = Event(
        seq=1, id="e", source=found.source, type=found.type, subject=found.subject, resources=(),
        time=found.time, recorded=NOW, workspace="bongsu", site=found.site, data=dict(found.data),
        correlation=None, causation=None, depth=0, severity=4, actor="intake/x", dedup_key=None,
    )  # fmt: skip

    assert compile_pattern(pattern).matches(event.match_view())


def test_several_metrics_stand_as_eventbridge_lists_them():
    metric = {"MetricName": "Errors", "Namespace": "AWS/Lambda", "Dimensions": []}
    trigger = {
        "Metrics": [
            {"Id": "all", "Expression": "m1", "Label": "all", "ReturnData": True},
            {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
        ]
    }  # fmt: skip
    body = signed.message(NOW, Message=signed.alarm(NOW, Trigger=trigger))

    first, second = cloudwatch.parse(body, PEM, NOW).data["configuration"]["metrics"]

    assert first == {"id": "all", "returnData": True, "expression": "m1", "label": "all"}
    assert second["metricStat"]["metric"]["name"] == "Errors"


def test_what_is_no_alarm_is_said_and_not_swallowed():
    found = cloudwatch.parse(signed.message(NOW, Message="hello"), PEM, NOW)

    assert (found.type, found.data["message"]) == ("intake.not_understood", "hello")


def test_a_subscription_names_the_address_that_confirms_it():
    found = cloudwatch.parse(signed.confirmation(NOW), PEM, NOW)

    assert found.type == "intake.subscribed"
    assert found.confirm == (
        "https://sns.ap-northeast-2.amazonaws.com/?Action=ConfirmSubscription&Token=abc"
    )


def changed(body: bytes, **fields) -> bytes:
    return json.dumps(json.loads(body) | fields).encode()


GOOD = signed.message(NOW, Message=signed.alarm(NOW))
FORGED = {
    "another text": changed(GOOD, Message=signed.alarm(NOW, "OK")),
    "another type": changed(GOOD, Type="SubscriptionConfirmation", SubscribeURL="https://x", Token="t"),
    "no signature": changed(GOOD, Signature=""),
    "no base64": changed(GOOD, Signature="%%%"),
    "an unknown version": changed(GOOD, SignatureVersion="3"),
    "another version": changed(GOOD, SignatureVersion="2"),
    "a number": b"1",
    "no JSON": b"{",
    "deep": b"[" * 100_000,
    "raw delivery": signed.alarm(NOW).encode(),
    "no topic": changed(GOOD, TopicArn="arn:aws:sns:x"),
    "no time": changed(GOOD, Timestamp="yesterday"),
    "too old": signed.message(NOW - timedelta(hours=3), Message=signed.alarm(NOW)),
    "too early": signed.message(NOW + timedelta(hours=1), Message=signed.alarm(NOW)),
}  # fmt: skip
OTHERS = (
    "http://sns.ap-northeast-2.amazonaws.com/SimpleNotificationService-a.pem",
    "https://sns.ap-northeast-2.amazonaws.com.example.com/SimpleNotificationService-a.pem",
    "https://example.com/SimpleNotificationService-a.pem",
    "https://sns.ap-northeast-2.amazonaws.com@example.com/SimpleNotificationService-a.pem",
    "https://sns.ap-northeast-2.amazonaws.com:8443/SimpleNotificationService-a.pem",
    "https://bucket.s3.amazonaws.com/SimpleNotificationService-a.pem",
    "https://sns.ap-northeast-2.amazonaws.com/../SimpleNotificationService-a.pem",
    "https://sns.ap-northeast-2.amazonaws.com/other.pem",
    "https://sns.ap-northeast-2.amazonaws.com/SimpleNotificationService-a.pem?Action=GetEndpointAttributes",
    "https://[sns/SimpleNotificationService-a.pem",
)


@pytest.mark.parametrize("name", FORGED)
def test_what_is_not_proven_is_refused(name):
    with pytest.raises(NotAllowed):
        cloudwatch.parse(FORGED[name], PEM, NOW)


@pytest.mark.parametrize("url", OTHERS)
def test_no_other_address_is_asked_for_a_certificate(url):
    with pytest.raises(NotAllowed):
        cloudwatch.certificate_url(signed.message(NOW, SigningCertURL=url), NOW)


def test_no_other_address_is_asked_to_confirm():
    body = signed.message(
        NOW, Type="SubscriptionConfirmation", Token="t", SubscribeURL="https://10.0.0.1/latest"
    )

    with pytest.raises(NotAllowed):
        cloudwatch.parse(body, PEM, NOW)


def test_a_certificate_that_is_over_proves_nothing():
    with pytest.raises(NotAllowed):
        cloudwatch.parse(GOOD, signed.certificate(NOW, days=-1), NOW)
    with pytest.raises(NotAllowed):
        cloudwatch.parse(GOOD, b"no certificate", NOW)

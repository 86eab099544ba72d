"""Messages as SNS sends them, signed with a certificate of our own that lies at an address of SNS's form."""

import base64
import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from bongsu.intake.sources._sns import signed_text
from bongsu.kit.clock import iso
from bongsu.net.model import Request, Response

URL = "https://sns.ap-northeast-2.amazonaws.com/SimpleNotificationService-0123abcd.pem"
TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:shop-production-alarms"
ARN = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:shop-production-Orders-cpu"
HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(now: datetime, *, days: int = 300) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key().public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .sign(key(), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def message(now: datetime, *, version: str = "1", **fields: Any) -> bytes:
    """What is given in `fields` is signed; see `forged` for what is not."""
    values = {
        "Type": "Notification",
        "MessageId": "6f0c-1",
        "TopicArn": TOPIC,
        "Message": "hello",
        "Timestamp": iso(now),
        "SignatureVersion": version,
        "SigningCertURL": URL,
        **fields,
    }
    known = {name: value for name, value in values.items() if value is not None}
    if known["Type"] in ("Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"):
        signature = key().sign(signed_text(known), padding.PKCS1v15(), HASHES[version]())
        known["Signature"] = base64.b64encode(signature).decode()
    return json.dumps(known).encode()


def alarm(now: datetime, state: str = "ALARM", before: str = "OK", **more: Any) -> str:
    return json.dumps(
        {
            "AlarmName": "shop-production-Orders-cpu",
            "AlarmDescription": "orders: cpu",
            "AWSAccountId": "123456789012",
            "NewStateValue": state,
            "OldStateValue": before,
            "NewStateReason": "Threshold Crossed: 10 datapoints were greater than the threshold (80.0).",
            "StateChangeTime": now.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "Region": "Asia Pacific (Seoul)",
            "AlarmArn": ARN,
            "Trigger": {
                "MetricName": "CPUUtilization",
                "Namespace": "AWS/RDS",
                "Statistic": "AVERAGE",
                "Dimensions": [{"value": "orders-1", "name": "DBInstanceIdentifier"}],
                "Period": 60,
                "Threshold": 80.0,
            },
            **more,
        }
    )


def confirmation(now: datetime, **fields: Any) -> bytes:
    url = "https://sns.ap-northeast-2.amazonaws.com/?Action=ConfirmSubscription&Token=abc"
    return message(
        now,
        Type="SubscriptionConfirmation",
        MessageId="6f0c-0",
        Token="abc",
        SubscribeURL=url,
        **fields,
    )


class Aws:
    """What answers instead of the world; remembers what was asked."""

    def __init__(self, now: datetime, status: int = 200) -> None:
        self.pem, self.status = certificate(now), status
        self.asked: list[str] = []

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request.url)
        return Response(url=request.url, connected=True, status=self.status, body=self.pem)

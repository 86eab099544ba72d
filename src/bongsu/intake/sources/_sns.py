"""Messages of Amazon SNS over HTTP: what is signed, by whom, and whether it is fresh. Pure.

The signature covers named fields in a fixed order, each on two lines; its certificate lies at an address of SNS
itself, which is why nothing but that host is asked.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import Certificate, load_pem_x509_certificate

from bongsu.kit.clock import parse_iso
from bongsu.kit.errors import NotAllowed
from bongsu.kit.i18n import say

# SNS tries for an hour; what is older, or from the future, is somebody's copy.
OLDEST, AHEAD = timedelta(hours=2), timedelta(minutes=15)
# Whole addresses: no port, no user, no trailing dot. Behind a certificate's there is no query either, because SNS
# answers some with what a stranger has written there.
_OWN = r"https://sns\.[a-z0-9-]{4,30}\.amazonaws\.com(\.cn)?"
_CERTIFICATE = re.compile(_OWN + r"/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem")
_CONFIRMATION = re.compile(_OWN + r"/(\?[!-~]*)?")
_TOPIC = re.compile(r"arn:(aws[a-z-]*):sns:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_.-]{1,256})")
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBSCRIPTION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _SUBSCRIPTION,
    "UnsubscribeConfirmation": _SUBSCRIPTION,
}
_HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}  # SNS's own versions; 1 is what topics begin with


@dataclass(frozen=True, slots=True)
class Letter:
    """What SNS says it is, before anybody believes it."""

    fields: Mapping[str, str]
    region: str
    account: str
    at: datetime

    @property
    def type(self) -> str:
        return self.fields["Type"]

    @property
    def topic(self) -> str:
        return self.fields["TopicArn"]

    @property
    def certificate_url(self) -> str:
        return self.fields["SigningCertURL"]


def read(body: bytes, now: datetime) -> Letter:
    """Raises NotAllowed for what is no message of SNS, is old, or names a certificate that is not SNS's own."""
    fields = _fields(body)
    topic = _TOPIC.fullmatch(fields.get("TopicArn", ""))
    if topic is None or fields.get("Type") not in _SIGNED or not fields.get("MessageId"):
        raise NotAllowed(
            say(
                "This is no message of SNS. Raw message delivery must be off for this subscription."
            )
        )
    try:
        at = parse_iso(fields.get("Timestamp", ""))
    except ValueError:
        raise NotAllowed(say("The message does not say when it was sent.")) from None
    if not now - OLDEST <= at <= now + AHEAD:
        raise NotAllowed(
            say(
                "The message is of {time}: too old, or of a clock that goes wrong.",
                time=at.isoformat(),
            )
        )
    _own_address(fields.get("SigningCertURL", ""), _CERTIFICATE)
    return Letter(fields, topic[2], topic[3], at)


def prove(letter: Letter, pem: bytes, now: datetime) -> None:
    """Raises NotAllowed unless the certificate is in force and its key signed the message."""
    certificate = _certificate(pem, now)
    key, kind = certificate.public_key(), _HASHES.get(letter.fields.get("SignatureVersion", ""))
    try:
        signature = base64.b64decode(letter.fields.get("Signature", ""), validate=True)
        if kind is None or not isinstance(key, rsa.RSAPublicKey):
            raise InvalidSignature  # noqa: TRY301  one refusal for all that is not proven
        key.verify(signature, signed_text(letter.fields), padding.PKCS1v15(), kind())
    except (InvalidSignature, ValueError) as error:
        raise NotAllowed(say("The signature is not that of SNS. Nothing was taken.")) from error


def signed_text(fields: Mapping[str, str]) -> bytes:
    names = _SIGNED[fields["Type"]]
    return "".join(f"{name}\n{fields[name]}\n" for name in names if name in fields).encode()


def confirmation(letter: Letter) -> str:
    """The address that confirms a subscription. Raises NotAllowed for one that is not SNS's own."""
    url = letter.fields.get("SubscribeURL", "")
    _own_address(url, _CONFIRMATION)
    return url


def _own_address(url: str, known: re.Pattern[str]) -> None:
    if not known.fullmatch(url):
        raise NotAllowed(say("The message names an address that is not of SNS. Nothing was asked."))


def _certificate(pem: bytes, now: datetime) -> Certificate:
    try:
        found = load_pem_x509_certificate(pem)
    except ValueError as error:
        raise NotAllowed(say("The certificate of SNS cannot be read.")) from error
    if not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
        raise NotAllowed(say("The certificate of the signature is not in force."))
    return found


def _fields(body: bytes) -> dict[str, str]:
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}

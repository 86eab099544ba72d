"""Push applications: made once from keys in Secrets Manager, found again, gone with their environment."""

import json

import pytest

from bongsu.infra.deploy.aws import clients
from bongsu.infra.deploy.deployment import Deployment, Voice, Wishes
from bongsu.infra.deploy.givens import found_givens
from bongsu.infra.deploy.push import PushApplications
from bongsu.infra.deploy.state import Timing
from bongsu.infra.graph import Graph
from bongsu.infra.render.cfn import Template
from bongsu.kit.errors import Invalid
from tests.aws.emulator import REGION, credentials, emulator
from tests.infra.support import plan

KEY = "-----BEGIN PRIVATE KEY-----\nMIGTAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----"
APNS = {"key_id": "ABC123DEFG", "team_id": "TEAM123456", "key": KEY}
FCM = {"project_id": "shop", "client_email": "push@shop.example.com", "private_key": KEY}
PHONES = {
    "apns": {"bundle": "com.example.shop", "secret": "shop/apns"},
    "fcm": {"secret": "shop/fcm"},
}
ARN = f"arn:aws:sns:{REGION}:123456789012:app"


@pytest.fixture(scope="module")
def address():
    with emulator() as made:
        yield made


@pytest.fixture
def aws(address, monkeypatch):
    """Clients of an account without push applications."""
    credentials(monkeypatch)
    made = clients(address)
    for one in made("sns", REGION).list_platform_applications()["PlatformApplications"]:
        arn = one["PlatformApplicationArn"]
        made("sns", REGION).delete_platform_application(PlatformApplicationArn=arn)
    return made


def keep(aws, name, value):
    text = value if isinstance(value, str) else json.dumps(value)
    store = aws("secretsmanager", REGION)
    try:
        store.create_secret(Name=name, SecretString=text)
    except store.exceptions.ResourceExistsException:
        store.put_secret_value(SecretId=name, SecretString=text)


def push(aws, **phones):
    return PushApplications(plan(push__phones=PHONES | phones).architecture, aws)


def attributes(aws, platform):
    sns = aws("sns", REGION)
    arn = f"{ARN}/{platform}/shop-production-phones"
    return sns.get_platform_application_attributes(PlatformApplicationArn=arn)["Attributes"]


def test_they_are_made_once_and_take_up_a_new_key(aws):
    keep(aws, "shop/apns", APNS)
    keep(aws, "shop/fcm", FCM)

    first = [(one.id, one.status) for one in push(aws).make()]
    keep(aws, "shop/apns", APNS | {"key_id": "NEWKEY1234"})
    again = [(one.id, one.status) for one in push(aws).make()]

    assert first == [("phones/APNS", "CREATE_COMPLETE"), ("phones/GCM", "CREATE_COMPLETE")]
    assert {status for _, status in again} == {"UPDATE_COMPLETE"}
    apple = attributes(aws, "APNS")
    assert (apple["PlatformPrincipal"], apple["ApplePlatformTeamID"]) == (
        "NEWKEY1234",
        "TEAM123456",
    )
    assert apple["ApplePlatformBundleID"] == "com.example.shop"
    assert json.loads(attributes(aws, "GCM")["PlatformCredential"]) == FCM


def test_a_preview_says_what_would_be_made_and_makes_nothing(aws):
    shown = push(aws).preview()

    assert [(one.action, one.id) for one in shown] == [
        ("Add", "phones/APNS"),
        ("Add", "phones/GCM"),
    ]
    assert aws("sns", REGION).list_platform_applications()["PlatformApplications"] == []


def test_their_arn_is_known_before_they_are_there(aws):
    how = {"PushPhonesApns": "push:APNS/shop-production-phones"}
    template = Template("shop-production-app", "app", REGION, {}, how, {})

    assert found_givens(template, aws, {}) == {
        "PushPhonesApns": f"{ARN}/APNS/shop-production-phones"
    }


@pytest.mark.parametrize(
    "secret", ["not json", "[]", json.dumps({"key_id": "A"}), json.dumps(APNS | {"key": ""})]
)
def test_a_key_that_is_not_whole_is_named_and_never_shown(aws, secret):
    keep(aws, "shop/apns", secret)

    with pytest.raises(Invalid, match="The secret shop/apns is no key for phones/APNS") as refused:
        list(push(aws).make())

    assert not {word for word in ("BEGIN", "not json") if word in str(refused.value)}


def test_a_secret_that_is_not_there_is_named(aws):
    with pytest.raises(Invalid, match="shop/none"):
        list(push(aws, apns={"bundle": "a.b", "secret": "shop/none"}).make())
    with pytest.raises(Invalid, match="phones/APNS has no key"):
        list(push(aws, apns={"bundle": "a.b"}).make())


def test_a_deployment_shows_makes_and_takes_them_away(aws):
    keep(aws, "shop/apns", APNS)
    keep(aws, "shop/fcm", FCM)
    timing = Timing(sleep=lambda _: None)
    made = Deployment(plan(push__phones=PHONES), Graph(), aws, timing)
    body = {"AWSTemplateFormatVersion": "2010-09-09"}
    topic = {"Resources": {"Alarms": {"Type": "AWS::SNS::Topic"}}}
    made.templates = (Template("shop-production-app", "app", REGION, body | topic, {}, {}),)
    shown, told = {}, []
    voice = Voice(lambda stack, found: shown.update({stack: len(found)}), told.append)

    made.preview(Wishes("first"), voice)
    assert shown["shop-production-push"] == 2
    made.deploy(Wishes("second"), voice)
    assert [one.id for one in told[:2]] == ["phones/APNS", "phones/GCM"]
    assert attributes(aws, "APNS")["PlatformPrincipal"] == "ABC123DEFG"

    made.delete(Wishes("third"), voice, unprotect=True)
    assert aws("sns", REGION).list_platform_applications()["PlatformApplications"] == []

"""What a template leaves open is found, or its name is said."""

import pytest
from botocore.exceptions import ClientError

from bongsu.infra.deploy.aws import clients
from bongsu.infra.deploy.givens import found_givens, refuse_without_roles
from bongsu.infra.render.cfn import Template
from bongsu.kit.errors import Invalid
from tests.infra.deploy.test_stacks import Told

ZONE = {"Id": "/hostedzone/Z1", "Name": "example.com.", "Config": {"PrivateZone": False}}
INNER = {**ZONE, "Id": "/hostedzone/Z2", "Config": {"PrivateZone": True}}
NEXT = {**ZONE, "Id": "/hostedzone/Z3", "Name": "example.net."}


def found(client: Told, images=None, body=None, **givens):
    body = body or {"Resources": {}, "Parameters": {}}
    template = Template("shop-app", "app", "ap-northeast-2", body, givens, {})
    return found_givens(template, lambda service, region: client, images or {})


def test_the_public_zone_of_exactly_this_name_is_taken():
    client = Told(list_hosted_zones_by_name=[{"HostedZones": [INNER, ZONE, NEXT]}])

    assert found(client, Zone="zone:example.com") == {"Zone": "Z1"}


@pytest.mark.parametrize(
    ("zones", "said"),
    [([NEXT, INNER], "no public zone for example.com"), ([ZONE, ZONE], "has 2 public zones")],
)
def test_no_zone_or_two_are_said(zones, said):
    with pytest.raises(Invalid, match=said):
        found(Told(list_hosted_zones_by_name=[{"HostedZones": zones}]), Zone="zone:example.com")


def test_prefix_lists_are_found_by_name():
    lists = {"PrefixLists": [{"PrefixListName": "com.aws.one", "PrefixListId": "pl-1"}]}

    assert found(Told(describe_managed_prefix_lists=[lists]), P="prefix-list:com.aws.one") == {
        "P": "pl-1"
    }
    with pytest.raises(Invalid, match=r"ap-northeast-2 has no prefix list com\.aws\.two"):
        found(Told(describe_managed_prefix_lists=[lists]), P="prefix-list:com.aws.two")


def test_images_are_given_by_people():
    assert found(Told(), {"web": "r/web:1"}, Image="image:web") == {"Image": "r/web:1"}
    with pytest.raises(Invalid, match="--image web=REGISTRY/NAME:TAG"):
        found(Told(), Image="image:web")


def test_the_code_of_functions_lies_where_people_put_it():
    codes = {"notify": "s3://packages/notify/1.zip"}

    assert found(Told(), codes, B="code-bucket:notify", K="code-key:notify") == {
        "B": "packages",
        "K": "notify/1.zip",
    }
    with pytest.raises(Invalid, match="--code notify=s3://BUCKET/KEY"):
        found(Told(), {"notify": "s3://packages"}, K="code-key:notify")


def test_the_newest_image_of_machines_is_found_under_aws_s_public_name_of_it():
    client = Told(get_parameter=[{"Parameter": {"Value": "ami-1"}}])

    assert found(client, Ami="ami:al2023-arm") == {"Ami": "ami-1"}
    (name,) = (values["Name"] for _, values in client.asked)
    assert name == "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
    with pytest.raises(Invalid, match="no machine image odd"):
        found(Told(), Ami="ami:odd")


def test_the_authority_of_rds_is_imported_into_dms_once_by_a_person():
    known = {"Certificates": [{"CertificateArn": "arn:aws:dms:ap-northeast-2:1:cert:A"}]}
    missing = ClientError({"Error": {"Code": "ResourceNotFoundFault", "Message": "no"}}, "op")

    given = found(Told(describe_certificates=[known]), C="dms-certificate:rds-ca")
    assert given == {"C": "arn:aws:dms:ap-northeast-2:1:cert:A"}
    for answer in (missing, {"Certificates": []}):
        with pytest.raises(Invalid, match="import-certificate --certificate-identifier rds-ca"):
            found(Told(describe_certificates=[answer]), C="dms-certificate:rds-ca")


def roles(client: Told, kind: str) -> None:
    body = {"Resources": {"One": {"Type": kind}}}
    refuse_without_roles(Template("s", "data", "ap-northeast-2", body, {}, {}), lambda *_: client)


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetRole")


def test_a_migration_asks_for_the_accounts_own_role_first():
    kind = "AWS::DMS::ReplicationSubnetGroup"

    roles(Told(get_role=[{}]), kind)
    roles(Told(get_role=[refusal("NoSuchEntity")]), "AWS::S3::Bucket")
    with pytest.raises(Invalid, match="DMS needs the role dms-vpc-role"):
        roles(Told(get_role=[refusal("NoSuchEntity")]), kind)
    with pytest.raises(Invalid, match="DMS needs the role dms-cloudwatch-logs-role"):
        roles(Told(get_role=[{}, refusal("NoSuchEntity")]), kind)
    with pytest.raises(Invalid, match="AccessDenied"):
        roles(Told(get_role=[refusal("AccessDenied")]), kind)


def test_an_unknown_profile_is_said(monkeypatch):
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    with pytest.raises(Invalid, match="AWS cannot be used"):
        clients(profile="nobody")

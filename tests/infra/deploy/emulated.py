"""moto as AWS for a deployment, with what its change sets lack: outputs, and protection from deletion."""

import json
import urllib.request
from typing import Any

from bongsu.infra.build.groups import CLOUDFRONT_LIST
from bongsu.infra.build.migrations import ACCOUNT_ROLES
from bongsu.infra.deploy.aws import clients
from bongsu.infra.model.architecture import Architecture
from tests.aws.emulator import REGION

PACKAGES, PACKAGE = "packages", "bongsu.zip"  # where the code of functions lies
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
KEPT = ("StackName", "TemplateBody", "TemplateURL", "Parameters", "Tags", "Capabilities")


class Emulated:
    """Clients for one address. Stacks that are made by a change set have no outputs in moto 5.2, so what a
    change set says is done by the plain calls; the changes that it lists are moto's own."""

    def __init__(self, address: str) -> None:
        address = address.replace("127.0.0.1", "localhost")  # as moto reads addresses of templates
        self.address, self._clients = address, clients(address)
        self._patched: dict[str, Any] = {}
        self.protected: set[str] = set()

    def __call__(self, service: str, region: str) -> Any:
        made = self._clients(service, region)
        if service == "cloudformation" and region not in self._patched:
            self._patched[region] = self._patch(made)
        return made

    def _patch(self, client: Any) -> Any:
        asked: dict[str, dict[str, Any]] = {}
        propose, describe = client.create_change_set, client.describe_stacks
        delete = client.delete_stack

        def create_change_set(**values: Any) -> Any:
            asked[values["ChangeSetName"] + values["StackName"]] = values
            return propose(**values)

        def execute_change_set(*, StackName: str, ChangeSetName: str, **_: Any) -> None:  # noqa: N803
            values = asked[ChangeSetName + StackName]
            given = {key: values[key] for key in KEPT if key in values}
            if values["ChangeSetType"] == "CREATE":
                client.delete_stack(StackName=StackName)
                client.create_stack(**given)
            else:
                client.update_stack(**given)

        def update_termination_protection(
            **values: Any,
        ) -> None:
            on = values["EnableTerminationProtection"]
            (self.protected.add if on else self.protected.discard)(values["StackName"])

        def describe_stacks(**values: Any) -> Any:
            answer = describe(**values)
            for one in answer["Stacks"]:
                one["EnableTerminationProtection"] = one["StackName"] in self.protected
            return answer

        def delete_stack(*, StackName: str) -> None:  # noqa: N803
            """moto leaves route tables behind, and then cannot delete their network."""
            try:
                delete(StackName=StackName)
            except client.exceptions.ClientError:
                self._clear_route_tables()
                delete(StackName=StackName)

        for method in (
            delete_stack,
            create_change_set,
            execute_change_set,
            update_termination_protection,
            describe_stacks,
        ):
            setattr(client, method.__name__, method)
        return client

    def _clear_route_tables(self) -> None:
        ec2 = self("ec2", REGION)
        for table in ec2.describe_route_tables()["RouteTables"]:
            if not any(one.get("Main") for one in table["Associations"]):
                for one in table["Associations"]:
                    ec2.disassociate_route_table(AssociationId=one["RouteTableAssociationId"])
                ec2.delete_route_table(RouteTableId=table["RouteTableId"])

    def furnish(self, region: str = REGION) -> str:
        """What every account has before a deployment: the zone, CloudFront's addresses, the role of DMS, the
        package of functions; and a certificate, whose name it gives, since moto's CloudFormation makes none."""
        urllib.request.urlopen(f"{self.address}/moto-api/reset", b"", timeout=5).close()
        zones = self("route53", REGION)
        zones.create_hosted_zone(Name="example.com", CallerReference="1")
        for role in ACCOUNT_ROLES:
            self("iam", REGION).create_role(RoleName=role, AssumeRolePolicyDocument="{}")
        self("ec2", region).create_managed_prefix_list(
            PrefixListName=CLOUDFRONT_LIST, MaxEntries=1, AddressFamily="IPv4"
        )
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        named = {} if region == "us-east-1" else where
        self("s3", region).create_bucket(Bucket=PACKAGES, **named)
        self("s3", region).put_object(Bucket=PACKAGES, Key=PACKAGE, Body=EMPTY_ZIP)
        certificate = self("acm", region).request_certificate(DomainName="example.com")
        return str(certificate["CertificateArn"])


def keep_keys(aws: Any, architecture: Architecture) -> None:
    """What a team has got from Apple and Google before it deploys: keys of push, in Secrets Manager."""
    apple = {"key_id": "A1B2C3D4E5", "team_id": "F6G7H8I9J0", "key": "-----BEGIN PRIVATE KEY-----"}
    google = {
        "type": "service_account",
        "project_id": "mobile",
        "private_key": "k",
        "client_email": "a@b",
    }
    for push in architecture.push.values():
        for platform, block in push.platforms.items():
            text = json.dumps(google if platform == "GCM" else apple)
            store = aws("secretsmanager", architecture.region)
            store.create_secret(Name=block.secret, SecretString=text)

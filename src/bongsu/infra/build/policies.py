"""IAM: documents, statements that allow, and roles whose policies stand inside them. Nothing has a fixed name."""

from collections.abc import Mapping, Sequence
from typing import Any

from bongsu.document import Path
from bongsu.infra.build.addresses import (
    bus,
    database_secret,
    push_application,
    queue,
    stream,
    table,
    topic,
)
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub
from bongsu.infra.places import PLACE

Statement = dict[str, Any]
VERSION = "2012-10-17"


def document(*statements: Statement) -> dict[str, Any]:
    return {"Version": VERSION, "Statement": list(statements)}


def allow(
    actions: Sequence[str], resources: Sequence[Any], condition: dict[str, Any] | None = None
) -> Statement:
    made = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return made | ({"Condition": condition} if condition else {})


def only_tls(resources: Sequence[Any], actions: str) -> Statement:
    """A denial for whoever comes without TLS."""
    return {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def of_this_account() -> dict[str, Any]:
    """So that a service of AWS cannot be talked into acting here for another account."""
    return {"StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")}}


def taken_by(service: str | Sub, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    """The document of a role that one service of AWS takes."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return document(trust | ({"Condition": condition} if condition else {}))


def inline(policies: Mapping[str, Sequence[Statement]]) -> list[dict[str, Any]] | None:
    """`policies`: name → statements; those without any are left out. None where nothing is left."""
    return [
        {"PolicyName": name, "PolicyDocument": document(*statements)}
        for name, statements in policies.items()
        if statements
    ] or None


def role(
    site: Site,
    id: str,  # noqa: A002
    path: Path,
    service: str,
    policies: Mapping[str, Sequence[Statement]],
    tags: str,
    condition: dict[str, Any] | None = None,
) -> Ref:
    """In the stack `app`."""
    values = {
        "AssumeRolePolicyDocument": taken_by(service, condition),
        "Policies": inline(policies),
        "Tags": site.tags(tags),
    }
    return site.add("app", id, "AWS::IAM::Role", path, values)


# --- what the plan grants


def granted(site: Site, part: str) -> list[Statement]:
    """The rights of a part's own role: exactly what the plan gives. Who may write may also read."""
    statements: list[Statement] = []
    for grant in site.plan.grants:
        if grant.part == part and grant.target in site.architecture.buckets:
            statements += _bucket(site, grant.target, grant.access)
        if grant.part == part and grant.target in site.architecture.tables:
            statements.append(_table(grant.target, grant.access))
        if grant.part == part:
            statements += _news(site, grant.target)
            statements += _messages(site, grant.target, grant.access)
    return statements


def _bucket(site: Site, bucket: str, access: str) -> list[Statement]:
    objects = ["s3:GetObject"]
    if access == "write":
        objects += ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    return [
        allow(objects, [site.bucket_arn(bucket, "/*")]),
        allow(["s3:ListBucket"], [site.bucket_arn(bucket)]),
    ]


READS = ("DescribeTable", "GetItem", "BatchGetItem", "Query", "Scan")
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem")


def _table(name: str, access: str) -> Statement:
    names = READS + (WRITES if access == "write" else ())
    return allow([f"dynamodb:{name}" for name in names], [Att(table(name).id, "Arn")])


def _news(site: Site, target: str) -> list[Statement]:
    """To publish on exactly that bus, to send from exactly that identity."""
    if target in site.architecture.events:
        return [allow(["events:PutEvents"], [Att(bus(target).id, "Arn")])]
    if sender := site.architecture.mail.get(target):
        identity = site.account_arn(f"ses:identity/{sender.domain}")
        return [allow(["ses:SendEmail", "ses:SendRawEmail"], [identity])]
    return []


TAKE: tuple[str, ...] = (
    "ReceiveMessage",
    "DeleteMessage",
    "ChangeMessageVisibility",
    "GetQueueAttributes",
)
READ_STREAM: tuple[str, ...] = (
    "DescribeStream",
    "DescribeStreamSummary",
    "GetRecords",
    "GetShardIterator",
    "ListShards",
    "SubscribeToShard",
)


SEND = ("SendMessage", "GetQueueAttributes", "GetQueueUrl")
WRITE_STREAM = ("PutRecord", "PutRecords", "DescribeStreamSummary")


def _messages(site: Site, target: str, access: str) -> list[Statement]:
    architecture = site.architecture
    if target in architecture.topics:
        return [allow(["sns:Publish"], [topic(target)])]
    if target in architecture.queues:
        calls = TAKE if access == "receive" else SEND
        return [allow([f"sqs:{name}" for name in calls], [Att(queue(target).id, "Arn")])]
    if target in architecture.streams:
        puts = READ_STREAM if access == "read" else WRITE_STREAM
        return [allow([f"kinesis:{name}" for name in puts], [Att(stream(target).id, "Arn")])]
    return _push(site, target, access) if target in architecture.push else []


def _push(site: Site, name: str, access: str) -> list[Statement]:
    """To the devices of exactly these applications; who registers devices may look after them as well."""
    platforms = site.architecture.push[name].platforms
    devices = [
        site.account_arn(f"sns:endpoint/{platform}/{site.name(name)}/*") for platform in platforms
    ]
    sends = allow(["sns:Publish"], devices)
    if access == "send":
        return [sends]
    cares = [
        f"sns:{verb}"
        for verb in ("GetEndpointAttributes", "SetEndpointAttributes", "DeleteEndpoint")
    ]
    applications = [push_application(site, name, platform) for platform in platforms]
    return [sends, allow(cares, devices), allow(["sns:CreatePlatformEndpoint"], applications)]


# --- functions in a network

INTERFACES = (
    "CreateNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "DeleteNetworkInterface",
    "AssignPrivateIpAddresses",
    "UnassignPrivateIpAddresses",
)


def may_join_network(site: Site) -> list[Statement]:
    """For Lambda itself, which names no narrower resource; the code of a function is denied the same calls."""
    calls = [f"ec2:{name}" for name in INTERFACES]
    code = {"ArnLike": {"lambda:SourceFunctionArn": site.account_arn("lambda:function:*")}}
    return [allow(calls, ["*"]), allow(calls, ["*"], code) | {"Effect": "Deny"}]


# --- secrets

SSM = "ssm:"


def secret_arn(site: Site, name: str) -> Sub | Ref:
    """`${database}` is the secret of a database here, `ssm:/name` a parameter, everything else a secret's name."""
    if database := PLACE.fullmatch(name):
        return database_secret(database[1])
    return _named(site, name)


def _named(site: Site, name: str) -> Sub:
    if name.startswith(SSM):
        return site.account_arn(f"ssm:parameter/{name.removeprefix(SSM).lstrip('/')}")
    return site.account_arn(f"secretsmanager:secret:{name}")


def secret_reference(name: str) -> Sub | str:
    """What a program that looks up its secrets itself is told: `ssm:/name`, `secretsmanager:name`."""
    if name.startswith(SSM):
        return name
    found = PLACE.fullmatch(name)
    if found:
        return Sub("secretsmanager:${Secret}", {"Secret": database_secret(found[1])})
    return f"secretsmanager:{name}"


def may_read_secrets(site: Site, names: Sequence[str], parameters: str) -> list[Statement]:
    """`parameters`: the action for parameters; ECS asks for several at once, the command line for one."""
    each = list(dict.fromkeys(names))
    plain = [_whole_arn(site, name) for name in each if not name.startswith(SSM)]
    others = [_named(site, name) for name in each if name.startswith(SSM)]
    statements = []
    if plain:
        statements.append(allow(["secretsmanager:GetSecretValue"], plain))
    if others:
        statements.append(allow([parameters], others))
    return statements


def _whole_arn(site: Site, name: str) -> Sub | Ref:
    """AWS ends a secret's ARN in six characters that nobody knows beforehand."""
    arn = secret_arn(site, name)
    return arn if isinstance(arn, Ref) else Sub(f"{arn.text}-??????")

"""AWS Lambda: each function's log, role, code, and the queue that keeps what failed to the last."""

from typing import Any

from bongsu.infra.build.addresses import filled, queue, stream, table
from bongsu.infra.build.policies import (
    READ_STREAM,
    TAKE,
    Statement,
    allow,
    document,
    granted,
    may_join_network,
    may_read_secrets,
    role,
    secret_reference,
)
from bongsu.infra.build.site import Site
from bongsu.infra.build.triggers import triggers
from bongsu.infra.graph import Att, Given, Ref, logical_id
from bongsu.infra.model.functions import Function

LAMBDA = "lambda.amazonaws.com"
LOG_DAYS = {True: 90, False: 14}  # in production, elsewhere
LETTERS_S = 14 * 24 * 3600  # as long as SQS keeps anything
EVENT_AGE_S = 6 * 3600
STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")

TAGS = tuple(f"s3:{verb}Object{of}Tagging" for verb in ("Get", "Put") for of in ("", "Version"))


def build(site: Site) -> None:
    for name, block in site.architecture.functions.items():
        _Function(site, name, block).build()


class _Function:
    def __init__(self, site: Site, name: str, block: Function) -> None:
        self.site, self.name, self.block = site, name, block
        self.path = ("functions", name)

    def build(self) -> None:
        log = self._log()
        letters = self._letters() if self.block.dead_letters else None
        own = self._role(log, letters)
        function = self._function(log, own)
        self._retries(function, letters)
        triggers(self.site, self.name, self.block, function, letters)

    def add(self, word: str, type: str, values: dict[str, Any]) -> Ref:  # noqa: A002
        return self.site.add("app", logical_id(word, self.name), type, self.path, values)

    def _log(self) -> Ref:
        values = {
            "LogGroupName": f"/{self.site.architecture.stem}/functions/{self.name}",
            "RetentionInDays": LOG_DAYS[self.site.architecture.production],
            "Tags": self.site.tags(self.name),
        }
        return self.add("log-group", "AWS::Logs::LogGroup", values)

    def _letters(self) -> Ref:
        """Dead letters, encrypted; the rules of EventBridge may put theirs there too."""
        values = {
            "MessageRetentionPeriod": LETTERS_S,
            "SqsManagedSseEnabled": True,
            "Tags": self.site.tags(self.name, "dead-letters"),
        }
        letters = self.add("dead-letters", "AWS::SQS::Queue", values)
        statement = allow(["sqs:SendMessage"], [Att(letters.id, "Arn")])
        rules = {"aws:SourceArn": self.site.account_arn("events:rule/*")}
        statement |= {
            "Principal": {"Service": "events.amazonaws.com"},
            "Condition": {"ArnLike": rules},
        }
        policy = {"Queues": [letters], "PolicyDocument": document(statement)}
        self.add("policy-of-letters", "AWS::SQS::QueuePolicy", policy)
        return letters

    def _role(self, log: Ref, letters: Ref | None) -> Ref:
        writes = ["logs:CreateLogStream", "logs:PutLogEvents"]
        secrets = list(self.block.secrets.values())
        policies = {
            "log": [allow(writes, [Att(log.id, "Arn")])],
            "use": granted(self.site, self.name),
            "streams": self._streams(),
            "uploads": self._uploads(),
            "network": may_join_network(self.site) if self.block.network else [],
            "secrets": may_read_secrets(self.site, secrets, "ssm:GetParameter"),
            "dead-letters": [allow(["sqs:SendMessage"], [Att(letters.id, "Arn")])]
            if letters
            else [],
        }
        id = logical_id("role-of-function", self.name)  # noqa: A001
        return role(self.site, id, self.path, LAMBDA, policies, f"{self.name}-role")

    def _streams(self) -> list[Statement]:
        tables = dict.fromkeys(one.table for one in self.block.on if one.table)
        streams = [Att(table(name).id, "StreamArn") for name in tables]
        found = [allow([f"dynamodb:{name}" for name in STREAM], streams)] if streams else []
        queues = [Att(queue(one.queue).id, "Arn") for one in self.block.on if one.queue]
        if queues:
            found.append(allow([f"sqs:{name}" for name in TAKE], queues))
        records = [Att(stream(one.stream).id, "Arn") for one in self.block.on if one.stream]
        if records:
            found.append(allow([f"kinesis:{name}" for name in READ_STREAM], records))
        return found

    def _uploads(self) -> list[Statement]:
        """An event names the version that came; who writes may also say on the object what became of it."""
        objects, tags = [], []
        for name in dict.fromkeys(one.bucket for one in self.block.on if one.bucket):
            arn = self.site.bucket_arn(name, "/*")
            objects += [arn] if name in self.block.uses else []
            tags += [arn] if self.block.uses.get(name) == "write" else []
        found = [allow(["s3:GetObjectVersion"], objects)] if objects else []
        return [*found, allow(TAGS, tags)] if tags else found

    def _function(self, log: Ref, own: Ref) -> Ref:
        block, site = self.block, self.site
        values: dict[str, Any] = {
            name: filled(site, text) for name, text in block.environment.items()
        }
        values |= {name: secret_reference(text) for name, text in block.secrets.items()}
        return self.add(
            "function",
            "AWS::Lambda::Function",
            {
                "Code": self._code(),
                "Handler": block.handler,
                "Runtime": block.runtime,
                "Architectures": ["arm64" if block.architecture == "arm" else "x86_64"],
                "MemorySize": block.memory_mib,
                "Timeout": block.timeout_s,
                "Role": Att(own.id, "Arn"),
                "LoggingConfig": {"LogGroup": log},
                "Environment": {"Variables": values} if values else None,
                "VpcConfig": self._network(),
                "Tags": site.tags(self.name),
            },
        )

    def _network(self) -> dict[str, Any] | None:
        if self.block.network is None:
            return None
        return {
            "SubnetIds": self.site.part_subnets(self.site.plan.parts[self.name]),
            "SecurityGroupIds": [self.site.group(self.name)],
        }

    def _code(self) -> dict[str, Given]:
        """Where the pipeline has put the package; the deployment is told."""
        return {
            "S3Bucket": Given(logical_id("code-bucket", self.name), f"code-bucket:{self.name}"),
            "S3Key": Given(logical_id("code-key", self.name), f"code-key:{self.name}"),
        }

    def _retries(self, function: Ref, letters: Ref | None) -> None:
        """Of calls that nobody waits for; those of a stream have their own."""
        failed = {"OnFailure": {"Destination": Att(letters.id, "Arn")}} if letters else None
        values = {
            "FunctionName": function,
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": self.block.retries,
            "MaximumEventAgeInSeconds": EVENT_AGE_S,
            "DestinationConfig": failed,
        }
        self.add("retries", "AWS::Lambda::EventInvokeConfig", values)

"""SNS topics, SQS queues with their dead letters, Kinesis streams, and which queue hears which topic."""

from typing import Any

from bongsu.document import Path
from bongsu.infra.artefact_names import FIFO
from bongsu.infra.build.addresses import queue, stream, topic
from bongsu.infra.build.policies import Statement, allow, document, only_tls
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, logical_id
from bongsu.infra.model.messages import Heard, Queue, Stream
from bongsu.infra.plan.messages import visibility_s

DAY_S = 24 * 3600
LETTERS_S = 14 * DAY_S  # as long as SQS keeps anything
POLL_S = 20  # who asks an empty queue waits for a message instead of asking again
SNS = "sns.amazonaws.com"


def build(site: Site) -> None:
    for name, told in site.architecture.topics.items():
        values = {"KmsMasterKeyId": "alias/aws/sns", "Tags": site.tags(name)}
        if told.fifo:
            values |= _in_order("Topic", site.name(name))
        site.add("data", topic(name).id, "AWS::SNS::Topic", ("topics", name), values)
    for name, block in site.architecture.queues.items():
        _Queue(site, name, block).build()
    for name, kinesis in site.architecture.streams.items():
        _stream(site, name, kinesis)


def _in_order(kind: str, name: str) -> dict[str, Any]:
    """By its words a message is known, so that whoever sends it twice is forgiven."""
    return {f"Fifo{kind}": True, f"{kind}Name": name + FIFO, "ContentBasedDeduplication": True}


def _stream(site: Site, name: str, block: Stream) -> None:
    mode = "ON_DEMAND" if block.shards is None else "PROVISIONED"
    values = {
        "StreamModeDetails": {"StreamMode": mode},
        "ShardCount": block.shards,
        "RetentionPeriodHours": block.keep_hours,
        "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
        "Tags": site.tags(name),
    }
    site.add("data", stream(name).id, "AWS::Kinesis::Stream", ("streams", name), values)


class _Queue:
    def __init__(self, site: Site, name: str, block: Queue) -> None:
        self.site, self.name, self.block = site, name, block
        self.path: Path = ("queues", name)
        self.me = queue(name)

    def build(self) -> None:
        letters = self._letters() if self.block.dead_letters else None
        values = {
            "VisibilityTimeout": visibility_s(self.site.architecture, self.name),
            "MessageRetentionPeriod": self.block.keep_days * DAY_S,
            "ReceiveMessageWaitTimeSeconds": POLL_S,
            "SqsManagedSseEnabled": True,
            "RedrivePolicy": self._redrive(letters) if letters else None,
            "Tags": self.site.tags(self.name),
        }
        self.add(self.me.id, "AWS::SQS::Queue", values | self._order())
        self._policy()
        for heard in self.block.on:
            self._subscription(heard)

    def add(self, id: str, type: str, values: dict[str, Any]) -> Ref:  # noqa: A002
        return self.site.add("data", id, type, self.path, values)

    def _order(self, *words: str) -> dict[str, Any]:
        """The dead letters of such a queue are one themselves: AWS takes no other."""
        return _in_order("Queue", self.site.name(self.name, *words)) if self.block.fifo else {}

    def _letters(self) -> Ref:
        values = {
            "MessageRetentionPeriod": LETTERS_S,
            "SqsManagedSseEnabled": True,
            "Tags": self.site.tags(self.name, "dead-letters"),
        }
        values |= self._order("dead-letters")
        return self.add(logical_id("dead-letters", self.name), "AWS::SQS::Queue", values)

    def _redrive(self, letters: Ref) -> dict[str, Any]:
        return {
            "deadLetterTargetArn": Att(letters.id, "Arn"),
            "maxReceiveCount": self.block.tries,
        }

    def _policy(self) -> None:
        """Who may send by an own role needs no word here; topics do."""
        arn = Att(self.me.id, "Arn")
        statements = [only_tls([arn], "sqs:*"), *self._topics(arn)]
        policy = {"Queues": [self.me], "PolicyDocument": document(*statements)}
        self.add(logical_id("policy-of-queue", self.name), "AWS::SQS::QueuePolicy", policy)

    def _topics(self, arn: Att) -> list[Statement]:
        heard = dict.fromkeys(one.topic for one in self.block.on)
        if not heard:
            return []
        topics = {"aws:SourceArn": [topic(name) for name in heard]}
        sends = allow(["sqs:SendMessage"], [arn], {"ArnEquals": topics})
        return [sends | {"Principal": {"Service": SNS}}]

    def _subscription(self, heard: Heard) -> None:
        """Raw: what was told is what the queue holds, without SNS's envelope."""
        values = {
            "TopicArn": topic(heard.topic),
            "Protocol": "sqs",
            "Endpoint": Att(self.me.id, "Arn"),
            "RawMessageDelivery": True,
            "FilterPolicy": heard.filter,
        }
        id = logical_id("hears", self.name, heard.topic)  # noqa: A001
        self.add(id, "AWS::SNS::Subscription", values)

"""What starts a function: rules of EventBridge (uploads, patterns, schedules), streams, queues, topics."""

import json
from typing import Any

from bongsu.document import Path
from bongsu.infra.build.addresses import bus, queue, stream, table, topic
from bongsu.infra.build.buckets import bucket
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, logical_id
from bongsu.infra.model.functions import Function, Trigger

BATCH = 25
BATCH_OF_QUEUE, BATCH_OF_STREAM = 10, 100
WAIT_S = 1  # for a batch to fill
AGE_S = 24 * 3600  # what is older is a dead letter
STREAM_TRIES = {
    0: 0,
    1: 3,
    2: 10,
}  # a batch that fails holds up its shard: more than two, and then aside


def triggers(site: Site, name: str, block: Function, function: Ref, letters: Ref | None) -> None:
    for index, trigger in enumerate(block.on):
        path: Path = ("functions", name, "on", index)
        words = (str(index + 1), name) if len(block.on) > 1 else (name,)
        if trigger.topic:
            _subscription(site, words, path, trigger, function)
        elif trigger.table or trigger.queue or trigger.stream:
            values = _mapping(block, trigger, function, letters)
            site.add(
                "app", logical_id("stream", *words), "AWS::Lambda::EventSourceMapping", path, values
            )
        else:
            _rule(site, words, path, block, trigger, function, letters)


def _mapping(
    block: Function, trigger: Trigger, function: Ref, letters: Ref | None
) -> dict[str, Any]:
    """Of a queue what failed comes back by itself, and goes to the queue's own dead letters at last."""
    if trigger.queue:
        return {
            "FunctionName": function,
            "EventSourceArn": Att(queue(trigger.queue).id, "Arn"),
            "BatchSize": BATCH_OF_QUEUE,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }
    shared = _of_shards(block, function, letters)
    if trigger.stream:
        arn = Att(stream(trigger.stream).id, "Arn")
        return {**shared, "EventSourceArn": arn, "BatchSize": BATCH_OF_STREAM}
    names = [change.upper() for change in trigger.changes]
    return {
        **shared,
        "EventSourceArn": Att(table(str(trigger.table)).id, "StreamArn"),
        "BatchSize": BATCH,
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps({"eventName": names})}]},
    }


def _of_shards(block: Function, function: Ref, letters: Ref | None) -> dict[str, Any]:
    """From the oldest record on; a batch that fails is halved, so that one bad record stands alone at last."""
    failed = {"OnFailure": {"Destination": Att(letters.id, "Arn")}} if letters else None
    return {
        "FunctionName": function,
        "StartingPosition": "TRIM_HORIZON",
        "MaximumBatchingWindowInSeconds": WAIT_S,
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": STREAM_TRIES[block.retries],
        "MaximumRecordAgeInSeconds": AGE_S,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "DestinationConfig": failed,
    }


def _subscription(
    site: Site, words: tuple[str, ...], path: Path, trigger: Trigger, function: Ref
) -> None:
    told = topic(str(trigger.topic))
    values = {
        "TopicArn": told,
        "Protocol": "lambda",
        "Endpoint": Att(function.id, "Arn"),
        "FilterPolicy": trigger.filter,
    }
    site.add("app", logical_id("hears", *words), "AWS::SNS::Subscription", path, values)
    allowed = {
        "FunctionName": function,
        "Action": "lambda:InvokeFunction",
        "Principal": "sns.amazonaws.com",
        "SourceArn": told,
    }
    site.add("app", logical_id("may-start", *words), "AWS::Lambda::Permission", path, allowed)


def _rule(
    site: Site,
    words: tuple[str, ...],
    path: Path,
    block: Function,
    trigger: Trigger,
    function: Ref,
    letters: Ref | None,
) -> None:
    target = {
        "Id": words[-1],
        "Arn": Att(function.id, "Arn"),
        "RetryPolicy": {"MaximumRetryAttempts": block.retries, "MaximumEventAgeInSeconds": AGE_S},
    }
    if letters:
        target["DeadLetterConfig"] = {"Arn": Att(letters.id, "Arn")}
    values = {"State": "ENABLED", "Targets": [target], **_when(trigger)}
    if trigger.bus:
        values["EventBusName"] = bus(trigger.bus)
    made = site.add("app", logical_id("event-rule", *words), "AWS::Events::Rule", path, values)
    allowed = {
        "FunctionName": function,
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
        "SourceArn": Att(made.id, "Arn"),
    }
    site.add("app", logical_id("may-start", *words), "AWS::Lambda::Permission", path, allowed)


def _when(trigger: Trigger) -> dict[str, Any]:
    if trigger.schedule:
        return {"ScheduleExpression": trigger.schedule}
    return {"EventPattern": trigger.pattern or _uploads(trigger)}


def _uploads(trigger: Trigger) -> dict[str, Any]:
    detail: dict[str, Any] = {"bucket": {"name": [bucket(str(trigger.bucket))]}}
    if trigger.prefix:
        detail["object"] = {"key": [{"prefix": trigger.prefix}]}
    return {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}

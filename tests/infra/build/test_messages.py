"""Topics, queues and streams: what is told arrives, what fails is kept, and nobody has more rights than needed."""

import pytest

from bongsu.infra.cost.lines import lines_of
from bongsu.infra.cost.prices import load_prices
from bongsu.infra.cost.traffic import month
from bongsu.infra.draw.layout import layout
from bongsu.infra.drill.drill import drill
from bongsu.infra.drill.losses import Loss
from bongsu.infra.graph import Att, Given, Ref
from bongsu.kit.errors import Invalid
from tests.infra.build.worked import all_errors, properties
from tests.infra.support import graph, plan, source

FUNCTION = {"handler": "bongsu.functions.push.handler", "timeout_s": 20}
APNS = {"bundle": "com.example.shop", "secret": "shop/apns"}
GIVEN = {
    "topics__news": {},
    "queues__jobs": {"on": [{"topic": "news", "filter": {"kind": ["push"]}}]},
    "streams__clicks": {},
    "push__phones": {"apns": APNS, "fcm": {"secret": "shop/fcm"}},
    "functions__push": FUNCTION
    | {"on": [{"queue": "jobs"}, {"stream": "clicks"}], "uses": {"phones": "send"}},
}


def made(**more):
    return graph(**(GIVEN | more))


def rights(found, role, policy):
    policies = properties(found, role)["Policies"]
    statements = [
        s for p in policies if p["PolicyName"] == policy for s in p["PolicyDocument"]["Statement"]
    ]
    return {action: s["Resource"] for s in statements for action in s["Action"]}


def test_a_queue_hides_a_message_six_times_as_long_as_its_function_may_take():
    assert properties(made(), "QueueJobs")["VisibilityTimeout"] == 120
    alone = {"functions__push": None, "services__web__uses__jobs": "receive"}
    assert properties(made(**alone), "QueueJobs")["VisibilityTimeout"] == 60
    given = {"queues__jobs": {"visibility_s": 900}}
    assert properties(made(**given), "QueueJobs")["VisibilityTimeout"] == 900


def test_what_fails_five_times_is_kept_apart_for_two_weeks():
    found = made()

    redrive = properties(found, "QueueJobs")["RedrivePolicy"]
    assert redrive == {"deadLetterTargetArn": Att("DeadLettersJobs", "Arn"), "maxReceiveCount": 5}
    assert properties(found, "DeadLettersJobs")["MessageRetentionPeriod"] == 14 * 24 * 3600
    alarms = [one.id for one in found.of_type("AWS::CloudWatch::Alarm")]
    assert {"AlarmQueueJobsAge", "AlarmDeadLettersJobsDeadLetters"} <= set(alarms)


def test_a_queue_hears_its_topic_and_admits_no_other():
    found = made()

    heard = properties(found, "HearsJobsNews")
    assert heard["RawMessageDelivery"] is True
    assert heard["FilterPolicy"] == {"kind": ["push"]}
    *_, statement = properties(found, "PolicyOfQueueJobs")["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": [Ref("TopicNews")]}}
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}


def test_a_function_is_told_by_a_topic_itself():
    found = made(functions__ear=FUNCTION | {"on": [{"topic": "news", "filter": {"kind": ["big"]}}]})

    assert properties(found, "HearsEar")["Protocol"] == "lambda"
    assert properties(found, "MayStartEar")["SourceArn"] == Ref("TopicNews")


def test_a_batch_is_given_back_in_parts():
    found = made()

    queue, stream = properties(found, "Stream1Push"), properties(found, "Stream2Push")
    assert queue["EventSourceArn"] == Att("QueueJobs", "Arn")
    assert "DestinationConfig" not in queue
    assert stream["EventSourceArn"] == Att("KinesisClicks", "Arn")
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == Att("DeadLettersPush", "Arn")
    for one in (queue, stream):
        assert one["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize(
    ("block", "mode", "shards"), [({}, "ON_DEMAND", None), ({"shards": 2}, "PROVISIONED", 2)]
)
def test_a_stream_grows_by_itself_unless_it_has_shards(block, mode, shards):
    found = properties(made(streams__clicks=block), "KinesisClicks")

    assert found["StreamModeDetails"] == {"StreamMode": mode}
    assert found.get("ShardCount") == shards


@pytest.mark.parametrize(
    ("used", "access", "action", "target"),
    [
        ("news", "send", "sns:Publish", Ref("TopicNews")),
        ("jobs", "send", "sqs:SendMessage", Att("QueueJobs", "Arn")),
        ("jobs", "receive", "sqs:DeleteMessage", Att("QueueJobs", "Arn")),
        ("clicks", "write", "kinesis:PutRecords", Att("KinesisClicks", "Arn")),
        ("clicks", "read", "kinesis:GetRecords", Att("KinesisClicks", "Arn")),
    ],
)
def test_each_use_has_its_right_and_no_other(used, access, action, target):
    found = made(services__web__uses={used: access})

    given = rights(found, "TaskRoleWeb", "use")
    assert given[action] == [target]
    assert {one.partition(":")[0] for one in given} == {action.partition(":")[0]}


def test_who_pushes_reaches_devices_of_its_own_applications_only():
    found = made(services__web__uses={"phones": "write"})

    sends = rights(found, "RoleOfFunctionPush", "use")
    assert list(sends) == ["sns:Publish"]
    assert [one.text.rpartition(":")[2] for one in sends["sns:Publish"]] == [
        "endpoint/APNS/shop-production-phones/*",
        "endpoint/GCM/shop-production-phones/*",
    ]
    registers = rights(found, "TaskRoleWeb", "use")["sns:CreatePlatformEndpoint"]
    assert registers == [
        Given("PushPhonesApns", "push:APNS/shop-production-phones"),
        Given("PushPhonesGcm", "push:GCM/shop-production-phones"),
    ]


def test_a_program_is_told_where_they_are():
    environment = {"ALL": "${news} ${jobs} ${clicks} ${phones}"}
    found = made(services__web__environment=environment)

    (container,) = properties(found, "DefinitionWeb")["ContainerDefinitions"]
    text = container["Environment"][0]["Value"]
    assert text.text == "${News} ${Jobs} ${Clicks} ${PushPhonesApns},${PushPhonesGcm}"
    assert text.values["Jobs"] == Ref("QueueJobs")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"queues__jobs": {"on": [{"topic": "gossip"}]}}, "There is no gossip in topics"),
        ({"queues__jobs": {"on": [{"topic": "news"}] * 2}}, "jobs listens to news twice"),
        ({"push__phones": {}}, "Name apns, fcm or both"),
        ({"functions__more": FUNCTION | {"on": [{"queue": "jobs"}]}}, "each message goes to one of"),
        ({"functions__more": FUNCTION | {"on": [{"stream": "news"}]}}, "no news in streams"),
        ({"functions__more": FUNCTION | {"on": [{"queue": "jobs", "filter": {"a": ["b"]}}]}}, "is for a topic"),
        ({"services__web__uses": {"news": "receive"}}, "receive does not fit news"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_refused_by_name(changes, said):
    with pytest.raises(Invalid) as refused:
        source(**(GIVEN | changes))

    assert said in " ".join(str(one.what) for one in refused.value.problems)


def test_the_drill_says_that_messages_wait_when_nobody_is_left_to_take_them():
    uses = {"services__web__uses": {"orders": "connect", "late": "send"}}
    worker = {
        "image": {"build": "worker"},
        "scale": {"min": 1, "max": 1},
        "uses": {"late": "receive"},
    }
    on = plan(**(GIVEN | uses | {"queues__late": {"keep_days": 2}, "services__worker": worker}))

    outcome = drill(on, [Loss("copy", "worker")])

    assert outcome.standings["late"].state == outcome.standings["web"].state == "degraded"
    assert str(outcome.standings["late"].why[0]) == "Messages wait in late for 2 days."
    assert outcome.standings["worker"].state == "down"
    assert outcome.standings["jobs"].state == "serves"


def test_each_has_its_lines_in_the_bill():
    lines = lines_of(plan(**GIVEN), load_prices(), month("expected"))
    found = {(line.part, line.service, line.item): line.usd for line in lines}

    for key in (
        ("news", "sns", "publish"),
        ("jobs", "sqs", "requests"),
        ("clicks", "kinesis", "stream"),
        ("phones", "sns", "push"),
    ):
        assert found[key] > 0
    parted = lines_of(
        plan(**(GIVEN | {"streams__clicks": {"shards": 2}})), load_prices(), month("low")
    )
    assert next(line.quantity for line in parted if line.item == "shard") == 2 * 730


def test_they_are_drawn_with_lines_from_who_tells_to_who_hears():
    lines = {
        (line.wanted.source.part, line.wanted.target.part) for line in layout(plan(**GIVEN)).lines
    }

    assert {("news", "jobs"), ("jobs", "push"), ("clicks", "push"), ("push", "phones")} <= lines


# --- in order

ORDERED = {
    "topics__news": {"fifo": True},
    "queues__jobs": {"fifo": True, "on": [{"topic": "news"}]},
}


def test_a_queue_with_an_order_is_one_by_its_name_too_and_so_are_its_dead_letters():
    found = made(**ORDERED)

    for id, name in (("QueueJobs", "jobs"), ("DeadLettersJobs", "jobs-dead-letters")):  # noqa: A001
        asked = properties(found, id)
        assert (asked["FifoQueue"], asked["ContentBasedDeduplication"]) == (True, True)
        assert asked["QueueName"] == f"shop-production-{name}.fifo"
    told = properties(found, "TopicNews")
    assert (told["FifoTopic"], told["ContentBasedDeduplication"]) == (True, True)
    assert told["TopicName"] == "shop-production-news.fifo"
    mapping = properties(found, "Stream1Push")
    assert (mapping["BatchSize"], "MaximumBatchingWindowInSeconds" in mapping) == (10, False)
    assert "FifoQueue" not in properties(made(), "QueueJobs")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"topics__news": {}}, "jobs keeps an order that news does not have"),
        ({"queues__jobs": {"on": [{"topic": "news"}]}}, "jobs would lose the order of news"),
        ({"functions__more": FUNCTION | {"on": [{"topic": "news"}]}}, "news starts no function: it has an order"),
        ({"environment": "production", "name": "an-architecture-of-28-letter",
          "load_balancers__front__access_logs": False, "buckets": None, "services": None,
          "queues__a-queue-of-letters-and-more-of": {"fifo": True}},
         "would have 88 characters in SQS"),
    ],
)  # fmt: skip
def test_an_order_that_somebody_would_break_is_refused_by_name(changes, said):
    with pytest.raises(Invalid) as refused:
        source(**(GIVEN | ORDERED | changes))

    assert said in " ".join(str(one.what) for one in refused.value.problems)


def test_an_order_has_its_price_and_is_drawn():
    on = plan(**(GIVEN | ORDERED))
    found = {
        (line.part, line.item): line for line in lines_of(on, load_prices(), month("expected"))
    }

    assert found["jobs", "requests:fifo"].usd == pytest.approx(1.5)
    assert {item for part, item in found if part == "news"} == {
        "publish:fifo", "publish:fifo:gb", "deliver:fifo",
    }  # fmt: skip
    assert {"SNS, in order", "SQS, in order"} <= {str(box.below) for box in layout(on).boxes}


def test_the_templates_with_an_order_are_ones_that_aws_takes():
    on = plan(**(GIVEN | ORDERED))

    assert all_errors(on, graph(**(GIVEN | ORDERED))) == []

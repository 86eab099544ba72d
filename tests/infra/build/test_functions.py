"""Functions: their code is told at deployment, and nothing that starts them is lost in silence."""

import pytest

from bongsu.infra.cost.lines import lines_of
from bongsu.infra.cost.prices import load_prices
from bongsu.infra.cost.traffic import month
from bongsu.infra.draw.layout import layout
from bongsu.infra.drill.drill import drill_all
from bongsu.infra.graph import Att, Given, Ref
from bongsu.kit.errors import Invalid
from tests.infra.build.worked import properties
from tests.infra.support import graph, plan

TABLE = {"tables__journal": {"stream": True}}


def function(on=(), **more):
    return {"handler": "bongsu.functions.notify.handler", "on": list(on)} | more


def made(*on, **more):
    return graph(**TABLE, functions__notify=function(on, **more))


def statements(found, policy):
    policies = properties(found, "RoleOfFunctionNotify")["Policies"]
    return [
        s for p in policies if p["PolicyName"] == policy for s in p["PolicyDocument"]["Statement"]
    ]


def test_its_code_and_its_log_are_its_own():
    found = properties(made(memory_mib=1024, timeout_s=60), "FunctionNotify")

    assert found["Code"]["S3Key"] == Given("CodeKeyNotify", "code-key:notify")
    assert found["LoggingConfig"] == {"LogGroup": Ref("LogGroupNotify")}
    assert (found["MemorySize"], found["Timeout"], found["Architectures"]) == (1024, 60, ["arm64"])


@pytest.mark.parametrize("handler", ["handler", ".handler", "a.", "1.handler", "a." + "b" * 127])
def test_a_handler_that_lambda_would_refuse_is_refused_where_it_stands(handler):
    with pytest.raises(Invalid) as refused:
        plan(functions__notify=function(handler=handler))

    assert [one.where for one in refused.value.problems] == ["functions.notify.handler"]
    longest = plan(functions__notify=function(handler="a." + "b" * 126))
    assert len(longest.parts["notify"].block.handler) == 128


def test_a_stream_is_tried_again_in_halves_and_what_fails_is_kept():
    found = made({"table": "journal"})

    stream = properties(found, "StreamNotify")
    assert stream["EventSourceArn"] == Att("TableJournal", "StreamArn")
    assert stream["FilterCriteria"]["Filters"] == [{"Pattern": '{"eventName": ["INSERT"]}'}]
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == Att(
        "DeadLettersNotify", "Arn"
    )
    assert statements(found, "streams")[0]["Resource"] == [Att("TableJournal", "StreamArn")]


def test_uploads_come_by_a_rule_because_the_bucket_stands_before_the_function():
    found = made({"bucket": "pictures", "prefix": "in/"}, uses={"pictures": "write"})

    pattern = properties(found, "EventRuleNotify")["EventPattern"]
    assert pattern["detail"]["bucket"] == {"name": [Ref("BucketPictures")]}
    assert pattern["detail"]["object"] == {"key": [{"prefix": "in/"}]}
    assert "NotificationConfiguration" in properties(found, "BucketPictures")
    assert "NotificationConfiguration" not in properties(graph(), "BucketPictures")
    assert "s3:GetObjectVersion" in [a for s in statements(found, "uploads") for a in s["Action"]]


def test_rules_try_again_and_only_they_may_start_it():
    found = made({"schedule": "rate(1 day)"}, {"pattern": {"source": ["bongsu"]}})

    (target,) = properties(found, "EventRule2Notify")["Targets"]
    assert properties(found, "EventRule1Notify")["ScheduleExpression"] == "rate(1 day)"
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 2
    assert target["DeadLetterConfig"] == {"Arn": Att("DeadLettersNotify", "Arn")}
    assert properties(found, "MayStart1Notify")["SourceArn"] == Att("EventRule1Notify", "Arn")


def test_a_team_may_switch_letters_off():
    found = made({"schedule": "rate(1 day)"}, dead_letters=False, retries=0)

    assert "DeadLettersNotify" not in found.resources
    assert properties(found, "RetriesNotify")["MaximumRetryAttempts"] == 0
    assert "DeadLetterConfig" not in properties(found, "EventRuleNotify")["Targets"][0]


def test_errors_throttles_and_letters_have_alarms():
    names = [one.properties["AlarmName"] for one in made().of_type("AWS::CloudWatch::Alarm")]

    for ending in ("Notify-errors", "Notify-throttles", "Notify-dead-letters"):
        assert any(name.endswith(ending) for name in names)


def test_it_is_paid_for_by_what_it_does():
    lines = lines_of(
        plan(**TABLE, functions__notify=function([{"table": "journal"}])),
        load_prices(),
        month("expected"),
    )

    found = {one.item: one.usd for one in lines if one.part == "notify"}

    assert set(found) == {"requests", "arm"}
    assert all(found.values())


def test_it_stands_outside_all_zones():
    planned = plan(**TABLE, functions__notify=function([{"table": "journal"}]))
    drawing = layout(planned)

    assert all(one.state != "down" for one in drill_all(planned) if one.losses[0].kind == "zone")
    assert [box.glyph for box in drawing.boxes if box.part == "notify"] == ["lambda"]
    assert [one.wanted.source.part for one in drawing.lines if one.wanted.target.part == "notify"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"functions__notify": function([{"table": "orders"}])}, "no orders in tables"),
        ({"functions__notify": function([{"table": "journal"}]), "tables__journal": {}}, "no stream"),
        ({"functions__notify": function(uses={"orders": "connect"})}, "cannot reach orders"),
        ({"functions__notify": function([{"bucket": "pictures", "table": "journal"}])}, "exactly one"),
        (
            {"functions__notify": function([{"bucket": "far"}]), "buckets__far": {"region": "us-west-2"}},
            "another region",
        ),
    ],
)  # fmt: skip
def test_what_cannot_start_it_or_be_reached_is_said(changes, said):
    with pytest.raises(Invalid) as refused:
        plan(**changes)

    assert any(said in str(problem.what) for problem in refused.value.problems)


def test_no_name_of_a_function_meets_that_of_another():
    two = [{"schedule": "rate(1 day)"}, {"schedule": "rate(2 days)"}]
    names = ("notify", "notify1", "role-notify", "policy-notify", "role-of-notify")

    found = graph(functions={name: function(two) for name in names})

    assert len(found.of_type("AWS::Lambda::Function")) == len(names)


PRIVATE = {
    "network": "main",
    "uses": {"orders": "connect"},
    "secrets": {"DATABASE_URL": "shop/database-url", "KEY": "ssm:/shop/key", "MASTER": "${orders}"},
}


def test_in_a_network_it_has_a_group_that_the_database_lets_in():
    found = made(**PRIVATE)

    config = properties(found, "FunctionNotify")["VpcConfig"]
    assert config["SubnetIds"] == [Ref("SubnetMainAppA"), Ref("SubnetMainAppB")]
    assert config["SecurityGroupIds"] == [Att("GroupNotify", "GroupId")]
    admitted = properties(found, "AdmitOrdersFromNotify5432")
    assert admitted["SourceSecurityGroupId"] == Att("GroupNotify", "GroupId")


def test_a_gateway_starts_it_without_coming_in_by_its_network():
    """Once its group was open to everybody, because a gateway in front is asked by everybody."""
    routes = [{"path": "/*", "function": "notify"}]
    found = graph(functions__notify=function(**PRIVATE), gateways__api={"routes": routes})

    assert "SecurityGroupIngress" not in properties(found, "GroupNotify")
    assert not [one.id for one in found.resources.values() if one.id.startswith("AdmitNotify")]


def test_lambda_may_make_its_interfaces_and_its_code_may_not():
    allowed, denied = statements(made(**PRIVATE), "network")

    assert (allowed["Effect"], denied["Effect"]) == ("Allow", "Deny")
    assert allowed["Action"] == denied["Action"]
    assert "lambda:SourceFunctionArn" in denied["Condition"]["ArnLike"]
    assert statements(made(), "network") == []


def test_a_secret_is_a_reference_and_exactly_its_right():
    found = made(**PRIVATE)

    variables = properties(found, "FunctionNotify")["Environment"]["Variables"]
    assert variables["DATABASE_URL"] == "secretsmanager:shop/database-url"
    assert variables["KEY"] == "ssm:/shop/key"
    assert variables["MASTER"].values == {"Secret": Ref("SecretOfOrders")}
    rights = {action: s["Resource"] for s in statements(found, "secrets") for action in s["Action"]}
    assert set(rights) == {"secretsmanager:GetSecretValue", "ssm:GetParameter"}
    assert [one for one in rights["secretsmanager:GetSecretValue"] if isinstance(one, Ref)] == [
        Ref("SecretOfOrders")
    ]


def test_what_it_calls_needs_a_way_out_and_its_interfaces_need_addresses():
    none = {"networks__main__nat": "none"}
    before, after = plan(**none), plan(**none, functions__notify=function(**PRIVATE))

    endpoints = {one.service for one in after.networks["main"].endpoints}
    assert {"secretsmanager", "ssm"} <= endpoints
    needed = [one.networks["main"].tier("app")[0].need for one in (before, after)]
    assert needed[1] > needed[0]


def test_with_all_its_zones_it_is_lost_and_with_its_database_too():
    on = plan(functions__notify=function(**PRIVATE))

    outcomes = {one.losses[0].name: one.standings["notify"] for one in drill_all(on)}
    assert outcomes["orders"].state == "degraded"
    pairs = {tuple(loss.name for loss in one.losses): one for one in drill_all(on, pairs=True)}
    assert pairs["a", "b"].standings["notify"].state == "down"


def test_it_is_drawn_in_its_zones():
    drawing = layout(plan(functions__notify=function(**PRIVATE)))

    assert {box.zone for box in drawing.boxes if box.part == "notify"} == {"a", "b"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"uses": {"orders": "connect"}}, "stands in no network and cannot reach orders"),
        ({"network": "other"}, "no other in networks"),
        ({"secrets": {"KEY": "${pictures}"}}, "is no secret of a database"),
        ({"secrets": {"KEY": "a"}, "environment": {"KEY": "b"}}, "KEY stands in environment and in secrets"),
    ],
)  # fmt: skip
def test_what_it_cannot_reach_or_read_is_refused(more, said):
    with pytest.raises(Invalid) as refused:
        plan(functions__notify=function(**more))

    assert said in " ".join(str(one.what) for one in refused.value.problems)
